"""Which occasions fall on a day, and who is met by them: from a trigger to candidates, stateless, for any day."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from store.audiences import compile_rule
from store.campaigns import articles_in_force
from store.candidates import CHUNK, Candidate, everybody, people_of_day, people_of_events
from store.database import Session
from wenhou.core.audience import AllOf, Condition
from wenhou.core.calendars.festivals import day_of
from wenhou.core.calendars.lunar import LunarDate, to_lunar
from wenhou.core.calendars.personal import DateKey, Rules, anchor_label, keys_on
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import (
    ArticleTrigger,
    BusinessEventTrigger,
    Campaign,
    FestivalTrigger,
    PersonalDateTrigger,
)
from wenhou.core.dedupe import article_key, campaign_key, event_key, festival_key, personal_key

_EVENT_REACH = timedelta(days=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A campaign on a day: messages fall due on `on_day`; `anchor_day` is the festival's or birthday's own day."""

    campaign: Campaign
    on_day: date
    anchor_day: date
    anchor_year: int = 0
    article_id: uuid.UUID | None = None
    article_title: str = ""
    article_summary: str = ""
    article_effective_on: date | None = None

    def dedupe_key(self, candidate: Candidate, rules: Rules) -> str:
        """The key that makes a second message for this occasion impossible (DESIGN §5)."""
        return campaign_key(self.campaign.key, self._anchor(candidate, rules))

    def _anchor(self, candidate: Candidate, rules: Rules) -> str:
        match self.campaign.trigger:
            case FestivalTrigger(festival=festival):
                return festival_key(festival, self.anchor_year)
            case PersonalDateTrigger(kind=kind):
                met = DateKey(
                    calendar=candidate.calendar or "solar",
                    month=candidate.month or 1,
                    day=candidate.day or 1,
                    is_leap_month=candidate.is_leap_month,
                )
                return personal_key(kind, met.calendar, anchor_label(met, self.anchor_day, rules))
            case BusinessEventTrigger():
                return event_key(candidate.event_source or "", candidate.event_source_id or "")
            case ArticleTrigger():
                return article_key(self.article_id or "")


def occasions_on(session: Session, campaign: Campaign, day: date, zone: ZoneInfo) -> list[Occasion]:
    """The occasions of a campaign whose messages fall due on this day; usually none or one. `zone`: the bank's."""
    trigger = campaign.trigger
    match trigger:
        case FestivalTrigger():
            return _festival(campaign, trigger, day)
        case PersonalDateTrigger(days_before=lead):
            return [Occasion(campaign=campaign, on_day=day, anchor_day=day + timedelta(days=lead))]
        case BusinessEventTrigger():
            return [Occasion(campaign=campaign, on_day=day, anchor_day=day)]
        case ArticleTrigger():
            return _articles(session, campaign, trigger, day, zone)


def candidates(
    session: Session,
    occasion: Occasion,
    *,
    after: Candidate | None,
    now: datetime,
    zone: ZoneInfo,
    rules: Rules,
    workdays: WorkCalendar,
) -> list[Candidate]:
    """The next chunk of customers after the last one; empty at the end."""
    campaign = occasion.campaign
    trigger = campaign.trigger
    last = after.customer_id if after else None
    match trigger:
        case PersonalDateTrigger(kind=kind):
            keys = [
                (key.calendar, key.month, key.day, key.is_leap_month)
                for key in keys_on(occasion.anchor_day, rules)
            ]
            audience = compile_rule(campaign.audience, now)
            met = (after.customer_id, after.date_id) if after and after.date_id else None
            return people_of_day(session, kind=kind, keys=keys, audience=audience, after=met)
        case BusinessEventTrigger():
            return _of_events(session, occasion, trigger, after, zone=zone, workdays=workdays, now=now)
        case FestivalTrigger():
            return everybody(session, audience=compile_rule(campaign.audience, now), after=last)
        case ArticleTrigger():
            rule = campaign.audience
            topics = _topics(session, occasion, trigger)
            if topics:
                rule = AllOf(parts=(rule, Condition(field="interest", operator="is", values=topics)))
            return everybody(session, audience=compile_rule(rule, now), after=last)


def lunar_words_of(candidate: Candidate, on_day: date) -> LunarDate | None:
    """The lunar day a birthday text names, or None for a solar one."""
    return to_lunar(on_day) if candidate.calendar == "lunar" else None


def days_from(first: date, last: date) -> Iterator[date]:
    """Every day, both ends included."""
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def _festival(campaign: Campaign, trigger: FestivalTrigger, day: date) -> list[Occasion]:
    anchor = day + timedelta(days=trigger.days_before)
    return [
        Occasion(campaign=campaign, on_day=day, anchor_day=anchor, anchor_year=year)
        for year in (anchor.year - 1, anchor.year, anchor.year + 1)
        if _is_day_of(trigger.festival, year, anchor)
    ]


def _is_day_of(festival: str, year: int, day: date) -> bool:
    try:
        return day_of(festival, year) == day
    except ValueError:  # outside the years a festival is defined for
        return False


def _articles(
    session: Session, campaign: Campaign, trigger: ArticleTrigger, day: date, zone: ZoneInfo
) -> list[Occasion]:
    found = []
    for article in articles_in_force(session, day):
        reviewed_on = article.reviewed_at.astimezone(zone).date() if article.reviewed_at else None
        first = max(article.effective_on, reviewed_on or article.effective_on)
        if day != first or (trigger.topics and not set(trigger.topics) & set(article.topics)):
            continue
        found.append(
            Occasion(
                campaign=campaign,
                on_day=day,
                anchor_day=article.effective_on,
                article_id=article.id,
                article_title=article.title,
                article_summary=article.summary,
                article_effective_on=article.effective_on,
            )
        )
    return found


def _topics(session: Session, occasion: Occasion, trigger: ArticleTrigger) -> tuple[str, ...]:
    for article in articles_in_force(session, occasion.on_day):
        if article.id == occasion.article_id:
            return tuple(article.topics)
    return trigger.topics


def _of_events(
    session: Session,
    occasion: Occasion,
    trigger: BusinessEventTrigger,
    after: Candidate | None,
    *,
    zone: ZoneInfo,
    workdays: WorkCalendar,
    now: datetime,
) -> list[Candidate]:
    """Events whose call-back day this is: N workdays after the event's local day (a weekend event: after it)."""
    days = [
        day
        for day in days_from(
            occasion.on_day - _EVENT_REACH - timedelta(days=2 * trigger.workdays_after), occasion.on_day
        )
        if workdays.add_workdays(day, trigger.workdays_after) == occasion.on_day
    ]
    if not days:
        return []
    since = datetime.combine(days[0], time(), tzinfo=zone)
    before = datetime.combine(days[-1] + timedelta(days=1), time(), tzinfo=zone)
    cursor = (after.customer_id, after.event_id) if after and after.event_id else None
    found = people_of_events(
        session,
        kind=trigger.event,
        since=since,
        before=before,
        audience=compile_rule(occasion.campaign.audience, now),
        after=cursor,
    )
    return [replace(one, event_at=one.event_at.astimezone(zone) if one.event_at else None) for one in found]


def is_last(chunk: list[Candidate]) -> bool:
    """Whether nothing can follow."""
    return len(chunk) < CHUNK
