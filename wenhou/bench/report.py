"""docs/benchmarks.md, written by a command and never by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wenhou.bench.figures import Figures, machine, versions
from wenhou.bench.population import SEED

_HEAD = """# Benchmarks

Written by `wenhou bench report`; run it to have the figures of your own machine. Nothing here is a test: a slow
machine fails no build. Made-up customers (seed {seed}), stores of the benchmark's own: SQLite with `synchronous=FULL`
as in production, PostgreSQL with its own defaults (fsync on) on the same machine; the provider in another process.

- Machine: {machine}
- Measured: {at}, with {load} other work on the machine
- Versions: {versions}

"""
_TITLES = {
    "import": "Import: CSV, first and second time",
    "render": "Words: from values to bytes, on one core",
    "plan": "Planning: who is due, and their messages",
    "dispatch": "Hand-over: with everything, and the bare transport",
}
MEANINGS = {
    "people": "different made-up people, a fifth of them in each of five rounds",
    "distinct_texts": "different texts among their SMS: the rest was kept from somebody called the same",
    "sms_per_s": "values, words, limits and lint of an SMS; the aim is 10,000",
    "mail_parameters_per_s": "a mail's parameters, both parts made for the hash; the aim is 5,000",
    "mail_bytes_per_s": "from stored parameters to the hash compared and the bytes to send; the aim is 5,000",
    "whole_lint_per_s": "the lint of a whole text alone, when nothing of it was judged before",
    "format_per_s": "the same words by a bare `str.format`: what cannot be passed",
    "compiled_per_s": "the bare compiled template, nothing checked",
    "compiling_per_s": "the same template compiled each time",
    "stdlib_bytes_per_s": "the same mail by the standard library's `EmailMessage.as_bytes()`",
    "sms_ratio": "an SMS with everything, of the bare `str.format`",
    "compiling_times_slower": "compiling each time, against the template compiled once",
    "stdlib_times_slower": "the standard library's bytes, against ours with the hash",
    "rows_per_s": "rows read, checked and written a second; the aim is 5,000",
    "second_import_rows_per_s": "the same file again: nothing changes",
    "due_on_a_day": "customers whose birthday it is, solar and lunar (median of days)",
    "who_is_due_ms": "to fetch all their ids, median; the aim is 50 ms among a million",
    "who_is_due_worst_ms": "the slowest of all, the first one from the disk included",
    "count_tier_ms": "live count of an audience by tier, median of 5; the aim is 300 ms among a million",
    "count_org_ms": "of a branch with all below it",
    "count_assets_ms": "from an amount of assets up",
    "count_all_three_ms": "by tier, branches and assets together",
    "birthdays": "customers whose birthday it is on the day planned",
    "birthdays_s": "seconds to judge by all gates, render, seal and write them; the aim is 15 among a million",
    "explain_ms": "`wenhou explain` for one customer, every gate, median of 20; the aim is 20 ms",
    "festival_rows": "messages of one festival by SMS",
    "festival_s": "seconds for all of them; the aim is 300 for a million",
    "festival_rows_per_s": "judged by all gates, rendered, sealed and written a second; the aim is 3,400",
    "first_tenth_rows_per_s": "at the beginning",
    "middle_tenth_rows_per_s": "in the middle",
    "last_tenth_rows_per_s": "at the end: a long run does not slow down",
    "rss_growth_mb": "memory at the end less that after the first tenth",
    "bare_insert_rows_per_s": "the same rows, ready made, inserted in the same transactions: what cannot be passed",
    "bytes_per_message": "tables and indexes together, with its words; the bound is 2,048",
    "three_channels_rows_per_s": "the festival with words for WeChat, SMS and mail each, to 10,000",
    "three_channels_bytes": "bytes a message then, three sealed texts and a mail's parameters among them",
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
    by_name: dict[str, list[Figures]] = {}
    for one in found:
        by_name.setdefault(one.name, []).append(one)
    return page + "\n".join(_section(several) for several in by_name.values())


def _section(found: Sequence[Figures]) -> str:
    """One benchmark: a column a database."""
    first = found[0]
    heads = [one.database for one in found] if len(found) > 1 else ["value"]
    lines = [
        f"## {_TITLES.get(first.name, first.name)}",
        "",
        f"| figure | {' | '.join(heads)} | meaning |",
        f"|---|{'---:|' * len(heads)}---|",
    ]
    for name in first.figures:
        values = " | ".join(number(one.figures[name]) if name in one.figures else "" for one in found)
        lines.append(f"| `{name}` | {values} | {MEANINGS.get(name, '')} |")
    for one in found:
        if one.says and one.database:
            lines += ["", f"The plans of {one.database}:", "", "```", *one.says, "```"]
    return "\n".join([*lines, ""])


def number(value: float) -> str:
    """With its thousands parted; no decimals where there are none."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"
