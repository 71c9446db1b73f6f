"""The steps of a campaign document: words or a task, after which step, how long after, on what conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, TypeVar

from wenhou.core.audience import EVERYBODY
from wenhou.core.campaigns import (
    EVENT_KINDS,
    TASK_KINDS,
    AlternativeWords,
    Step,
    StepCondition,
    TaskStep,
)
from wenhou.core.channels import CHANNELS
from wenhou.services.campaign_reading import CampaignReader

ONLY_STEP = "message"
"""The key of the one step of a campaign that is written without steps."""
_SHARED = ("channels", "send_at", "until", "valid_days")
"""May stand beside `steps`, for every message that does not say otherwise."""
SHORTHAND = (*_SHARED, "template", "asks")
_MESSAGE_FIELDS = ("template", "alternative", "channels", "send_at", "until", "valid_days", "asks", "number")
_TASK_FIELDS = ("key", "task", "after", "wait", "when", "only")
_STEP_FIELDS = (*_TASK_FIELDS, *_MESSAGE_FIELDS)
_ASKED_OF_A_STEP = ("replied", "rated", "delivered", "read", "done")
_CONDITIONS = ("not", *_ASKED_OF_A_STEP, "rated_at_most", "event")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,58}\Z")
_WAIT = re.compile(r"(\d{1,3})\s*(d|days?|workdays?)\Z")
_MOST_STEPS, _LONGEST_WAIT = 20, 400
_STEPS = "steps"
"""The field whose faults these are: while there are any, the steps are not looked at together."""
_Spec = Mapping[str, Any]
_T = TypeVar("_T")
_D = TypeVar("_D")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenStep:
    """A step and where it is written."""

    step: Step
    spec: _Spec


def read_steps(reader: CampaignReader, top: _Spec, key: str) -> tuple[WrittenStep, ...]:
    """The steps in their order; a document without `steps` is one message. Complains, or raises InputError."""
    if "steps" not in top:
        fields = _message_fields(reader, top, {}, number=1, template=key)
        return (WrittenStep(step=Step(key=ONLY_STEP, **fields), spec=top),)
    for name in ("template", "asks"):
        if name in top:
            reader.complain(top, name, f"{name} belongs inside a step here, because the campaign has `steps`")
    specs = top["steps"]
    if not isinstance(specs, list) or not 1 <= len(specs) <= _MOST_STEPS:
        reader.fail(top, "steps", f"steps is a list of 1 to {_MOST_STEPS} blocks, each beginning `- key:`")
    shared = {name: top[name] for name in _SHARED if name in top}
    found: list[WrittenStep] = []
    number = 0
    for index, spec in enumerate(specs):
        number += not isinstance(spec, Mapping) or "task" not in spec
        step = _step_at(reader, specs, index, shared, number)
        if step is not None:
            found.append(WrittenStep(step=step, spec=spec))
    return tuple(found)


def _step_at(reader: CampaignReader, specs: Any, index: int, shared: _Spec, number: int) -> Step | None:
    def read() -> Step:
        spec = reader.mapping(specs[index], f"steps[{index}]", parent=specs, name=index)
        return _step(reader, spec, shared, number)

    return reader.take("steps", read, None)


def _step(reader: CampaignReader, spec: _Spec, shared: _Spec, number: int) -> Step:
    """A step; every broken field of it is complained of, and then holds a default."""
    key = reader.text(spec, "key")
    if not _KEY.match(key):
        reader.fail(
            spec, "key", f"{key!r} is no key of a step: use lower-case letters, digits and _, e.g. second"
        )
    reader.known(spec, _STEP_FIELDS, f"step {key}: ")
    days, workdays = reader.take(_STEPS, lambda: _wait(reader, spec), (0, 0))
    after = reader.take(_STEPS, lambda: _after(reader, spec), None)
    common: dict[str, Any] = {
        "key": key,
        "after": after,
        "wait_days": days,
        "wait_workdays": workdays,
        "when": reader.take(_STEPS, lambda: _conditions(reader, spec), ()),
        "only": reader.take(_STEPS, lambda: reader.rule(spec, "only", "only"), EVERYBODY),
    }
    if "task" not in spec:
        return Step(**common, **_message_fields(reader, spec, shared, number=number, template=None))
    for name in _MESSAGE_FIELDS:
        if name in spec:
            reader.complain(spec, name, f"a task has no {name}; give the task or a template, not both")
    return Step(**common, number=0, task=_task(reader, spec))


def _after(reader: CampaignReader, spec: _Spec) -> str | None:
    if spec.get("after") is not None:
        return reader.text(spec, "after")
    if "wait" in spec:
        reader.fail(spec, "wait", "a wait needs `after:`, the step whose day it is counted from")
    return None


def _message_fields(
    reader: CampaignReader, spec: _Spec, shared: _Spec, *, number: int, template: str | None
) -> dict[str, Any]:
    own = {**shared, **spec}

    def place(name: str) -> _Spec:
        """Where the field stands: in the step, or beside `steps`."""
        return shared if name in shared and name not in spec else spec

    def part(read: Callable[[], _T], default: _D) -> _T | _D:
        return reader.take(_STEPS, read, default)

    nine, eight = time(9, 30), time(20, 0)
    return {
        "number": part(lambda: reader.number(spec, "number", number, least=1, most=99), number),
        "template": part(lambda: reader.text(spec, "template", template), ""),
        "alternative": part(lambda: _alternative(reader, spec), None),
        "channels": part(lambda: _channels(reader, spec, own), ()),
        "send_at": part(lambda: reader.time(place("send_at"), "send_at", "09:30"), nine),
        "until": part(lambda: reader.time(place("until"), "until", "20:00"), eight),
        "valid_days": part(lambda: reader.number(place("valid_days"), "valid_days", 0, least=0, most=30), 0),
        "asks": part(lambda: _asks(reader, spec), None),
    }


def _asks(reader: CampaignReader, spec: _Spec) -> str | None:
    return reader.word(spec, "asks", ("csat", "nps")) if spec.get("asks") is not None else None


def _channels(reader: CampaignReader, spec: _Spec, own: _Spec) -> tuple[str, ...]:
    value = own.get("channels")
    if not isinstance(value, list) or not value:
        known = ", ".join(CHANNELS)
        reader.fail(
            spec, "channels", f"channels: give a list in the order to try, e.g. [wecom, sms]; known: {known}"
        )
    for index, channel in enumerate(value):
        if channel not in CHANNELS:
            reader.fail(value, index, f"channels: {reader.not_known(channel, CHANNELS)}")
        if value.count(channel) > 1:
            reader.fail(spec, "channels", f"{channel} stands twice")
    return tuple(str(channel) for channel in value)


def _alternative(reader: CampaignReader, spec: _Spec) -> AlternativeWords | None:
    if spec.get("alternative") is None:
        return None
    block = reader.mapping(spec["alternative"], "alternative", parent=spec, name="alternative")
    reader.known(block, ("template", "percent"), "alternative.")
    return AlternativeWords(
        template=reader.text(block, "template"), percent=reader.number(block, "percent", least=1, most=99)
    )


def _task(reader: CampaignReader, spec: _Spec) -> TaskStep:
    block = reader.mapping(spec["task"], "task", parent=spec, name="task")
    reader.known(block, ("kind", "title", "due_at"), "task.")
    title = block.get("title")
    names = title if isinstance(title, Mapping) else {"zh-CN": title, "en": title}
    reader.known(names, ("zh-CN", "en"), "task.title.")
    for locale in ("zh-CN", "en"):
        if not isinstance(names.get(locale), str) or not str(names[locale]).strip():
            reader.fail(block, "title", "title: give {zh-CN: …, en: …}, what the person should do")
    return TaskStep(
        kind=reader.word(block, "kind", TASK_KINDS),
        title_zh=str(names["zh-CN"]),
        title_en=str(names["en"]),
        due_at=reader.time(block, "due_at", "16:00"),
    )


def _wait(reader: CampaignReader, spec: _Spec) -> tuple[int, int]:
    """(days, workdays)."""
    value = spec.get("wait", "0d")
    match = _WAIT.match(value.strip()) if isinstance(value, str) else None
    if match is None or int(match[1]) > _LONGEST_WAIT:
        reader.fail(spec, "wait", f'wait is "3d" or "2 workdays", at most {_LONGEST_WAIT}, not {value!r}')
    amount = int(match[1])
    return (0, amount) if match[2].startswith("w") else (amount, 0)


def _conditions(reader: CampaignReader, spec: _Spec) -> tuple[StepCondition, ...]:
    value = spec.get("when", [])
    if not isinstance(value, list):
        reader.fail(spec, "when", "when is a list of conditions, e.g. [{not: replied}]")
    return tuple(_condition(reader, value, index, one) for index, one in enumerate(value))


def _condition(
    reader: CampaignReader, parent: Any, at: Any, value: Any, *, holds: bool = True
) -> StepCondition:
    if isinstance(value, str):
        if value not in _ASKED_OF_A_STEP:
            reader.fail(parent, at, f"when: {reader.not_known(value, _CONDITIONS)}")
        return StepCondition(fact=value, holds=holds)
    block = reader.mapping(value, "a condition", parent=parent, name=at)
    word = next((name for name in block if name in _CONDITIONS), None)
    if word is None:
        reader.fail(parent, at, f"when: {reader.not_known(next(iter(block), ''), _CONDITIONS)}")
    if word == "not":
        if not holds:
            reader.fail(block, "not", "not of not: leave both away")
        reader.known(block, ("not",), "when: ")
        return _condition(reader, block, "not", block["not"], holds=False)
    if word == "event":
        reader.known(block, ("event", "since"), "when: ")
        since = reader.text(block, "since") if "since" in block else None
        return StepCondition(
            fact="event", holds=holds, event=reader.word(block, "event", EVENT_KINDS), of=since
        )
    if word == "rated_at_most":
        reader.known(block, ("rated_at_most",), "when: ")
        most = reader.number(block, "rated_at_most", least=0, most=10)
        return StepCondition(fact="rated", holds=holds, at_most=most)
    reader.known(block, (word, "at_most") if word == "rated" else (word,), "when: ")
    most_of = reader.number(block, "at_most", least=0, most=10) if "at_most" in block else None
    return StepCondition(fact=word, holds=holds, of=reader.text(block, word), at_most=most_of)
