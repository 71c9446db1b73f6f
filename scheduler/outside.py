"""Why an occasion does not meet a customer: not a day of the campaign, the failing part of its rule, another date."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from scheduler.meeting import Meeting
from store.audiences import compile_rule
from store.candidates import which_hold
from store.database import Session
from store.frozen_audiences import frozen_audience
from store.overview import list_dates
from wenhou.core.audience import AllOf, Rule
from wenhou.core.audience_sentences import EN, ZH, sentence
from wenhou.core.calendars.personal import DateKey, keys_on
from wenhou.core.campaigns import (
    ArticleTrigger,
    BusinessEventTrigger,
    FestivalTrigger,
    OnceTrigger,
    PersonalDateTrigger,
)

_BY_TRIGGER: dict[type, tuple[str, str]] = {
    BusinessEventTrigger: (
        "没有业务的回访或通知落在这一天",
        "no business event of theirs has its message on this day",
    ),
    OnceTrigger: (
        "批准活动时的客群名单里没有这位客户",
        "not on the list that was fixed when the campaign was approved",
    ),
    FestivalTrigger: ("客户所在地区不在这一天过这个节日", "their region keeps the festival on another day"),
    ArticleTrigger: (
        "没有与客户关注相符的资讯在这一天生效",
        "no article of their interests takes effect on this day",
    ),
}
_LUNAR = {"lunar": ("农历", "lunar "), "solar": ("公历", "")}


def why_outside(
    session: Session, meeting: Meeting, customer_id: uuid.UUID, *, is_a_day: bool
) -> tuple[str, str]:
    """One clause in Chinese and English. `is_a_day`: whether the campaign has an occasion on the day at all."""
    campaign, day = meeting.occasion.campaign, meeting.occasion.on_day
    failing = _failing(session, meeting, customer_id)
    if failing:
        return (
            f"不在客群内，不满足：{'；'.join(sentence(one, ZH) for one in failing)}",
            f"outside the audience; not met: {'; '.join(sentence(one, EN) for one in failing)}",
        )
    if isinstance(campaign.trigger, PersonalDateTrigger) and meeting.occasion.previous is None:
        return _of_dates(session, meeting, customer_id, campaign.trigger)
    if not is_a_day:
        return f"{day.month}月{day.day}日不是这个活动的日子", f"{day} is no day of this campaign"
    if meeting.occasion.previous is not None:
        return "上一步还没有发出或交办", "the step before has not happened"
    return _BY_TRIGGER.get(
        type(campaign.trigger), ("不在这次活动的名单里", "not among those this occasion meets")
    )


def _failing(session: Session, meeting: Meeting, customer_id: uuid.UUID) -> list[Rule]:
    """The parts of the rule that do not hold, at the level where a person would name them."""
    if isinstance(meeting.occasion.campaign.trigger, OnceTrigger):
        frozen = frozen_audience(meeting.version_id)
        if all(which_hold(session, customer_id, [frozen])):
            return []
    parts = list(_parts(meeting.rule))
    held = which_hold(session, customer_id, [compile_rule(one, meeting.now, meeting.zone) for one in parts])
    return [one for one, holds in zip(parts, held, strict=True) if not holds]


def _parts(rule: Rule) -> Iterator[Rule]:
    if isinstance(rule, AllOf):
        for part in rule.parts:
            yield from _parts(part)
    else:
        yield rule


def _of_dates(
    session: Session, meeting: Meeting, customer_id: uuid.UUID, trigger: PersonalDateTrigger
) -> tuple[str, str]:
    day = meeting.occasion.on_day
    own = [one for one in list_dates(session, customer_id) if one.kind == trigger.kind]
    if not own:
        return "没有登记这个日子", "no such date is known of them"
    due = keys_on(meeting.occasion.anchor_day, meeting.rules)
    if any(
        DateKey(calendar=one.calendar, month=one.month, day=one.day, is_leap_month=one.is_leap_month) in due
        for one in own
    ):
        return "这一年不是要庆贺的整数年", "this year is none of the years that are marked"
    zh = "、".join(
        f"{_LUNAR[one.calendar][0]}{'闰' if one.is_leap_month else ''}{one.month}月{one.day}日" for one in own
    )
    en = ", ".join(f"{_LUNAR[one.calendar][1]}{one.month:02}-{one.day:02}" for one in own)
    ahead = f"，提前{trigger.days_before}天" if trigger.days_before else ""
    return (
        f"{day.month}月{day.day}日不是其日子（登记的是{zh}{ahead}）",
        f"{day} is not their day (known: {en})",
    )
