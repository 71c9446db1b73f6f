"""A campaign back to its document and to YAML: what is read from it again is the same campaign.

Defaults are left out, so that a field added later changes no document and no digest of what stands already.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import time
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from wenhou.core.audience import EVERYBODY
from wenhou.core.campaigns import (
    Approval,
    ArticleTrigger,
    BusinessEventTrigger,
    Campaign,
    FestivalTrigger,
    Late,
    Limits,
    OnceTrigger,
    PersonalDateTrigger,
    RecurringTrigger,
    Step,
    StepCondition,
    TaskStep,
    Trigger,
)
from wenhou.services.audience_files import rule_document
from wenhou.services.opinion_files import opinion_document
from wenhou.services.yaml_reading import plain

_TYPES: Mapping[type[Trigger], str] = {
    FestivalTrigger: "festival",
    PersonalDateTrigger: "personal_date",
    BusinessEventTrigger: "business_event",
    ArticleTrigger: "article",
    OnceTrigger: "once",
    RecurringTrigger: "recurring",
}
# Anything else stands in quotes: a time, and what begins or holds a sign that YAML, or one reader of it, takes for its own.
_PLAIN = re.compile(r"[^\W\d](?:[\w \u3001\u3002\uff08\uff09\uff0c./-]*\w)?\Z")
_SHORT_ENOUGH = 96
_WIDE = 1_000_000
_DEFAULT_TASK = TaskStep(kind="call", title_zh="", title_en="")
_DEFAULT_STEP = Step(key="")


def campaign_document(campaign: Campaign) -> dict[str, Any]:
    """The document of a campaign, its fields in the order people read them."""
    document: dict[str, Any] = {
        "key": campaign.key,
        "name": {"zh-CN": campaign.name_zh, "en": campaign.name_en},
        "purpose": campaign.purpose.value,
        "trigger": _trigger(campaign.trigger),
    }
    optional: dict[str, tuple[Any, bool]] = {
        "occasion": (campaign.occasion, bool(campaign.occasion)),
        "audience": (rule_document(campaign.audience), campaign.audience != EVERYBODY),
        "org": (campaign.org, campaign.org is not None),
        "steps": (_steps(campaign.steps), True),
        "approval": (campaign.approval.value, campaign.approval is not Approval.ADVISOR),
        "late": (
            {"policy": campaign.late.value, "days": campaign.late_days},
            campaign.late is not Late.SKIP,
        ),
        "holdout": (_short(campaign.holdout_percent), campaign.holdout_percent > 0),
        "limits": (_limits(campaign.limits), campaign.limits != Limits()),
        "waves": (_waves(campaign), campaign.waves is not None),
        "plan_ahead_workdays": (campaign.plan_ahead_workdays, campaign.plan_ahead_workdays != 3),
        "priority": (campaign.priority, campaign.priority is not None),
        "product": (campaign.product, campaign.product is not None),
        "opinion": (
            opinion_document(campaign.opinion) if campaign.opinion is not None else None,
            campaign.opinion is not None,
        ),
    }
    document |= {name: value for name, (value, given) in optional.items() if given}
    switches = ("statutory", "refers", "seeds", "fallback_undelivered")
    return document | {name: True for name in switches if getattr(campaign, name)}


def write_campaign(campaign: Campaign) -> str:
    """The YAML text of a campaign."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = _WIDE
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_laid_out(campaign_document(campaign), 0), out)
    return out.getvalue()


def digest_of(campaign: Campaign) -> bytes:
    """The same for two texts that mean the same campaign."""
    document = json.dumps(plain(campaign_document(campaign)), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(document.encode()).digest()


def _trigger(trigger: Trigger) -> dict[str, Any]:
    made: dict[str, Any] = {"type": _TYPES[type(trigger)]}
    for one in fields(trigger):
        value = getattr(trigger, one.name)
        if value == one.default or (one.name == "workdays_after" and getattr(trigger, "at_once", False)):
            continue
        made[one.name] = (
            list(value) if isinstance(value, tuple) else str(value) if one.name == "every" else value
        )
    return made


def _steps(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    made = []
    number = 0
    for step in steps:
        number += step.task is None
        made.append(_step(step, number))
    return made


def _step(step: Step, number: int) -> dict[str, Any]:
    """`number`: the one it would have by its place."""
    made: dict[str, Any] = {"key": step.key}
    if step.task is not None:
        made["task"] = _task(step.task)
    else:
        made["template"] = step.template
        if step.alternative is not None:
            made["alternative"] = {
                "template": step.alternative.template,
                "percent": step.alternative.percent,
            }
        made["channels"] = list(step.channels)
        if step.number != number:
            made["number"] = step.number
    if step.after is not None:
        made["after"] = step.after
    if step.wait_days or step.wait_workdays:
        made["wait"] = f"{step.wait_days}d" if step.wait_days else f"{step.wait_workdays} workdays"
    if step.when:
        made["when"] = [_condition(one) for one in step.when]
    if step.only != EVERYBODY:
        made["only"] = rule_document(step.only)
    for name in ("send_at", "until", "valid_days", "asks"):
        if getattr(step, name) != getattr(_DEFAULT_STEP, name):
            value = getattr(step, name)
            made[name] = f"{value:%H:%M}" if isinstance(value, time) else value
    return made


def _task(task: TaskStep) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": task.kind, "title": {"zh-CN": task.title_zh, "en": task.title_en}}
    if task.due_at != _DEFAULT_TASK.due_at:
        made["due_at"] = f"{task.due_at:%H:%M}"
    return made


def _condition(condition: StepCondition) -> Any:
    made: Any
    if condition.fact == "event":
        made = {"event": condition.event} | ({"since": condition.of} if condition.of else {})
    elif condition.of is None:
        made = condition.fact if condition.at_most is None else {"rated_at_most": condition.at_most}
    else:
        made = {condition.fact: condition.of}
        if condition.at_most is not None:
            made["at_most"] = condition.at_most
    return made if condition.holds else {"not": made}


def _limits(limits: Limits) -> dict[str, Any]:
    values = {one.name: getattr(limits, one.name) for one in fields(limits)}
    return {name: _short(value) for name, value in values.items() if value is not None}


def _waves(campaign: Campaign) -> dict[str, Any] | None:
    waves = campaign.waves
    if waves is None:
        return None
    return {"percents": list(waves.percents), "observe_minutes": waves.observe_minutes}


def _short(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


def _laid_out(value: Any, depth: int) -> Any:
    """Short blocks on one line, times in quotes, as a person would write them."""
    match value:
        case dict():
            made = CommentedMap({name: _laid_out(inner, depth + 1) for name, inner in value.items()})
            if depth and _fits(value):
                made.fa.set_flow_style()
            return made
        case list():
            listed = CommentedSeq([_laid_out(inner, depth + 1) for inner in value])
            if all(not isinstance(one, dict | list) for one in value):
                listed.fa.set_flow_style()
            return listed
        case str() if not _PLAIN.match(value):
            return DoubleQuotedScalarString(value)
        case _:
            return value


def _fits(value: Mapping[str, Any]) -> bool:
    """Whether a block is short and flat enough for one line."""
    flat = all(
        not isinstance(one, dict)
        and not (isinstance(one, list) and any(isinstance(x, dict | list) for x in one))
        for one in value.values()
    )
    return flat and len(str(value)) <= _SHORT_ENOUGH
