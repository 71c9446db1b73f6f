"""`wenhou bench …`: measure this machine, on stores of the benchmark's own; the installation is not touched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wenhou.bench.figures import Figures
from wenhou.bench.ground import prepared
from wenhou.bench.handing import bench_dispatch
from wenhou.bench.importing import bench_import
from wenhou.bench.planning import bench_plan
from wenhou.bench.report import render
from wenhou.cli.output import AsJson, note, print_facts, print_json
from wenhou.core.clock import SystemClock
from wenhou.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Measure this machine: import, planning, hand-over.")

Customers = Annotated[int, typer.Option(min=1, help="Customers among whom the day's are found.")]
Messages = Annotated[int, typer.Option(min=1, help="Messages to plan or hand over.")]
Rows = Annotated[int, typer.Option(min=1, help="Rows of the CSV file.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--database-url", metavar="URL", help="An empty database to measure on; a SQLite file if not given."
    ),
]


@app.command()
def prepare(*, customers: Customers = 1_000_000) -> None:
    """Make the store of many customers once; later runs find it again."""
    with _progress(customers) as done:
        path = prepared(_folder(), customers, done=done)
    note(f"{path} is ready.")


@app.command("import")
def run_import(*, rows: Rows = 45_211, database_url: Url = None, as_json: AsJson = False) -> None:
    """Rows a second of a CSV import."""
    _show(bench_import(rows, database_url), as_json=as_json)


@app.command()
def plan(
    *,
    customers: Customers = 200_000,
    messages: Messages = 5_000,
    database_url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Who is due on a day among many, with the database's plan; then planning their messages."""
    with _progress(customers) as done:
        found = bench_plan(_folder(), customers, messages, database_url=database_url, done=done)
    _show(found, as_json=as_json)


@app.command()
def dispatch(
    *,
    messages: Messages = 3_000,
    calls_in_flight: Annotated[int, typer.Option(min=1, max=64, help="Calls at once.")] = 8,
    database_url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Messages a second, beside the bare transport in the same run."""
    _show(bench_dispatch(messages, calls_in_flight, database_url), as_json=as_json)


@app.command()
def report(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The page to write.")] = Path(
        "docs/benchmarks.md"
    ),
    customers: Customers = 1_000_000,
    messages: Messages = 5_000,
    rows: Rows = 45_211,
) -> None:
    """Run all of them and write the page of figures."""
    found = [bench_import(rows)]
    with _progress(customers) as done:
        found.append(bench_plan(_folder(), customers, messages, done=done))
    found.append(bench_dispatch(messages))
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    out.write_text(render(found, SystemClock().now(), is_busy=busy), encoding="utf-8")
    note(f"{out} is written.")


def _folder() -> Path:
    return load_settings().data_dir / "bench"


def _show(found: Figures, *, as_json: bool) -> None:
    if as_json:
        print_json(found.as_json())
        return
    print_facts({**found.figures, "machine": found.machine}, as_json=False)
    for line in found.says:
        typer.echo(f"  {line}")


@contextmanager
def _progress(customers: int) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn("Making customers"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("customers", total=customers, visible=False)
        yield lambda done: bar.update(task, completed=done, visible=True)
