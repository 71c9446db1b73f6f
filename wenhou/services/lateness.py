"""What was not planned or sent in time, and why: per campaign and day, with the stretches in which the planner was down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from store import lateness
from store.campaigns import list_campaigns
from store.database import Session
from store.lateness import LateCounts, Outage, PlannedRun
from wenhou.core.campaigns import Campaign, Step
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context

Expected = Callable[[Session, Campaign, date], bool]
"""Whether a campaign meets anybody's occasion on a day at all: given by who knows triggers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRow:
    """One campaign's step on one day. `never_planned`: the planner was down from before it until its last deadline.

    `outages`: those that reach into the time between the first message's hour and the end of its window.
    """

    campaign: str
    on_day: date
    step: str
    policy: str
    late_days: int
    window: tuple[datetime, datetime]
    planned_at: datetime | None
    counts: LateCounts
    outages: tuple[Outage, ...] = ()
    never_planned: bool = False

    @property
    def is_late(self) -> bool:
        """Whether anything of it was missed."""
        return self.never_planned or self.counts.missed > 0

    @property
    def cause(self) -> str | None:
        """`down` the planner was, `planned_late` the run was, `not_sent` in time for another cause; None: in time."""
        if not self.is_late:
            return None
        if self.outages or self.never_planned:
            return "down"
        return "planned_late" if self.planned_at and self.planned_at > self.window[1] else "not_sent"

    def as_json(self) -> dict[str, Any]:
        """As printed."""
        counts = self.counts
        return {
            "campaign": self.campaign,
            "on": self.on_day.isoformat(),
            "step": self.step,
            "policy": self.policy,
            "late_days": self.late_days,
            "due": counts.due,
            "sent_in_time": counts.sent_in_time,
            "sent_late": counts.sent_late,
            "skipped_too_late": counts.too_late,
            "not_approved": counts.not_approved,
            "asked_again": counts.asked_again,
            "waiting": counts.waiting,
            "other": counts.other,
            "never_planned": self.never_planned,
            "planned_at": self.planned_at.isoformat() if self.planned_at else None,
            "window": [one.isoformat() for one in self.window],
            "outages": [outage_json(one) for one in self.outages],
            "cause": self.cause,
        }


def report_late(
    context: Context, *, since: datetime, expected: Expected, everything: bool = False
) -> tuple[list[LateRow], list[Outage]]:
    """Each campaign's days from `since` to today of which something was missed (`everything`: all), and the outages."""
    now, zone = context.clock.now(), context.bank.zone
    first, today = since.astimezone(zone).date(), now.astimezone(zone).date()
    rows: list[LateRow] = []
    with context.db.read() as session:
        outages = lateness.list_outages(session, since, now)
        planned = lateness.list_planned(session, first, today)
        specs = specs_of(session, {run.version_id for run in planned})
        for run in planned:
            spec = specs.get(run.version_id)
            if spec is not None:
                rows += _of_run(context, session, run, spec, outages)
        rows += _never_planned(context, session, planned, (first, today), expected)
    rows.sort(key=lambda row: (row.on_day, row.campaign, row.step))
    return [row for row in rows if everything or row.is_late], outages


def _of_run(
    context: Context, session: Session, run: PlannedRun, spec: Campaign, outages: list[Outage]
) -> list[LateRow]:
    found = []
    for number in lateness.steps_of(session, run.id):
        try:
            step = spec.step_of_message(number)
        except KeyError:  # a step that a later version left out
            continue
        window = _window(context, step, run.on_day)
        counts = lateness.count_late(session, run.id, number, in_time_until=window[1])
        found.append(
            LateRow(
                campaign=run.campaign,
                on_day=run.on_day,
                step=step.key,
                policy=spec.late,
                late_days=spec.late_days,
                window=window,
                planned_at=run.planned_at,
                counts=counts,
                outages=tuple(one for one in outages if _meets(one, window)),
            )
        )
    return found


def _never_planned(
    context: Context,
    session: Session,
    planned: list[PlannedRun],
    days: tuple[date, date],
    expected: Expected,
) -> list[LateRow]:
    """Occasions without a run whose planner was down all the time it could have been planned."""
    now, known = context.clock.now(), {(run.campaign_id, run.on_day) for run in planned}
    campaigns = list_campaigns(session, states=("live", "paused"))
    specs = specs_of(session, {row.version_id for row in campaigns})
    found = []
    for row in campaigns:
        spec = specs.get(row.version_id)
        if spec is None or not spec.message_steps:
            continue
        for day in _each(*days):
            step = spec.first_steps[0] if not spec.first_steps[0].task else spec.message_steps[0]
            window = _window(context, step, day)
            opens = window[0] - timedelta(days=2 * spec.plan_ahead_workdays + 7)
            closes = window[1] + timedelta(days=spec.late_days)
            if (row.id, day) in known or closes > now:
                continue
            if lateness.was_seen(session, opens, closes) or not lateness.was_seen_before(session, opens):
                continue
            if expected(session, spec, day):
                found.append(
                    LateRow(
                        campaign=row.key,
                        on_day=day,
                        step=step.key,
                        policy=spec.late,
                        late_days=spec.late_days,
                        window=window,
                        planned_at=None,
                        counts=LateCounts(),
                        never_planned=True,
                    )
                )
    return found


def outage_json(outage: Outage) -> dict[str, str | None]:
    """As printed."""
    return {
        "since": outage.since.isoformat(),
        "until": outage.until.isoformat() if outage.until else None,
    }


def _window(context: Context, step: Step, day: date) -> tuple[datetime, datetime]:
    """From the hour a step's messages fall due to the end of their own window, late days left out."""
    zone = context.bank.zone
    last = day + timedelta(days=step.valid_days)
    starts: time = step.send_at
    return datetime.combine(day, starts, tzinfo=zone), datetime.combine(last, step.until, tzinfo=zone)


def _meets(outage: Outage, window: tuple[datetime, datetime]) -> bool:
    return outage.since <= window[1] and (outage.until is None or outage.until >= window[0])


def _each(first: date, last: date) -> list[date]:
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
