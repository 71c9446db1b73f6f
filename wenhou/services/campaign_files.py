"""A campaign's YAML document read and checked: every fault names file, line, field and the nearest legal word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from templates.library import TemplateVersion, bundled
from wenhou.core.audience import (
    EVERYBODY,
    FIELDS,
    NUMBER_FIELDS,
    OPERATORS,
    AllOf,
    AnyOf,
    Condition,
    Not,
    Rule,
)
from wenhou.core.calendars.festivals import FESTIVALS
from wenhou.core.campaigns import (
    DATE_KINDS,
    EVENT_KINDS,
    Approval,
    ArticleTrigger,
    BusinessEventTrigger,
    Campaign,
    FestivalTrigger,
    PersonalDateTrigger,
    Step,
    Trigger,
)
from wenhou.core.channels import CHANNELS
from wenhou.core.errors import InputError
from wenhou.core.purposes import Purpose

_KEY = re.compile(r"[a-z][a-z0-9_]{1,58}\Z")
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d\Z")
_TOP = (
    "key",
    "name",
    "purpose",
    "trigger",
    "audience",
    "channels",
    "template",
    "approval",
    "send_at",
    "until",
    "valid_days",
    "plan_ahead_workdays",
    "asks",
    "priority",
)
_MAX_SIZE = 200_000
# What a placeholder can be filled from: for every campaign, and by what set this one off (scheduler/drafting.py).
_ALWAYS_GIVEN = frozenset(
    "customer.salutation customer.name advisor.name advisor.phone org.name org.phone bank.name bank.hotline "
    "occasion.on link.rating link.preferences".split()
)
_GIVEN_BY: dict[type[Trigger], frozenset[str]] = {
    FestivalTrigger: frozenset({"occasion.lunar_year"}),
    PersonalDateTrigger: frozenset({"occasion.lunar_day"}),
    BusinessEventTrigger: frozenset({"event.on", "event.org"}),
    ArticleTrigger: frozenset({"article.title", "article.summary", "article.effective_on"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDocument:
    """A checked campaign, its document as plain data, and the text it was read from."""

    campaign: Campaign
    document: dict[str, Any]
    source: str


def read_campaigns(text: str, file: str) -> list[CampaignDocument]:
    """Every campaign of a YAML file (`---` between several); raises InputError at the first fault."""
    if len(text) > _MAX_SIZE:
        raise InputError("the file is larger than any campaign (200 kB)", file=file)
    yaml = YAML(typ="rt", pure=True)
    try:
        documents = list(yaml.load_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        raise InputError(
            f"no valid YAML: {error.problem}",
            file=file,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from error
    except (YAMLError, ValueError) as error:
        raise InputError(f"no valid YAML: {error}", file=file) from error
    found = [_Reader(file).campaign(document) for document in documents if document is not None]
    if not found:
        raise InputError("there is no campaign in this file; start with `key:` and `name:`", file=file)
    keys = [campaign.key for campaign in found]
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"two campaigns have the key {key}; a key names one campaign", file=file)
    return [
        CampaignDocument(campaign=campaign, document=_plain(document), source=text)
        for campaign, document in zip(found, [one for one in documents if one is not None], strict=True)
    ]


def campaign_from_document(document: Mapping[str, Any], key: str) -> Campaign:
    """A stored version as a value again."""
    return _Reader(f"campaign {key}").campaign(document)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


class _Reader:
    """Walks one document; knows the file for its complaints."""

    def __init__(self, file: str) -> None:
        self._file = file

    def campaign(self, document: Any) -> Campaign:
        top = self._mapping(document, "the document", parent=None, name=None)
        self._known(top, _TOP, "")
        key = self._text(top, "key")
        if not _KEY.match(key):
            self._fail(
                top, "key", f"{key!r} is no key: use lower-case letters, digits and _, e.g. spring_festival"
            )
        template = self._text(top, "template", default=key)
        name = top.get("name", key)
        names = name if isinstance(name, Mapping) else {"zh-CN": str(name), "en": str(name)}
        campaign = Campaign(
            key=key,
            name_zh=str(names.get("zh-CN", key)),
            name_en=str(names.get("en", key)),
            purpose=Purpose(self._word(top, "purpose", [purpose.value for purpose in Purpose])),
            trigger=self._trigger(top),
            steps=(self._step(top, template),),
            audience=self._rule(top["audience"], top, "audience") if top.get("audience") else EVERYBODY,
            approval=Approval(
                self._word(top, "approval", [one.value for one in Approval], default="advisor")
            ),
            plan_ahead_workdays=self._number(top, "plan_ahead_workdays", 3, least=0, most=30),
            priority=self._number(top, "priority", 0, least=1, most=99) if "priority" in top else None,
        )
        self._check(top, campaign)
        return campaign

    def _step(self, top: Mapping[str, Any], template: str) -> Step:
        return Step(
            key="message",
            template=template,
            channels=self._channels(top),
            send_at=self._time(top, "send_at", "09:30"),
            until=self._time(top, "until", "20:00"),
            valid_days=self._number(top, "valid_days", 0, least=0, most=30),
            asks=self._word(top, "asks", ["csat", "nps"]) if top.get("asks") is not None else None,
        )

    def _check(self, top: Mapping[str, Any], campaign: Campaign) -> None:
        library = bundled()
        step = campaign.steps[0]
        if step.template not in library.keys():  # noqa: SIM118 - a library, not a dict
            self._fail(top, "template", self._not_known(step.template, library.keys()))
        version = library.get(step.template)
        missing = [channel for channel in step.channels if channel not in version.channels]
        if missing:
            self._fail(top, "channels", f"template {step.template} has no words for {', '.join(missing)}")
        if version.purpose != campaign.purpose:
            self._fail(
                top,
                "purpose",
                f"template {step.template} is {version.purpose}, the campaign {campaign.purpose}",
            )
        self._check_placeholders(top, campaign, version)
        if step.valid_days == 0 and step.until <= step.send_at:
            self._fail(
                top,
                "until",
                f"{step.until:%H:%M} is not after send_at {step.send_at:%H:%M}; "
                "give a later time or valid_days: 1",
            )

    def _check_placeholders(
        self, top: Mapping[str, Any], campaign: Campaign, version: TemplateVersion
    ) -> None:
        """Refuse words that nobody could ever receive: a value they need is one this trigger never gives."""
        given = _ALWAYS_GIVEN | _GIVEN_BY[type(campaign.trigger)]
        step = campaign.steps[0]
        for name in sorted(set().union(*(version.uses(channel) for channel in step.channels))):
            placeholder = version.placeholders[name]
            if placeholder.default is None and placeholder.source not in given:
                self._fail(
                    top,
                    "template",
                    f"template {step.template} needs {{{{ {name} }}}} from {placeholder.source}, which this trigger "
                    "does not give; choose another template or trigger",
                )

    def _trigger(self, top: Mapping[str, Any]) -> Trigger:
        spec = self._mapping(top.get("trigger"), "trigger", parent=top, name="trigger")
        kind = self._word(spec, "type", ["festival", "personal_date", "business_event", "article"])
        readers: dict[str, Callable[[Mapping[str, Any]], Trigger]] = {
            "festival": self._festival,
            "personal_date": self._personal_date,
            "business_event": self._business_event,
            "article": self._article,
        }
        return readers[kind](spec)

    def _festival(self, spec: Mapping[str, Any]) -> Trigger:
        self._known(spec, ("type", "festival", "days_before"), "trigger.")
        return FestivalTrigger(
            festival=self._word(spec, "festival", FESTIVALS),
            days_before=self._number(spec, "days_before", 0, least=0, most=60),
        )

    def _personal_date(self, spec: Mapping[str, Any]) -> Trigger:
        self._known(spec, ("type", "kind", "days_before"), "trigger.")
        return PersonalDateTrigger(
            kind=self._word(spec, "kind", DATE_KINDS),
            days_before=self._number(spec, "days_before", 0, least=0, most=60),
        )

    def _business_event(self, spec: Mapping[str, Any]) -> Trigger:
        self._known(spec, ("type", "event", "workdays_after"), "trigger.")
        return BusinessEventTrigger(
            event=self._word(spec, "event", EVENT_KINDS),
            workdays_after=self._number(spec, "workdays_after", 1, least=0, most=60),
        )

    def _article(self, spec: Mapping[str, Any]) -> Trigger:
        self._known(spec, ("type", "topics"), "trigger.")
        topics = spec.get("topics") or ()
        if not isinstance(topics, list | tuple):
            self._fail(spec, "topics", "give a list of topics, e.g. [养老, 存款]")
        return ArticleTrigger(topics=tuple(str(topic) for topic in topics))

    def _channels(self, top: Mapping[str, Any]) -> tuple[str, ...]:
        value = top.get("channels")
        if not isinstance(value, list) or not value:
            self._fail(
                top,
                "channels",
                f"give a list in the order to try, e.g. [wecom, sms]; known: {', '.join(CHANNELS)}",
            )
        for channel in value:
            if channel not in CHANNELS:
                self._fail(top, "channels", self._not_known(channel, CHANNELS))
            if value.count(channel) > 1:
                self._fail(top, "channels", f"{channel} stands twice")
        return tuple(value)

    def _rule(self, spec: Any, parent: Any, name: str) -> Rule:
        rule = self._mapping(spec, name, parent=parent, name=name)
        if "field" in rule:
            return self._condition(rule, name)
        if len(rule) != 1 or next(iter(rule)) not in ("all", "any", "not"):
            self._fail(rule, next(iter(rule), None), f"{name}: give one of all:, any:, not:, or a field:")
        word, inner = next(iter(rule.items()))
        if word == "not":
            return Not(part=self._rule(inner, rule, f"{name}.not"))
        if not isinstance(inner, list) or not inner:
            self._fail(rule, word, f"{name}.{word}: give a list of rules")
        parts = tuple(self._rule(part, inner, f"{name}.{word}[{index}]") for index, part in enumerate(inner))
        return AllOf(parts=parts) if word == "all" else AnyOf(parts=parts)

    def _condition(self, rule: Mapping[str, Any], name: str) -> Rule:
        field = self._word(rule, "field", FIELDS)
        operators = [word for word in rule if word != "field"]
        if len(operators) != 1 or operators[0] not in OPERATORS[field]:
            bad = operators[0] if operators else None
            self._fail(rule, bad, f"{name}: ask {field} by {' or '.join(OPERATORS[field])}")
        operator, value = operators[0], rule[operators[0]]
        if field in NUMBER_FIELDS:
            if not isinstance(value, int | float) or isinstance(value, bool):
                self._fail(rule, operator, f"{name}: {field} is compared with a number, not {value!r}")
            return Condition(field=field, operator=operator, number=float(value))
        if field in ("has_advisor", "is_staff"):
            if not isinstance(value, bool):
                self._fail(rule, operator, f"{name}: {field} is true or false, not {value!r}")
            return Condition(field=field, operator=operator, truth=value)
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(one, str) for one in values):
            self._fail(rule, operator, f"{name}: {field} is compared with words, not {value!r}")
        return Condition(field=field, operator=operator, values=tuple(str(one) for one in values))

    def _text(self, top: Mapping[str, Any], name: str, default: str | None = None) -> str:
        value = top.get(name, default)
        if not isinstance(value, str) or not value.strip():
            self._fail(top, name, f"{name} is missing: give a text")
        return str(value)

    def _word(
        self, top: Mapping[str, Any], name: str, words: Iterable[str], default: str | None = None
    ) -> str:
        value = top.get(name, default)
        known = list(words)
        if value is None:
            self._fail(top, name, f"{name} is missing: one of {', '.join(known)}")
        if value not in known:
            self._fail(top, name, self._not_known(value, known))
        return str(value)

    def _number(self, top: Mapping[str, Any], name: str, default: int, *, least: int, most: int) -> int:
        value = top.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self._fail(top, name, f"{name} is a whole number, not {value!r}")
        if name in top and not least <= value <= most:
            self._fail(top, name, f"{name} is between {least} and {most}, not {value}")
        return int(value)

    def _time(self, top: Mapping[str, Any], name: str, default: str) -> time:
        value = top.get(name, default)
        if not isinstance(value, str) or not _TIME.match(value):
            self._fail(top, name, f'{name} is a time in quotes like "09:30", not {value!r}')
        hours, minutes = str(value).split(":")
        return time(int(hours), int(minutes))

    def _mapping(self, value: Any, what: str, *, parent: Any, name: str | None) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self._fail(parent, name, f"{what} must be a block of `field: value` lines")
        return value

    def _known(self, top: Mapping[str, Any], words: Iterable[str], prefix: str) -> None:
        known = list(words)
        for name in top:
            if name not in known:
                self._fail(top, name, f"{prefix}{name}: no such field; {self._not_known(name, known)}")

    def _not_known(self, value: Any, known: Iterable[str]) -> str:
        words = list(known)
        near = difflib.get_close_matches(str(value), words, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(words)}"
        return f"{value!r} is not known here; {hint}"

    def _fail(self, parent: Any, name: Any, sentence: str) -> NoReturn:
        line = column = None
        if isinstance(parent, CommentedMap | CommentedSeq):
            position = parent.lc.data.get(name) if parent.lc.data else None
            line, column = (position[0], position[1]) if position else (parent.lc.line, parent.lc.col)
        raise InputError(
            sentence,
            file=self._file,
            line=line + 1 if line is not None else None,
            column=column + 1 if column is not None else None,
        )
