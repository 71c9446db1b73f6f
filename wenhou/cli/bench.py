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
from wenhou.bench.handing import bench_dispatch
from wenhou.bench.importing import bench_import
from wenhou.bench.planning import bench_plan
from wenhou.bench.rendering import PEOPLE, bench_render
from wenhou.bench.report import MEANINGS, number, render
from wenhou.bench.stores import open_stores
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.core.clock import SystemClock
from wenhou.settings import load_settings

_BY_DEFAULT = 200_000
app = typer.Typer(no_args_is_help=True, help="Measure this machine: import, words, planning, hand-over.")

Customers = Annotated[int, typer.Option(min=1, help="Customers of the store.")]
Messages = Annotated[int, typer.Option(min=1, help="Messages to hand over.")]
Rows = Annotated[int, typer.Option(min=1, help="Rows of the CSV file.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--database-url", metavar="URL", help="An empty database to measure on; a SQLite file if not given."
    ),
]

Server = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="A PostgreSQL server on which databases may be made; the packaged one if it is installed.",
    ),
]


@app.command()
def prepare(*, customers: Customers = 1_000_000, database_url: Server = None) -> None:
    """Make the stores of many customers once, on SQLite and PostgreSQL; later runs find them again."""
    with open_stores(_folder(), database_url) as stores:
        for one in stores:
            with _progress(customers) as done:
                name = one.prepared(customers, done=done)
            note(f"{one.name}: {name} is ready.")


@app.command("import")
def run_import(*, rows: Rows = 45_211, database_url: Url = None, as_json: AsJson = False) -> None:
    """Rows a second of a CSV import."""
    _show(bench_import(rows, database_url), as_json=as_json)


@app.command()
def plan(
    *,
    customers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Customers of the store; by default the most that were prepared, or 200,000."
        ),
    ] = None,
    messages: Annotated[
        int | None, typer.Option(min=1, help="Stop the festival after so many; by default all get it.")
    ] = None,
    database_url: Server = None,
    as_json: AsJson = False,
) -> None:
    """A day's birthdays, a festival for everybody, live counts and one explanation, beside a bare INSERT."""
    found = _planned(customers, messages, database_url)
    if as_json:
        print_json({**found[0].as_json(), "databases": {one.database: one.figures for one in found}})
        return
    rows = [
        {
            "figure": name,
            **{one.database: number(one.figures[name]) for one in found},
            "meaning": MEANINGS.get(name, ""),
        }
        for name in found[0].figures
    ]
    print_rows(rows, ["figure", *(one.database for one in found), "meaning"], as_json=False)
    note(found[0].machine)
    for one in found:
        for line in one.says:
            typer.echo(f"  {one.database}: {line}")


@app.command("render")
def run_render(
    *,
    people: Annotated[int, typer.Option(min=100, help="Different people to write to.")] = PEOPLE,
    as_json: AsJson = False,
) -> None:
    """Words a second on one core, beside str.format, compiling each time and the standard library's mail."""
    _show(bench_render(people), as_json=as_json)


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
    festival: Annotated[
        int | None,
        typer.Option(min=1, help="Stop the festival after so many messages; by default all get it."),
    ] = None,
    database_url: Server = None,
) -> None:
    """Run all of them and write the page of figures."""
    found = [bench_import(rows), bench_render()]
    found += _planned(customers, festival, database_url)
    found.append(bench_dispatch(messages))
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    out.write_text(render(found, SystemClock().now(), is_busy=busy), encoding="utf-8")
    note(f"{out} is written.")


def _planned(customers: int | None, messages: int | None, database_url: str | None) -> list[Figures]:
    """One result a database, over the same customers."""
    with open_stores(_folder(), database_url) as stores:
        amount = customers or max(one.largest() for one in stores) or _BY_DEFAULT
        found = []
        for one in stores:
            with _progress(amount) as done:
                found.append(bench_plan(one, _folder(), amount, messages, done=done))
    return found


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
