"""`wenhou customers …`: bring customers in, look at one, hand one's data out, see how far consent reaches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wenhou.bootstrap import using_context
from wenhou.cli.feed_options import Feed, FeedDay, Total, as_delivery, read_day
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting, acting_or_system
from wenhou.services.customer_file import export_customer, show_customer
from wenhou.services.importing.coverage import consent_coverage
from wenhou.services.importing.mapping import read_mapping
from wenhou.services.importing.result import Finding, ImportResult
from wenhou.services.importing.run import Request, import_customers

app = typer.Typer(no_args_is_help=True, help="Import customers and look at their data.")
_SHOWN = 20
"""Refusals and warnings printed; every refused row is in the rejected file."""
Ref = Annotated[str, typer.Argument(metavar="REF", help="The bank's customer number.")]


@app.command("import")
def run_import(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", readable=False, help="CSV (UTF-8 or GB18030, may be .gz) or XLSX."),
    ],
    *,
    mapping: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", readable=False, help="Mapping file (YAML).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but keep it.")] = False,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="The file is complete: propose closing who is missing.")
    ] = False,
    create_orgs: Annotated[
        bool,
        typer.Option("--create-orgs", help="Make unknown orgs and advisors instead of refusing their rows."),
    ] = False,
    rejected: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", readable=False, help="Where refused rows go (beside the file if not given)."
        ),
    ] = None,
    feed: Feed = None,
    total: Total = None,
    day: FeedDay = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Import customers from a file; importing it again changes nothing."""
    wanted = read_mapping(mapping)
    as_delivery(feed, 0, day, total)
    with using_context() as context:
        request = Request(
            path=file,
            mapping=wanted,
            dry_run=dry_run,
            snapshot=snapshot,
            create_orgs=create_orgs,
            rejected=rejected,
            feed=feed,
            feed_day=read_day(day),
            feed_total=total,
            actor=acting_or_system(context, login),
        )
        with _progress() as progress:
            result = import_customers(context, request, progress)
    if as_json:
        print_json(result.as_json())
    else:
        _print_result(result)
    if result.rows == len(result.refusals) > 0:
        raise typer.Exit(1)  # not one row could be taken


@app.command()
def show(ref: Ref, *, login: As = None, as_json: AsJson = False) -> None:
    """Show one customer within your sight, addresses masked."""
    with using_context() as context:
        shown = show_customer(context, acting(context, login), ref)
    print_facts(shown if as_json else shown.pop("customer") | shown, as_json=as_json)


@app.command()
def export(ref: Ref, *, login: As = None) -> None:
    """Export everything kept about one customer as JSON, in clear: their right to a copy. Audited."""
    with using_context() as context:
        print_json(export_customer(context, acting(context, login), ref))


@app.command()
def coverage(*, as_json: AsJson = False) -> None:
    """Consent by org and advisor: how many customers agreed, refused, never said."""
    with using_context() as context:
        rows = consent_coverage(context)
    columns = ("org", "advisor", "customers", "channel", "purpose", "granted", "withdrawn", "silent")
    print_rows(rows, columns, as_json=as_json, empty="No customers.")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's error stream; nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    columns = (TextColumn("导入"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("import", total=None)
        yield lambda done, all_: bar.update(task, completed=done, total=all_)


def _print_result(result: ImportResult) -> None:
    kept = "（试运行，未保存）" if result.dry_run else ""
    typer.echo(f"{result.file} · {result.encoding} · {result.rows} 行{kept}")
    typer.echo(
        f"新增 {result.created} · 变更 {result.changed} · 未变 {result.unchanged} · 拒收 {len(result.refusals)}"
        f" · 提醒 {result.warning_count}"
    )
    for sentence in result.notes:
        note(sentence)
    refusals = [finding for refusal in result.refusals for finding in refusal.findings]
    _print_findings("拒收", refusals, len(refusals))
    _print_findings("提醒", result.warnings, result.warning_count)
    if result.rejected_file is not None:
        typer.echo(f"拒收的行在 {result.rejected_file}：改正后可直接再次导入")
    if result.proposed_closures is not None:
        typer.echo(
            f"建议销户 {len(result.proposed_closures)} 人"
            + (f"：{result.closures_file}" if result.closures_file else "")
        )


def _print_findings(title: str, findings: list[Finding], count: int) -> None:
    for found in findings[:_SHOWN]:
        column = f" {found.column}" if found.column else ""
        typer.echo(f"  {title} 第 {found.line} 行{column} “{found.value}”：{found.zh}")
    if count > _SHOWN:
        typer.echo(f"  … 另有 {count - _SHOWN} 条{title}")
