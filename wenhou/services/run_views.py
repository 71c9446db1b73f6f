"""Runs as operations and compliance look at them: which there are, and one of them whole. Reads only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from store import waves
from store.overview import user_names
from store.runs import RunRow, count_statuses, list_runs
from wenhou.core.actors import Actor
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services import funnels, run_figures, seeds
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context
from wenhou.services.desk_notices import is_desk_of_operations

_BACK, _AHEAD = timedelta(days=14), timedelta(days=7)
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run in the list. `waves`: how many it has, None: it goes at once; `current`: the newest that may leave, from 1."""

    run: RunRow
    waves: int | None
    current: int

    @property
    def is_stopped(self) -> bool:
        """Whether nothing of it leaves just now."""
        return self.run.campaign_state == "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWhole:
    """One run. `rows`: a wave each, or the run as a whole; `stops`: the times it stopped itself.

    `funnel` None: it is not planned yet. `samples`: what went to the seed list.
    """

    line: RunLine
    statuses: Mapping[str, int]
    rows: Sequence[Mapping[str, Any]]
    stops: Sequence[Mapping[str, Any]]
    funnel: Mapping[str, Any] | None
    samples: Sequence[Mapping[str, Any]]


def list_lines(context: Context, actor: Actor, *, campaign: str | None = None) -> list[RunLine]:
    """Runs with somebody in their audience, two weeks back to one ahead, the newest day first; AccessDenied."""
    _check(actor)
    today = _today(context)
    with context.db.read() as session:
        found = list_runs(session, since=today - _BACK, until=today + _AHEAD, campaign=campaign)
        runs = [run for run in found if run.audience][:_MOST]
        specs = specs_of(session, {run.version_id for run in runs})
        current = waves.waves_out(session, [run.id for run in runs])
    lines = []
    for run in runs:
        spec = specs.get(run.version_id)
        parts = len(spec.waves.percents) + 1 if spec is not None and spec.waves is not None else None
        lines.append(RunLine(run=run, waves=parts, current=current[run.id] + 1))
    return lines


def read_run(context: Context, actor: Actor, key: str, on: date) -> RunWhole:
    """One run with its waves, figures, funnel and samples; InputError where there is none, AccessDenied."""
    _check(actor)
    run = run_figures.find_run(context, key, on)
    rows = run_figures.list_wave_rows(context, run)
    stops = run_figures.list_stop_rows(context, run)
    with context.db.read() as session:
        people = [row.get(name) for row in (*rows, *stops) for name in ("released_by", "resumed_by")]
        names = user_names(session, [uuid.UUID(one) for one in people if one])
        statuses = {status: amount for (_, status), amount in count_statuses(session, run.id).items()}
    is_waved = rows[0]["wave"] is not None
    current = sum(row["state"] != "waits" for row in rows)
    line = RunLine(run=run, waves=len(rows) if is_waved else None, current=current)
    return RunWhole(
        line=line,
        statuses=statuses,
        rows=[_told(row, "released", names) for row in rows],
        stops=[_told(stop, "resumed", names) for stop in stops],
        funnel=_funnel(context, actor, key, on),
        samples=[
            {**one, "at": datetime.fromisoformat(one["at"])} for one in seeds.list_sends(context, run.id)
        ],
    )


def _told(row: Mapping[str, Any], act: str, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    """A row with instants in place of their text, and with the name of the person who let it go."""
    told = dict(row)
    for name in (f"{act}_at", "stopped_at"):
        if told.get(name):
            told[name] = datetime.fromisoformat(told[name])
    by = told.get(f"{act}_by")
    told[f"{act}_by"] = names.get(uuid.UUID(by), "") if by else None
    return told


def _funnel(context: Context, actor: Actor, key: str, on: date) -> Mapping[str, Any] | None:
    try:
        return funnels.funnel_of(context, actor, key, on).as_json()
    except InputError:
        return None


def _check(actor: Actor) -> None:
    if actor.kind != "system" and not is_desk_of_operations(actor):
        raise AccessDenied("场次与数据由运营、合规查看 (operations and compliance watch runs)")


def _today(context: Context) -> date:
    return context.clock.now().astimezone(context.bank.zone).date()
