"""`wenhou audience …`: count a rule's audience live, list it, see how a fixed one has drifted."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting_or_system
from wenhou.core.audience import Rule
from wenhou.core.errors import InputError
from wenhou.services import audiences
from wenhou.services.context import Context

app = typer.Typer(no_args_is_help=True, help="Count and list audiences, see how they drift.")
File = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", readable=False, help="A rule (YAML), or a file with `audience:`."),
]
Campaign = Annotated[str | None, typer.Option(metavar="KEY", help="The audience of this campaign.")]


@app.command("count")
def run_count(
    file: File = None, *, campaign: Campaign = None, login: As = None, as_json: AsJson = False
) -> None:
    """Say a rule as a sentence and count who meets it now."""
    with using_context() as context:
        rule = _rule(context, file, campaign)
        found = audiences.count_audience(context, acting_or_system(context, login), rule, channels=True)
    facts: dict[str, Any] = {
        "sentence": found.sentence_zh,
        "sentence_en": found.sentence_en,
        "count": found.count.total,
        "with_advisor": found.count.with_advisor,
        "without_advisor": found.count.without_advisor,
        "by_tier": {tier or "unknown": amount for tier, amount in found.count.by_tier.items()},
        "by_channel": found.channels,
    }
    if not as_json:
        facts |= {name: _in_a_line(facts[name]) for name in ("by_tier", "by_channel")}
    print_facts(facts, as_json=as_json)


@app.command("list")
def run_list(
    file: File = None,
    *,
    campaign: Campaign = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List the members you may see, by number, names masked."""
    with using_context() as context:
        rule = _rule(context, file, campaign)
        found = audiences.list_audience(context, acting_or_system(context, login), rule, limit)
    rows = [asdict(one) for one in found]
    print_rows(rows, ("ref", "name", "tier", "has_advisor", "last_contact_at"), as_json=as_json)


@app.command("drift")
def run_drift(key: Annotated[str, typer.Argument(metavar="KEY")], *, as_json: AsJson = False) -> None:
    """Compare a frozen audience and planned runs with the rule today."""
    with using_context() as context:
        found = audiences.drift_of_campaign(context, key)
    rows = [
        {"kind": one.kind, "on": one.on_day, "version": one.version, **asdict(one.drift)} for one in found
    ]
    if as_json:
        print_json(rows)
        return
    empty = (
        f"Nothing of {key} is fixed yet: it was not frozen at approval, and no run from today on is planned."
    )
    print_rows(rows, ("kind", "on", "version", "frozen", "joined", "left"), as_json=False, empty=empty)


def _rule(context: Context, file: Path | None, campaign: str | None) -> Rule:
    if (file is None) == (campaign is None):
        raise InputError("name a file with a rule, or --campaign KEY")
    if campaign is not None:
        return audiences.rule_of_campaign(context, campaign)
    assert file is not None  # noqa: S101 - just checked, for the type
    return audiences.rule_of_file(context, file)


def _in_a_line(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {amount}" for name, amount in counts.items()) or "none"
