"""What is asked about each candidate before the gates: conditions of later steps, waves, an earlier greeting."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from scheduler.book import Book
from scheduler.carriers import Carriers
from scheduler.judged import Terms
from scheduler.meeting import Meeting
from scheduler.offering import product_of
from store.candidates import Candidate, Standing
from store.conditions import MET, Asked, load_conditions
from store.database import Session
from store.facts import Question
from store.waves import wave_hold_key
from wenhou.core.campaigns import PersonalDateTrigger
from wenhou.core.dedupe import anchor_of, campaign_key, follow_up_key
from wenhou.core.ids import new_id
from wenhou.core.opinions import Agreed
from wenhou.core.shares import in_share, wave_of
from wenhou.core.statuses import Status

_HALF_A_YEAR = timedelta(days=182)
"""Two birthdays of one birth year kept by both calendars lie up to two months apart, of two years ten or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Puts the questions of one occasion. `waves_out`: the highest wave that may leave.

    `agreed`: when consumer protection agrees to the campaign's words.
    """

    carriers: Carriers
    campaign_id: uuid.UUID
    meeting: Meeting
    book: Book
    run_id: uuid.UUID
    waves_out: int = 0
    agreed: Agreed | None = None

    def questions(
        self,
        session: Session,
        fresh: Sequence[tuple[Candidate, str, Standing | None]],
        terms: Terms,
    ) -> list[Question]:
        """One question a candidate."""
        campaign, step = self.meeting.occasion.campaign, self.meeting.occasion.step
        conditions = self._conditions(session, fresh)
        greeted = self._greeted_this_year(session, fresh)
        asked: list[Question] = []
        for one, key, stands in fresh:
            # What waits keeps its place before what was written after it; what is planned anew comes last.
            message_id = stands.id if stands is not None and stands.status != Status.SKIPPED else new_id()
            asked.append(
                Question(
                    message_id=message_id,
                    customer_id=one.customer_id,
                    purpose=campaign.purpose,
                    origin="task" if step.task is not None else "campaign",
                    channels=step.channels,
                    planned_for=self.meeting.occasion.on_day,
                    planned_at=terms.due_at,
                    expires_at=terms.expires_at,
                    in_audience=one.in_audience,
                    campaign_id=self.campaign_id,
                    statutory=campaign.statutory,
                    asks=step.asks is not None,
                    refers=campaign.refers,
                    product=product_of(campaign, one.event_details),
                    agreed=self.agreed,
                    held_out=campaign.holdout_percent > 0
                    and in_share(one.customer_id, campaign.holdout_percent, campaign.key, "holdout"),
                    condition=conditions.get(key, MET),
                    wave=self._wave_key(one.customer_id),
                    greeted=greeted.get((one.customer_id, key)),
                )
            )
        return asked

    def _conditions(
        self, session: Session, fresh: Iterable[tuple[Candidate, str, Standing | None]]
    ) -> dict[str, str]:
        """What a later step waits for, by dedupe key."""
        step, previous = self.meeting.occasion.step, self.meeting.occasion.previous
        if previous is None or not step.when:
            return {}
        asked: dict[uuid.UUID, tuple[str, Asked]] = {}
        for one, key, _ in fresh:
            if one.previous_id is None or one.previous_at is None:
                continue
            before = {previous.key: one.previous_id, **self._others(session, one, previous.key)}
            row = new_id()
            asked[row] = (
                key,
                Asked(
                    id=row,
                    customer_id=one.customer_id,
                    conditions=step.when,
                    before=before,
                    previous=previous.key,
                    since=one.previous_at,
                ),
            )
        able = {channel: sender.capabilities for channel, sender in self.carriers.senders.items()}
        answers = load_conditions(session, [one for _, one in asked.values()], able)
        return {asked[row][0]: answer for row, answer in answers.items()}

    def _others(self, session: Session, one: Candidate, previous: str) -> dict[str, uuid.UUID]:
        """Messages of steps further back, where a condition names one."""
        named = {condition.of for condition in self.meeting.occasion.step.when} - {None, previous}
        found: dict[str, uuid.UUID] = {}
        for step in self.meeting.occasion.campaign.message_steps:
            if step.key in named:
                key = follow_up_key(one.previous_key, step.number)
                stands = self.book.standing(session, [(one.customer_id, key)]).get((one.customer_id, key))
                if stands is not None:
                    found[step.key] = stands.id
        return found

    def _greeted_this_year(
        self, session: Session, fresh: Sequence[tuple[Candidate, str, Standing | None]]
    ) -> dict[tuple[uuid.UUID, str], str]:
        """A greeting of this birth year by the other calendar: who changed calendars is never greeted twice."""
        trigger, occasion = self.meeting.occasion.campaign.trigger, self.meeting.occasion
        if not isinstance(trigger, PersonalDateTrigger) or trigger.kind != "birthday" or occasion.previous:
            return {}
        prefix = campaign_key(occasion.campaign.greets, f"{trigger.kind}:")
        since, before = occasion.on_day - _HALF_A_YEAR, occasion.on_day + _HALF_A_YEAR
        ids = sorted({one.customer_id for one, _, _ in fresh})
        earlier = self.book.greetings(session, ids, prefix, since, before)
        found = {}
        for one, key, _ in fresh:
            calendar = anchor_of(key).rsplit(":", 1)[0]
            other = next(
                (
                    seen
                    for seen in earlier.get(one.customer_id, ())
                    if anchor_of(seen).rsplit(":", 1)[0] != calendar
                ),
                None,
            )
            if other is not None:
                found[one.customer_id, key] = anchor_of(other)
        return found

    def wave(self, customer_id: uuid.UUID) -> int | None:
        """Which wave a customer leaves in; None where the campaign has none."""
        waves = self.meeting.occasion.campaign.waves
        if waves is None:
            return None
        return wave_of(
            customer_id,
            waves.percents,
            self.meeting.occasion.campaign.key,
            self.meeting.occasion.on_day.isoformat(),
        )

    def _wave_key(self, customer_id: uuid.UUID) -> str | None:
        wave = self.wave(customer_id)
        if wave is None or wave <= self.waves_out:
            return None
        return wave_hold_key(self.run_id, wave)
