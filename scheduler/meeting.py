"""Who is met by an occasion, a chunk at a time, and under which key; people outside the audience get no row."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.book import Book, GivenTask, StoreBook
from scheduler.occasions import Occasion, days_from
from store.audiences import compile_rule
from store.candidates import (
    CHUNK,
    Audience,
    Candidate,
    everybody,
    only_of,
    people_of_day,
    people_of_events,
)
from store.database import Session
from store.follow_ups import people_after_message
from store.frozen_audiences import frozen_audience
from store.occurrences import find_run
from wenhou.core.audience import AllOf, Condition, Rule
from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.calendars.personal import DateKey, Rules, anchor_label, keys_on
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import (
    ArticleTrigger,
    BusinessEventTrigger,
    FestivalTrigger,
    OnceTrigger,
    PersonalDateTrigger,
    RecurringTrigger,
)
from wenhou.core.dedupe import (
    article_key,
    campaign_key,
    event_key,
    festival_key,
    follow_up_key,
    once_key,
    personal_key,
    recurring_key,
    task_key,
)

_EVENT_REACH = timedelta(days=40)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """An occasion about to be planned. `now`: the business instant at which the audience is asked.

    The audience of a campaign that comes once was frozen with its version. `book`: what stands already. `only`: one
    customer who is asked about, else everybody.
    """

    campaign_id: uuid.UUID
    version_id: uuid.UUID
    occasion: Occasion
    now: datetime
    zone: ZoneInfo
    rules: Rules
    dated: DatedCalendar
    book: Book = field(default_factory=StoreBook)
    only: uuid.UUID | None = None

    def candidates(self, session: Session, after: Candidate | None) -> list[Candidate]:
        """The next chunk of customers after the last one; empty at the end."""
        occasion = self.occasion
        if occasion.previous is not None:
            return self._of_later_step(session, after)
        audience = self._who(compile_rule(self.rule, self.now, self.zone))
        match occasion.campaign.trigger:
            case PersonalDateTrigger(kind=kind):
                keys = [
                    (key.calendar, key.month, key.day, key.is_leap_month)
                    for key in keys_on(occasion.anchor_day, self.rules)
                ]
                met = (after.customer_id, after.date_id) if after and after.date_id else None
                return people_of_day(session, kind=kind, keys=keys, audience=audience, after=met)
            case BusinessEventTrigger() as trigger:
                return self._of_events(session, trigger, after)
            case OnceTrigger():
                frozen = self._who(frozen_audience(self.version_id))
                return everybody(session, audience=frozen, after=after.customer_id if after else None)
            case _:
                return everybody(session, audience=audience, after=after.customer_id if after else None)

    def key_of(self, candidate: Candidate) -> str:
        """The key that makes a second message for this occasion impossible (DESIGN §5)."""
        step = self.occasion.step
        if self.occasion.previous is not None:
            if step.task is not None:
                return task_key(candidate.previous_key, step.key)
            return follow_up_key(candidate.previous_key, step.number)
        key = campaign_key(self.occasion.campaign.greets, self._anchor(candidate))
        return task_key(key, step.key) if step.task is not None else key

    def _anchor(self, candidate: Candidate) -> str:
        number = max(self.occasion.step.number, 1)
        match self.occasion.campaign.trigger:
            case FestivalTrigger(festival=festival):
                return festival_key(festival, self.occasion.anchor, number)
            case PersonalDateTrigger(kind=kind):
                met = DateKey(
                    calendar=candidate.calendar or "solar",
                    month=candidate.month or 1,
                    day=candidate.day or 1,
                    is_leap_month=candidate.is_leap_month,
                )
                label = anchor_label(met, self.occasion.anchor_day, self.rules)
                return personal_key(kind, met.calendar, label, number)
            case BusinessEventTrigger():
                return event_key(candidate.event_source or "", candidate.event_source_id or "", number)
            case ArticleTrigger():
                return article_key(self.occasion.article.id if self.occasion.article else "", number)
            case OnceTrigger():
                return once_key(number)
            case RecurringTrigger():
                return recurring_key(date.fromisoformat(self.occasion.anchor), number)

    def _who(self, audience: Audience) -> Audience:
        return audience if self.only is None else only_of(audience, self.only)

    @property
    def rule(self) -> Rule:
        """Everything a customer must be for this occasion."""
        campaign, step = self.occasion.campaign, self.occasion.step
        parts: list[Rule] = [campaign.reach, step.only]
        trigger = campaign.trigger
        if self.occasion.article is not None and self.occasion.article.topics:
            parts.append(Condition(field="interest", operator="is", values=self.occasion.article.topics))
        if isinstance(trigger, FestivalTrigger) and self.dated.is_chosen_only(trigger.festival):
            # Never inferred from name, ID or place: only who chose the festival is greeted.
            parts.append(Condition(field="festival", operator="is", values=(trigger.festival,)))
        return AllOf(parts=tuple(part for part in parts if part != AllOf()))

    def _of_later_step(self, session: Session, after: Candidate | None) -> list[Candidate]:
        previous, on = self.occasion.previous, self.occasion.previous_on
        if previous is None or on is None:
            return []
        # Who was spoken to once stays in the campaign; only the step's own rule is asked anew.
        audience = self._who(compile_rule(self.occasion.step.only, self.now, self.zone))
        cursor = (after.customer_id, after.previous_id) if after and after.previous_id else None
        if previous.task is not None:
            given = GivenTask(self.campaign_id, previous.key, on)
            found = self.book.given(session, given, audience, after)
        else:
            run = find_run(session, self.campaign_id, on)
            if run is None:
                return []
            article = self.occasion.article.id if self.occasion.article else None
            found = people_after_message(
                session, run, previous.number, audience=audience, after=cursor, article_id=article
            )
        return [self._local(one) for one in found]

    def _of_events(
        self, session: Session, trigger: BusinessEventTrigger, after: Candidate | None
    ) -> list[Candidate]:
        """Events whose call-back day this is: N workdays after the event's local day (a weekend event: after it)."""
        days = event_days(trigger, self.occasion.on_day, self.dated.work_calendar())
        if not days:
            return []
        since = datetime.combine(days[0], time(), tzinfo=self.zone)
        before = datetime.combine(days[-1] + _ONE_DAY, time(), tzinfo=self.zone)
        cursor = (after.customer_id, after.event_id) if after and after.event_id else None
        found = people_of_events(
            session,
            kind=trigger.event,
            since=since,
            before=before,
            audience=self._who(compile_rule(self.rule, self.now, self.zone)),
            after=cursor,
            as_received=trigger.at_once,
        )
        return [self._local(one) for one in found]

    def _local(self, one: Candidate) -> Candidate:
        return replace(one, event_at=one.event_at.astimezone(self.zone)) if one.event_at else one


def event_days(trigger: BusinessEventTrigger, day: date, work: WorkCalendar) -> list[date]:
    """The days of events whose words fall due on `day`, in order."""
    if trigger.at_once:
        return [day]
    first = day - _EVENT_REACH - timedelta(days=2 * trigger.workdays_after)
    return [one for one in days_from(first, day) if work.add_workdays(one, trigger.workdays_after) == day]


def is_last(chunk: Sequence[Candidate]) -> bool:
    """Whether nothing can follow."""
    return len(chunk) < CHUNK
