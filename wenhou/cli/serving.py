"""`wenhou serve`, `web`, `scheduler`, `worker`: processes that stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from scheduler.service import LEADER_JOBS, WORKER_JOBS
from wenhou.bootstrap import PHONES_PATH
from wenhou.cli.output import note
from wenhou.logs import set_up_logging
from wenhou.phones import open_phones
from wenhou.running import Parts, open_parts, serve_all, wait_for_stop
from wenhou.settings import Settings, load_settings
from wenhou.web import WSGI

serve, web, scheduler, worker = typer.Typer(), typer.Typer(), typer.Typer(), typer.Typer()
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="The port; WENHOU_PORT otherwise.")]


@serve.command()
def run_serve(*, port: Port = None) -> None:
    """Run everything in one process: web, scheduler and workers."""
    _run_web(port, jobs=LEADER_JOBS)


@web.command()
def run_web(*, port: Port = None) -> None:
    """Run the web side alone: console, callbacks and customers' pages."""
    _run_web(port, jobs=None)


@scheduler.command()
def run_scheduler() -> None:
    """Run the clock alone: planning, hand-over, answers and sweeps."""
    _run_clock(LEADER_JOBS)


@worker.command()
def run_worker() -> None:
    """Run one more pair of hands: hand over what is released, apply what was heard."""
    _run_clock(WORKER_JOBS)


def _run_web(port: int | None, *, jobs: frozenset[str] | None) -> None:
    settings = load_settings(**({} if port is None else {"port": port}))
    with _opened(settings) as parts, _phones(parts) as mounted:
        words = f"Wenhou listens on {settings.web_url} ({settings.mode}); stop with Ctrl-C."
        serve_all(parts, jobs=jobs, mounted=mounted, opened=lambda: note(words))


def _run_clock(jobs: frozenset[str]) -> None:
    with _opened(load_settings()) as parts:
        note("Wenhou's clock runs; stop with Ctrl-C.")
        wait_for_stop(parts, jobs)


@contextmanager
def _opened(settings: Settings) -> Iterator[Parts]:
    set_up_logging(settings.log_level, settings.log_format)
    parts = open_parts(settings)
    try:
        yield parts
    finally:
        parts.close()


@contextmanager
def _phones(parts: Parts) -> Iterator[Mapping[str, WSGI]]:
    """Outside production the simulated phones live in the same server."""
    phones = open_phones(parts.settings, parts.context.clock)
    if phones is None:
        yield {}
        return
    try:
        yield {PHONES_PATH: phones.app}
    finally:
        phones.close()
