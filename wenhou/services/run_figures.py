"""What came of a run, wave by wave, in people and percent; whether a limit is broken, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from store import waves
from store.runs import RunRow, list_runs
from store.waves import Figures
from wenhou.core.campaigns import Limits
from wenhou.core.errors import InputError
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context

_MEASURES = {
    "failure": ("失败率", "failure rate"),
    "opt_out": ("退订率", "opt-out rate"),
    "complaint": ("投诉率", "complaint rate"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rate over its limit: `part` of `whole` people, in percent."""

    measure: str
    part: int
    whole: int
    limit: float
    wave: int | None = None

    @property
    def percent(self) -> float:
        """The rate."""
        return 100 * self.part / self.whole

    def sentence(self, locale: str = "zh-CN") -> str:
        """`退订率1.8%，超过上限1%：第1批 3/165`."""
        zh, en = _MEASURES[self.measure]
        rate, limit = _spoken(self.percent), f"{self.limit:g}"
        if locale.startswith("zh"):
            where = f"第{self.wave + 1}批" if self.wave is not None else "截至目前"
            return f"{zh}{rate}%，超过上限{limit}%：{where} {self.part}/{self.whole}"
        where = f"wave {self.wave + 1}" if self.wave is not None else "so far"
        return f"{en} {rate} %, over the limit of {limit} %: {where} {self.part}/{self.whole}"

    def as_json(self) -> dict[str, Any]:
        """As kept beside the stop."""
        return {
            "measure": self.measure,
            "part": self.part,
            "whole": self.whole,
            "percent": round(self.percent, 3),
            "limit": self.limit,
        }


def breach_of(limits: Limits, figures: Figures, wave: int | None = None) -> Breach | None:
    """The first limit that the figures are over; None: all hold. Exactly at the limit is not over it."""
    asked = (
        ("complaint", limits.complaint_percent, figures.complained, figures.handed_over),
        ("opt_out", limits.opt_out_percent, figures.opted_out, figures.handed_over),
        ("failure", limits.failure_percent, figures.failed + figures.undelivered, figures.tried),
    )
    for measure, limit, part, whole in asked:
        if limit is not None and whole and 100 * part > limit * whole:
            return Breach(measure=measure, part=part, whole=whole, limit=limit, wave=wave)
    return None


def find_run(context: Context, key: str, on: date) -> RunRow:
    """The run of a campaign on a day; raises InputError."""
    with context.db.read() as session:
        found = list_runs(session, since=on, until=on, campaign=key)
    if not found:
        raise InputError(f"campaign {key} has no run on {on}; `wenhou runs list` names them")
    return found[0]


def list_wave_rows(context: Context, run: RunRow) -> list[dict[str, Any]]:
    """Each wave of a run (or the run as a whole) with its figures, rates, state and who let it go."""
    with context.db.read() as session:
        spec = specs_of(session, [run.version_id]).get(run.version_id)
        current = waves.waves_out(session, [run.id])[run.id]
        let_go = {one.wave: one for one in waves.list_waves(session, run.id)}
        last = len(spec.waves.percents) if spec and spec.waves else None
        numbers: list[int | None] = [None] if last is None else [*range(last + 1)]
        rows = []
        for wave in numbers:
            figures = waves.read_figures(session, run.id, wave=wave)
            row = {"wave": None if wave is None else wave + 1, **figures.as_json(), **rates_of(figures)}
            row["state"] = _state_of(wave, current, figures)
            opened = let_go.get(wave) if wave else None
            row["released_at"] = opened.released_at.isoformat() if opened else None
            row["released_by"] = str(opened.released_by) if opened and opened.released_by else None
            rows.append(row)
    return rows


def list_stop_rows(context: Context, run: RunRow) -> list[dict[str, Any]]:
    """When and why a run stopped itself, and who let it go on."""
    with context.db.read() as session:
        return [
            {
                "stopped_at": stop.stopped_at.isoformat(),
                "wave": None if stop.wave is None else stop.wave + 1,
                "reason": stop.reason,
                "figures": stop.figures,
                "resumed_at": stop.resumed_at.isoformat() if stop.resumed_at else None,
                "resumed_by": str(stop.resumed_by) if stop.resumed_by else None,
            }
            for stop in waves.list_stops(session, run.id)
        ]


def rates_of(figures: Figures) -> dict[str, float | None]:
    """The three rates in percent; None of nobody."""
    bad = figures.failed + figures.undelivered
    return {
        "failure_percent": _percent(bad, figures.tried),
        "opt_out_percent": _percent(figures.opted_out, figures.handed_over),
        "complaint_percent": _percent(figures.complained, figures.handed_over),
    }


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 3) if whole else None


def _state_of(wave: int | None, current: int, figures: Figures) -> str:
    if wave is not None and wave > current:
        return "waits"
    return "leaving" if figures.open else "settled"


def _spoken(percent: float) -> str:
    """One decimal, two below one percent: 1.8, 12, 0.05."""
    return f"{percent:.{1 if percent >= 1 else 2}f}".rstrip("0").rstrip(".")
