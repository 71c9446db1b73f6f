"""Which occasions of a campaign fall on a day: from triggers and steps to days, stateless, for any day past or future."""

from __future__ import annotations

import calendar as months
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from store.campaigns import articles_in_force
from store.database import Session
from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import (
    ArticleTrigger,
    BusinessEventTrigger,
    Campaign,
    Every,
    FestivalTrigger,
    OnceTrigger,
    PersonalDateTrigger,
    RecurringTrigger,
    Step,
)

_LONGEST_MOVE = 15
_DAYS_OF_WEEK = 7
_QUARTER = 3
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleWords:
    """What an article says to those whose interests it meets."""

    id: uuid.UUID
    title: str
    summary: str
    topics: tuple[str, ...]
    effective_on: date
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One step of a campaign on a day: messages fall due on `on_day`.

    `anchor_day`: the festival's or birthday's own day. `anchor`: the year or day it is named by in the dedupe key.
    `previous`, `previous_on`: the earlier step that a later one follows, and the day that step fell on.
    """

    campaign: Campaign
    step: Step
    on_day: date
    anchor_day: date
    anchor: str = ""
    article: ArticleWords | None = None
    previous: Step | None = None
    previous_on: date | None = None

    @property
    def part(self) -> str:
        """Its name inside its run: several steps, articles or leads may meet on one day."""
        words = [self.step.key, self.anchor]
        if self.article is not None:
            words.append(self.article.id.hex[-8:])
        if self.previous_on is not None:
            words.append(self.previous_on.isoformat())
        return " ".join(word for word in words if word)


def occasions_on(
    session: Session, campaign: Campaign, day: date, zone: ZoneInfo, dated: DatedCalendar
) -> list[Occasion]:
    """The occasions of a campaign whose messages fall due on this day; usually none or one. `zone`: the bank's."""
    found = [
        occasion
        for occasion in _own_day(session, campaign, day, zone, dated)
        for occasion in _each_first_step(occasion)
    ]
    for step in campaign.steps:
        if step.after is not None:
            found += _later(session, campaign, step, day, zone, dated)
    return found


def days_from(first: date, last: date) -> Iterator[date]:
    """Every day, both ends included."""
    day = first
    while day <= last:
        yield day
        day += _ONE_DAY


def days_before_step(step: Step, day: date, work: WorkCalendar) -> list[date]:
    """The days of the step before from which this step falls on `day`; several where a weekend lies between."""
    latest = day - timedelta(days=step.wait_days)
    if not step.wait_workdays:
        return [latest]
    earliest = work.add_workdays(latest, -step.wait_workdays) - _LONGEST_MOVE * _ONE_DAY
    return [
        one for one in days_from(earliest, latest) if work.add_workdays(one, step.wait_workdays) == latest
    ]


def _each_first_step(occasion: Occasion) -> list[Occasion]:
    return [
        Occasion(
            campaign=occasion.campaign,
            step=step,
            on_day=occasion.on_day,
            anchor_day=occasion.anchor_day,
            anchor=occasion.anchor,
            article=occasion.article,
        )
        for step in occasion.campaign.first_steps
    ]


def _own_day(
    session: Session, campaign: Campaign, day: date, zone: ZoneInfo, dated: DatedCalendar
) -> list[Occasion]:
    """The trigger's own occasions on a day, with any first step in place."""
    trigger, step = campaign.trigger, campaign.first_steps[0]
    match trigger:
        case FestivalTrigger(festival=festival, days_before=lead):
            anchor_day = day + timedelta(days=lead)
            return [
                Occasion(campaign=campaign, step=step, on_day=day, anchor_day=anchor_day, anchor=found.anchor)
                for found in dated.occurrences(festival, anchor_day)
            ]
        case PersonalDateTrigger(days_before=lead):
            anchor_day = day + timedelta(days=lead)
            return [Occasion(campaign=campaign, step=step, on_day=day, anchor_day=anchor_day)]
        case BusinessEventTrigger():
            return [Occasion(campaign=campaign, step=step, on_day=day, anchor_day=day)]
        case ArticleTrigger():
            return _articles(session, campaign, trigger, day, zone)
        case OnceTrigger(on=on):
            return [Occasion(campaign=campaign, step=step, on_day=day, anchor_day=day)] if on == day else []
        case RecurringTrigger():
            return [
                Occasion(campaign=campaign, step=step, on_day=day, anchor_day=day, anchor=nominal.isoformat())
                for nominal in nominal_days(trigger, day, dated.work_calendar())
            ]


def nominal_days(trigger: RecurringTrigger, day: date, work: WorkCalendar) -> list[date]:
    """The days by the rule whose messages fall due on `day`: the day itself, or days off before it moved to it."""
    if not trigger.workday:
        candidates: Iterator[date] = iter((day,))
    elif work.is_workday(day):
        candidates = days_from(day - _LONGEST_MOVE * _ONE_DAY, day)
    else:
        return []
    return [
        one
        for one in candidates
        if _is_by_rule(trigger, one) and (not trigger.workday or work.on_or_after(one) == day)
    ]


def _is_by_rule(trigger: RecurringTrigger, day: date) -> bool:
    if (trigger.first_on and day < trigger.first_on) or (trigger.last_on and day > trigger.last_on):
        return False
    if trigger.every is Every.WEEK:
        return day.isoweekday() == trigger.day
    if day.day != min(trigger.day, months.monthrange(day.year, day.month)[1]):
        return False
    if trigger.every is Every.MONTH:
        return True
    if trigger.every is Every.QUARTER:
        return (day.month - 1) % _QUARTER == 0
    return day.month == trigger.month


def _articles(
    session: Session, campaign: Campaign, trigger: ArticleTrigger, day: date, zone: ZoneInfo
) -> list[Occasion]:
    found = []
    for article in articles_in_force(session, day):
        reviewed_on = article.reviewed_at.astimezone(zone).date() if article.reviewed_at else None
        first = max(article.effective_on, reviewed_on or article.effective_on)
        if day != first or (trigger.topics and not set(trigger.topics) & set(article.topics)):
            continue
        words = ArticleWords(
            id=article.id,
            title=article.title,
            summary=article.summary,
            topics=tuple(article.topics),
            effective_on=article.effective_on,
            source=article.source,
        )
        found.append(
            Occasion(
                campaign=campaign,
                step=campaign.first_steps[0],
                on_day=day,
                anchor_day=article.effective_on,
                article=words,
            )
        )
    return found


def _later(
    session: Session, campaign: Campaign, step: Step, day: date, zone: ZoneInfo, dated: DatedCalendar
) -> list[Occasion]:
    """A later step on a day: one occasion for each day on which the step before may have fallen."""
    previous = campaign.step(step.after or "")
    return [
        Occasion(
            campaign=campaign,
            step=step,
            on_day=day,
            anchor_day=own.anchor_day,
            anchor=own.anchor,
            article=own.article,
            previous=previous,
            previous_on=before,
        )
        for before in days_before_step(step, day, dated.work_calendar())
        for own in _first_days(session, campaign, previous, before, zone, dated)
    ]


def _first_days(
    session: Session, campaign: Campaign, step: Step, day: date, zone: ZoneInfo, dated: DatedCalendar
) -> list[Occasion]:
    """The trigger's occasions from which an earlier step, itself perhaps a later one, fell on `day`."""
    if step.after is None:
        return _own_day(session, campaign, day, zone, dated)
    previous = campaign.step(step.after)
    return [
        own
        for before in days_before_step(step, day, dated.work_calendar())
        for own in _first_days(session, campaign, previous, before, zone, dated)
    ]
