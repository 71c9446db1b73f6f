"""The trigger of a campaign document: what sets it off, and by how much before or after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wenhou.core.calendars.regional import known_festivals
from wenhou.core.campaigns import (
    DATE_KINDS,
    EVENT_KINDS,
    OWN_EVENT_KINDS,
    ArticleTrigger,
    BusinessEventTrigger,
    Every,
    FestivalTrigger,
    OnceTrigger,
    PersonalDateTrigger,
    RecurringTrigger,
    Trigger,
)
from wenhou.services.campaign_reading import CampaignReader

RECKONINGS = ("full", "nominal")
MOST_DAYS_BEFORE = 60
_LAST_DAY_OF = {Every.WEEK: 7, Every.MONTH: 31, Every.QUARTER: 31, Every.YEAR: 31}
_DAYS_OF_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_Spec = Mapping[str, Any]


def read_trigger(reader: CampaignReader, top: _Spec) -> Trigger:
    """The trigger of a document; raises InputError, or complains to the reader."""
    spec = reader.mapping(top.get("trigger"), "trigger", parent=top, name="trigger")
    return _READERS[reader.word(spec, "type", _READERS)](reader, spec)


def _festival(reader: CampaignReader, spec: _Spec) -> Trigger:
    reader.known(spec, ("type", "festival", "days_before"), "trigger.")
    days_before = _days_before(reader, spec)
    return FestivalTrigger(festival=reader.word(spec, "festival", known_festivals()), days_before=days_before)


def _personal_date(reader: CampaignReader, spec: _Spec) -> Trigger:
    reader.known(spec, ("type", "kind", "days_before", "milestones", "reckoning"), "trigger.")
    days_before = _days_before(reader, spec)
    milestones = reader.take("trigger", lambda: _milestones(reader, spec), ())
    kind = reader.word(spec, "kind", DATE_KINDS)
    reckoning = reader.word(spec, "reckoning", RECKONINGS, default="full")
    if reckoning == "nominal" and kind != "birthday":
        reader.fail(spec, "reckoning", f"虚岁 (nominal) is asked of a birthday only, not of {kind}")
    return PersonalDateTrigger(
        kind=kind,
        days_before=days_before,
        milestones=milestones,
        reckoning=reckoning,
    )


def _days_before(reader: CampaignReader, spec: _Spec) -> int:
    return reader.take(
        "trigger", lambda: reader.number(spec, "days_before", 0, least=0, most=MOST_DAYS_BEFORE), 0
    )


def _milestones(reader: CampaignReader, spec: _Spec) -> tuple[int, ...]:
    value = spec.get("milestones", [])
    sound = isinstance(value, list | tuple) and all(
        isinstance(year, int) and not isinstance(year, bool) and 1 <= year <= 120 for year in value
    )
    if not sound or sorted(set(value)) != list(value):
        reader.fail(
            spec, "milestones", f"milestones are years in rising order, e.g. [60, 70, 80], not {value!r}"
        )
    return tuple(int(year) for year in value)


def _business_event(reader: CampaignReader, spec: _Spec) -> Trigger:
    reader.known(spec, ("type", "event", "workdays_after", "at_once"), "trigger.")
    at_once = reader.truth(spec, "at_once", default=False)
    if at_once and spec.get("workdays_after", 0) != 0:
        reader.complain(
            spec, "workdays_after", "at_once leaves as soon as the event is known: no workdays_after"
        )
    return BusinessEventTrigger(
        event=reader.word(spec, "event", (*EVENT_KINDS, *OWN_EVENT_KINDS)),
        workdays_after=reader.number(spec, "workdays_after", 0 if at_once else 1, least=0, most=60),
        at_once=at_once,
    )


def _article(reader: CampaignReader, spec: _Spec) -> Trigger:
    reader.known(spec, ("type", "topics"), "trigger.")
    topics = spec.get("topics") or ()
    if not isinstance(topics, list | tuple) or not all(isinstance(topic, str) for topic in topics):
        reader.fail(spec, "topics", "give a list of topics, e.g. [养老, 存款]")
    return ArticleTrigger(topics=tuple(str(topic) for topic in topics))


def _once(reader: CampaignReader, spec: _Spec) -> Trigger:
    reader.known(spec, ("type", "on"), "trigger.")
    return OnceTrigger(on=reader.date(spec, "on"))


def _recurring(reader: CampaignReader, spec: _Spec) -> Trigger:
    reader.known(spec, ("type", "every", "day", "month", "workday", "first_on", "last_on"), "trigger.")
    every = Every(reader.word(spec, "every", [one.value for one in Every]))
    if every is not Every.YEAR and "month" in spec:
        reader.fail(spec, "month", "month is for `every: year` only")
    month = reader.number(spec, "month", 1, least=1, most=12)
    day = reader.number(spec, "day", least=1, most=_LAST_DAY_OF[every])
    if every is Every.YEAR and day > _DAYS_OF_MONTHS[month - 1]:
        reader.fail(
            spec, "day", f"month {month} never has a day {day}; it ends with {_DAYS_OF_MONTHS[month - 1]}"
        )
    first_on = reader.date(spec, "first_on") if spec.get("first_on") is not None else None
    last_on = reader.date(spec, "last_on") if spec.get("last_on") is not None else None
    if first_on is not None and last_on is not None and last_on < first_on:
        reader.fail(spec, "last_on", f"{last_on} is before first_on {first_on}")
    return RecurringTrigger(
        every=every,
        day=day,
        month=month,
        workday=reader.truth(spec, "workday", default=False),
        first_on=first_on,
        last_on=last_on,
    )


_READERS: dict[str, Callable[[CampaignReader, _Spec], Trigger]] = {
    "festival": _festival,
    "personal_date": _personal_date,
    "business_event": _business_event,
    "article": _article,
    "once": _once,
    "recurring": _recurring,
}
