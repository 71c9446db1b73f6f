"""A forecast: the planner itself, day by day, on a book that keeps what it foresees and writes nothing."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from scheduler.carriers import Carriers
from scheduler.forecast_tally import Line, Tally
from scheduler.forecasting import ForecastBook, Met, Outcome
from scheduler.judged import Judged, Terms
from scheduler.occasions import days_before_step, days_from
from scheduler.places import Places, open_places
from scheduler.planning import Planner
from store import forecasts
from store.forecasts import Standing
from wenhou.core.actors import Actor
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import Campaign
from wenhou.core.channels import CHANNELS
from wenhou.core.errors import InputError
from wenhou.core.statuses import PENDING, Status
from wenhou.services.calendars import calendar_in_force
from wenhou.services.campaigns import live_campaigns
from wenhou.services.context import Context
from wenhou.services.policies import policy_in_force

LONGEST_DAYS = 92
_STEPS_BACK = timedelta(days=92)
"""How far back a message may lie that a later step waits behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for. `campaign`, `advisor`: only these lines, though all are foreseen. `limit`: lines listed."""

    first: date
    last: date
    campaign: str | None = None
    advisor: str | None = None
    limit: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost:
    """A later step that waits for what customers do: so many messages at most."""

    campaign: str
    step: str
    on: date
    most: int

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "campaign": self.campaign,
            "step": self.step,
            "on": self.on.isoformat(),
            "at_most": self.most,
        }


@dataclass(slots=True, kw_only=True)
class Forecast:
    """What would go in these days, and what would stand in its way."""

    wanted: Wanted
    tally: Tally
    places: Places
    at_most: list[AtMost] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The JSON of `wenhou forecast`."""
        return {
            "from": self.wanted.first.isoformat(),
            "to": self.wanted.last.isoformat(),
            "campaign": self.wanted.campaign,
            "advisor": self.wanted.advisor,
            **self.tally.as_json(),
            "at_most": [one.as_json() for one in self.at_most],
            "quotas": [one.as_json() for one in self.places.running_out()],
        }


def foresee(context: Context, carriers: Carriers, actor: Actor, wanted: Wanted) -> Forecast:
    """Forecast some days; InputError for a campaign or advisor nobody knows. Counts hold whom the actor may see."""
    if (wanted.last - wanted.first).days >= LONGEST_DAYS:
        raise InputError(f"forecast at most {LONGEST_DAYS} days", column="--days")
    now = context.clock.now()
    with context.db.read() as session:
        known = live_campaigns(session)
        places = open_places(session, CHANNELS, carriers.accounts)
        people = forecasts.logins(session)
        policy = policy_in_force(session, now)
        work = calendar_in_force(session).work_calendar()
    if wanted.campaign is not None and wanted.campaign not in {row.key for row, _ in known}:
        raise InputError(f"no live campaign {wanted.campaign}", column="--campaign")
    if wanted.advisor is not None and wanted.advisor not in people.values():
        raise InputError(f"there is no user {wanted.advisor}", column="--advisor")
    seer = _Seer(
        context=context,
        actor=actor,
        wanted=wanted,
        campaigns={row.id: (row.key, spec) for row, spec in known},
        logins=people,
        tally=Tally(limit=wanted.limit),
    )
    book = ForecastBook(
        now=now,
        longest_cap=policy.longest_cap,
        places=places,
        heard=seer.hear,
        lost=seer.lose,
    )
    counts_all = actor.sees_all and wanted.advisor is None
    for plan in Planner(context, carriers).foresee(wanted.first, wanted.last, book):
        seer.flush()
        if counts_all and wanted.campaign in (None, plan.campaign):
            seer.tally.plans.append(plan)
    seer.flush()
    seer.take_in_what_stands(book.rejudged)
    return Forecast(wanted=wanted, tally=seer.tally, places=places, at_most=seer.at_most(work))


@dataclass(slots=True, kw_only=True)
class _Seer:
    """Turns what is foreseen into lines of those in sight."""

    context: Context
    actor: Actor
    wanted: Wanted
    campaigns: Mapping[uuid.UUID, tuple[str, Campaign]]
    logins: Mapping[uuid.UUID, str]
    tally: Tally
    _waiting: list[tuple[uuid.UUID, Line]] = field(default_factory=list)
    _lost: set[uuid.UUID] = field(default_factory=set)
    _going: Counter[tuple[str, str, date]] = field(default_factory=Counter)

    def hear(self, judged: Judged, terms: Terms, outcome: Outcome) -> None:
        """A message or task that is foreseen."""
        step = terms.occasion.step
        line = Line(
            customer=judged.person.external_ref,
            campaign=terms.row.key,
            step=step.key,
            on=outcome.on_day,
            due_at=judged.decision.send_at,
            channel=outcome.channel,
            status=outcome.status,
            reason=outcome.reason,
            advisor=self.logins.get(judged.person.advisor_id) if judged.person.advisor_id else None,
            is_first_step=step.after is None,
            after_answers=bool(step.when),
        )
        self._waiting.append((judged.person.id, line))
        if len(self._waiting) >= 500:
            self.flush()

    def lose(self, met: Met) -> None:
        """A message of the store that gives way to a foreseen one; it is counted when the store is read."""
        self._lost.add(met.id)

    def flush(self) -> None:
        """Count what was heard, as far as it is in sight and asked for."""
        if not self._waiting:
            return
        ids = [customer for customer, _ in self._waiting]
        with self.context.db.read() as session:
            seen = forecasts.visible_ids(session, self.actor, ids)
        for customer, line in self._waiting:
            if customer in seen:
                self._add(line)
        self._waiting.clear()

    def take_in_what_stands(self, rejudged: Collection[uuid.UUID]) -> None:
        """Count messages and tasks of the store, but for those that were judged anew."""
        with self.context.db.read() as session:
            for one in forecasts.messages_between(session, self.actor, self.wanted.first, self.wanted.last):
                if one.id not in rejudged:
                    self._stands(one)
            for one in forecasts.tasks_between(session, self.actor, self.wanted.first, self.wanted.last):
                self._stands(one)
            since = self.wanted.first - _STEPS_BACK
            for campaign_id, number, day, amount in forecasts.waiting_before(
                session, self.actor, self.wanted.first, since
            ):
                if campaign_id in self.campaigns:
                    key, spec = self.campaigns[campaign_id]
                    self._going[key, _step_key(spec, number), day] += amount

    def _stands(self, one: Standing) -> None:
        if one.campaign_id not in self.campaigns:
            return
        key, spec = self.campaigns[one.campaign_id]
        step_key = one.step_key or _step_key(spec, one.step)
        step = next((step for step in spec.steps if step.key == step_key), None)
        is_lost = one.id in self._lost
        self._add(
            Line(
                customer=one.ref,
                campaign=key,
                step=step_key,
                on=one.on_day,
                due_at=one.due_at,
                channel=one.channel,
                status=Status.SKIPPED if is_lost else one.status,
                reason="more_important_message" if is_lost else one.reason,
                advisor=self.logins.get(one.advisor_id) if one.advisor_id else None,
                is_first_step=step is None or step.after is None,
                stands=True,
            )
        )

    def _add(self, line: Line) -> None:
        if line.goes and line.status in PENDING:
            self._going[line.campaign, line.step, line.on] += 1
        if self.wanted.campaign not in (None, line.campaign):
            return
        if self.wanted.advisor not in (None, line.advisor):
            return
        self.tally.add(line)

    def at_most(self, work: WorkCalendar) -> list[AtMost]:
        """Later steps behind messages that have not left: as many as those messages, less whoever answers."""
        found: list[AtMost] = []
        for key, spec in sorted(self.campaigns.values(), key=lambda pair: pair[0]):
            if self.wanted.advisor is not None or self.wanted.campaign not in (None, key):
                continue
            going = Counter({(step, day): n for (name, step, day), n in self._going.items() if name == key})
            for step in spec.steps:
                if step.after is None or spec.step(step.after).task is not None:
                    continue
                for day in days_from(self.wanted.first, self.wanted.last):
                    most = sum(going[step.after, before] for before in days_before_step(step, day, work))
                    if most:
                        going[step.key, day] += most
                        found.append(AtMost(campaign=key, step=step.key, on=day, most=most))
        return found


def _step_key(spec: Campaign, number: int) -> str:
    try:
        return spec.step_of_message(number).key
    except KeyError:  # a step of an older version
        return str(number)
