"""Who of the candidates is really met: their region keeps the festival on this day, their year is a milestone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduler.filling import Desk
from scheduler.meeting import Meeting
from store.candidates import Candidate, Person, load_people
from store.database import Session
from store.follow_ups import years_of
from store.keys import customer_keys
from wenhou.core.calendars.ages import find_milestone, years_on
from wenhou.core.calendars.personal import PersonalDate
from wenhou.core.calendars.problems import CalendarError
from wenhou.core.campaigns import FestivalTrigger, PersonalDateTrigger
from wenhou.services.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """Looks at candidates one by one where the database cannot: sealed years, regions."""

    context: Context
    meeting: Meeting
    desk: Desk

    def who_is_met(self, session: Session, chunk: Sequence[Candidate]) -> list[Candidate]:
        """Without those whose region keeps the festival on another day, or whose year is no milestone."""
        trigger = self.meeting.occasion.campaign.trigger
        if isinstance(trigger, FestivalTrigger) and not self.meeting.dated.is_uniform(trigger.festival):
            people = load_people(session, sorted({one.customer_id for one in chunk}))
            return [one for one in chunk if self._falls_there(trigger, people[one.customer_id])]
        if (
            isinstance(trigger, PersonalDateTrigger)
            and trigger.milestones
            and not self.meeting.occasion.previous
        ):
            years = self.years(session, chunk)
            return [
                one for one in chunk if one.date_id in years and self._is_milestone(one, years[one.date_id])
            ]
        return list(chunk)

    def _falls_there(self, trigger: FestivalTrigger, person: Person) -> bool:
        path = self.desk.path_of(person.org_id)
        found = self.meeting.dated.festival_on(trigger.festival, self.meeting.occasion.anchor_day, path)
        return found is not None and found.anchor == self.meeting.occasion.anchor

    def years(self, session: Session, chunk: Sequence[Candidate]) -> dict[uuid.UUID, int]:
        """The first year of each candidate's date, opened with the customer's key; by the date's id."""
        ids = sorted({one.date_id for one in chunk if one.date_id is not None})
        if not ids:
            return {}
        keys = customer_keys(session, self.context.vault, {one.customer_id for one in chunk})
        return years_of(session, ids, keys)

    def _is_milestone(self, one: Candidate, year: int) -> bool:
        trigger = self.meeting.occasion.campaign.trigger
        if not isinstance(trigger, PersonalDateTrigger):
            return True
        born = self._date_of(one, year)
        if born is None:
            return False
        marked = find_milestone(
            born,
            self.meeting.occasion.anchor_day,
            reckoning="nominal" if trigger.reckoning == "nominal" else "full",
            milestones=trigger.milestones,
        )
        return marked is not None

    def count(self, one: Candidate, years: Mapping[uuid.UUID, int]) -> int | None:
        """How many years the day marks; None where the year is unknown."""
        if one.date_id is None or one.date_id not in years:
            return None
        born = self._date_of(one, years[one.date_id])
        return years_on(born, self.meeting.occasion.anchor_day) if born is not None else None

    def _date_of(self, one: Candidate, year: int) -> PersonalDate | None:
        """The date with its year; None where that year never had such a day: one wrong year stops nobody else's day."""
        trigger = self.meeting.occasion.campaign.trigger
        try:
            return PersonalDate(
                kind=trigger.kind if isinstance(trigger, PersonalDateTrigger) else "",
                calendar=one.calendar or "solar",
                month=one.month or 1,
                day=one.day or 1,
                is_leap_month=one.is_leap_month,
                year=year,
            )
        except CalendarError:
            return None
