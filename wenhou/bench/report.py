"""docs/benchmarks.md, written by a command and never by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wenhou.bench.figures import Figures, machine, versions
from wenhou.bench.population import SEED

_HEAD = """# Benchmarks

Written by `wenhou bench report`; run it to have the figures of your own machine. Nothing here is a test: a slow
machine fails no build. Made-up customers (seed {seed}), a store of the benchmark's own on SQLite with
`synchronous=FULL` as in production, the provider in another process on the same machine.

- Machine: {machine}
- Measured: {at}, with {load} other work on the machine
- Versions: {versions}

"""
_TITLES = {
    "import": "Import: CSV, first and second time",
    "plan": "Planning: who is due, and their messages",
    "dispatch": "Hand-over: with everything, and the bare transport",
}
_MEANINGS = {
    "rows_per_s": "rows read, checked and written a second; the aim is 5,000",
    "second_import_rows_per_s": "the same file again: nothing changes",
    "due_on_a_day": "customers whose birthday it is, solar and lunar (median of days)",
    "who_is_due_ms": "to fetch all their ids, median; the aim is 50 ms among a million",
    "who_is_due_worst_ms": "the slowest of all, the first one from the disk included",
    "planned_per_s": "messages judged by all gates, rendered, sealed and written a second",
    "planned_again_per_s": "the same day planned again: nothing is added",
    "bytes_per_message": "tables and indexes together, with its words; the bound is 2,048",
    "messages_per_s": "through gates, ledger, attempts, call and record",
    "limit_per_s": "the same sender and provider without any of it: what cannot be passed",
    "ratio": "of the limit",
    "calls_in_flight": "and at most as many are unknown when the process is killed",
    "peak_rss_mb": "the most memory the measuring process held, all benchmarks before it included",
}


def render(found: Sequence[Figures], at: datetime, *, is_busy: bool) -> str:
    """The page."""
    page = _HEAD.format(
        seed=SEED,
        machine=machine(),
        at=f"{at:%Y-%m-%d}",
        load="much" if is_busy else "little",
        versions=", ".join(f"{name} {value}" for name, value in versions().items()),
    )
    return page + "\n".join(_section(one) for one in found)


def _section(one: Figures) -> str:
    lines = [f"## {_TITLES.get(one.name, one.name)}", "", "| figure | value | meaning |", "|---|---:|---|"]
    lines += [
        f"| `{name}` | {_number(value)} | {_MEANINGS.get(name, '')} |" for name, value in one.figures.items()
    ]
    if one.says:
        lines += ["", "The database's plan for who is due:", "", "```", *one.says, "```"]
    return "\n".join([*lines, ""])


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"
