"""Waves and limits of a run: the next wave leaves when the one before did well, else the campaign stops itself.

Rates have stated denominators: failures (never accepted, or reported not delivered) of the calls that ended; opt-outs
(the customer's own withdrawal) and complaints, each person once, of the people something was handed over to, from the
first hand-over on. A wave is judged when at least 95 % of it is settled and `observe_minutes` passed since its last
hand-over. While a run goes on its limits are watched as well, once 50 calls have ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from store import waves
from store.audit import record
from store.database import Session
from store.models.campaigns import Campaign as CampaignRow
from store.notices import notify
from store.runs import RunRow, list_runs
from store.waves import Figures, NewStop
from wenhou.core.actors import SYSTEM, Actor, Role
from wenhou.core.campaigns import Campaign
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context
from wenhou.services.run_figures import Breach, breach_of, find_run

SETTLED = 0.95
MIN_SAMPLE = 50
"""Calls that must have ended before a run that is still leaving is stopped for its rates."""
STOP_NOTICE = "campaign_stopped_itself"
_REACH = timedelta(days=14)
"""How long after its day a run is still looked at: late sending and held messages included."""
_AHEAD = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Steering:
    """What one look did: waves let go, messages freed, keys of campaigns that stopped themselves."""

    released: int = 0
    freed: int = 0
    stopped: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """A run under judgement: `current` is the highest wave that may leave."""

    run: RunRow
    spec: Campaign
    current: int

    @property
    def has_next(self) -> bool:
        """Whether a later wave still waits."""
        return self.spec.waves is not None and self.current < len(self.spec.waves.percents)

    @property
    def wave(self) -> int | None:
        """The wave its figures speak of."""
        return self.current if self.spec.waves is not None else None


def steer_runs(context: Context) -> Steering:
    """Look at every run that goes on: free what may leave, let the next wave go, stop what does badly.

    Idempotent: each decision is one transaction on a unique row, what follows it is done again by the next look.
    """
    done = Steering(stopped=[])
    for standing in _going_on(context):
        for wave in range(1, standing.current + 1):
            done.freed += _free(context, standing.run.id, wave)
        decided = _judge(context, standing)
        if isinstance(decided, Breach):
            if _stop(context, standing, decided) and done.stopped is not None:
                done.stopped.append(standing.run.campaign)
        elif decided is not None and _open_next(context, standing, decided):
            done.released += 1
            done.freed += _free(context, standing.run.id, standing.current + 1)
    return done


def _going_on(context: Context) -> list[_Standing]:
    """Runs of live campaigns with waves or limits, of the days around today."""
    now = context.clock.now()
    today = now.astimezone(context.bank.zone).date()
    with context.db.read() as session:
        runs = list_runs(session, since=today - _REACH, until=today + _AHEAD, states=("live",))
        specs = specs_of(session, {run.version_id for run in runs})
        watched = [
            (run, spec)
            for run in runs
            if (spec := specs.get(run.version_id)) is not None
            and (spec.waves is not None or spec.limits.stops_itself)
        ]
        out = waves.waves_out(session, [run.id for run, _ in watched])
        return [_Standing(run=run, spec=spec, current=out[run.id]) for run, spec in watched]


def _judge(context: Context, standing: _Standing) -> Breach | dict[str, Any] | None:
    """A limit that is broken, the figures on which the next wave may leave, or None: nothing to do yet."""
    now = context.clock.now()
    with context.db.read() as session:
        accepted = _accepted(session, standing)
        figures = waves.read_figures(
            session, standing.run.id, wave=standing.wave, since=accepted[1] if accepted else None
        )
        if figures.tried >= MIN_SAMPLE:
            broken = breach_of(standing.spec.limits, figures, standing.wave)
            if broken is not None:
                return broken
        if not standing.has_next:
            return None
        if accepted is not None:  # a person saw the figures and let it go on
            return {**figures.as_json(), "released_by": accepted[0]}
        if figures.planned == 0:
            return figures.as_json() if _is_nobody(session, standing, now) else None
    return _proven(standing, figures, now)


def _proven(standing: _Standing, figures: Figures, now: datetime) -> Breach | dict[str, Any] | None:
    observe = timedelta(minutes=standing.spec.waves.observe_minutes if standing.spec.waves else 0)
    if figures.settled < SETTLED or figures.last_at is None or now < figures.last_at + observe:
        return None
    return breach_of(standing.spec.limits, figures, standing.wave) or figures.as_json()


def _accepted(session: Session, standing: _Standing) -> tuple[str | None, datetime] | None:
    """Who let this run go on after it stopped itself in the wave it is in, and since when."""
    for stop in waves.list_stops(session, standing.run.id):
        if stop.wave == standing.wave and stop.resumed_at is not None:
            return (str(stop.resumed_by) if stop.resumed_by else None), stop.resumed_at
    return None


def _is_nobody(session: Session, standing: _Standing, now: datetime) -> bool:
    """Whether a wave is empty for good: everybody was planned, and the day's first message would leave by now."""
    if standing.run.run_state != "planned":
        return False
    due = waves.first_due(session, standing.run.id)
    return due is not None and due <= now


def _open_next(context: Context, standing: _Standing, figures: Mapping[str, Any]) -> bool:
    by = figures.get("released_by")
    return _open(
        context,
        standing.run,
        standing.current + 1,
        figures,
        actor=SYSTEM,
        by=uuid.UUID(by) if by else None,
    )


def _open(
    context: Context,
    run: RunRow,
    wave: int,
    figures: Mapping[str, Any],
    *,
    actor: Actor,
    by: uuid.UUID | None,
) -> bool:
    now = context.clock.now()
    with context.db.write() as session:
        if not _is_live(session, run.campaign_id):
            return False
        opened = waves.open_wave(session, run.id, wave, figures, at=now, by=by)
        if opened:
            details = {"key": run.campaign, "on": run.on_day.isoformat(), "wave": wave}
            record(session, now, actor, "run.wave_released", "occurrence", run.id, details)
        context.passed("waves.before_commit")
    context.passed("waves.after_commit")
    return opened


def _free(context: Context, occurrence_id: uuid.UUID, wave: int) -> int:
    """Clear the holds of a wave that may leave, 500 a transaction."""
    with context.db.read() as session:
        if not waves.is_held(session, occurrence_id, wave):
            return 0
    freed = 0
    while True:
        with context.db.write() as session:
            some = waves.clear_holds(session, occurrence_id, wave, at=context.clock.now())
        context.passed("waves.freed")
        freed += some
        if some == 0:
            break
    if freed:
        context.submit("dispatch")
    return freed


def _stop(context: Context, standing: _Standing, breach: Breach) -> bool:
    """Pause the campaign, say why, tell operations: one transaction, once."""
    now, run = context.clock.now(), standing.run
    reason = breach.sentence()
    figures = breach.as_json()
    with context.db.write() as session:
        row = _locked(session, run.campaign_id)
        if row.state != "live":
            return False
        waves.close_stops(session, row.id, by=None, at=now)  # let go some other way than by `resume_campaign`
        row.state, row.paused_reason, row.updated_at = "paused", reason, now
        stop_id = waves.add_stop(
            session,
            NewStop(
                campaign_id=row.id,
                occurrence_id=run.id,
                wave=breach.wave,
                measure=breach.measure,
                figures=figures,
                reason=reason,
            ),
            now,
        )
        details = {"key": run.campaign, "on": run.on_day.isoformat(), "wave": breach.wave, **figures}
        notify(session, kind=STOP_NOTICE, body={**details, "reason": reason, "stop": str(stop_id)}, at=now)
        record(session, now, SYSTEM, "campaign.stopped_itself", "campaign", row.id, details)
        context.passed("waves.stop.before_commit")
    context.passed("waves.stop.after_commit")
    return True


def _is_live(session: Session, campaign_id: uuid.UUID) -> bool:
    return _locked(session, campaign_id).state == "live"


def _locked(session: Session, campaign_id: uuid.UUID) -> CampaignRow:
    lock = session.get_bind().dialect.name == "postgresql"
    return session.get_one(CampaignRow, campaign_id, with_for_update=lock, populate_existing=True)


def release_next(context: Context, actor: Actor, key: str, on: date, reason: str) -> int:
    """A person lets the next wave of a run go on their own word, whatever the figures; its number, from 1.

    InputError without a reason or for an unknown run; Refused when none waits or the campaign is not live.
    """
    if actor.kind != "system" and not actor.has(Role.OPERATIONS):
        raise AccessDenied("only operations lets a wave go")
    if not reason.strip():
        raise InputError("say why the next wave may leave: --reason")
    run = find_run(context, key, on)
    with context.db.read() as session:
        spec = specs_of(session, [run.version_id]).get(run.version_id)
        current = waves.waves_out(session, [run.id])[run.id]
        figures = waves.read_figures(session, run.id, wave=current).as_json()
    if spec is None or spec.waves is None or current >= len(spec.waves.percents):
        raise Refused(f"没有待放行的批次 (no wave of {key} on {on} waits)")
    said = {**figures, "reason": reason.strip()}
    if not _open(context, run, current + 1, said, actor=actor, by=actor.user_id):
        raise Refused(f"活动 {key} 未在进行，或这一批已放行 (not live, or that wave left already)")
    _free(context, run.id, current + 1)
    return current + 2
