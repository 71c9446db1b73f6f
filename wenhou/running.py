"""A running installation: the parts a process has, how they start, and how they stop in order."""

from __future__ import annotations

import errno
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import FrameType
from typing import Any

import structlog
from waitress.server import create_server

from scheduler.bell import Bell
from scheduler.carriers import Carriers
from scheduler.explaining import judging_with
from scheduler.service import LEADER_JOBS, Options, SchedulerService
from wenhou.bootstrap import open_alerter, open_carriers, open_context, open_listeners, open_parsers
from wenhou.core.alerts import Alerter
from wenhou.core.channels import Listener
from wenhou.core.clock import Clock
from wenhou.core.errors import ConfigurationError
from wenhou.services.context import Context
from wenhou.services.intake import Parsers
from wenhou.settings import Settings
from wenhou.web import WSGI, build_web

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What every kind of process holds."""

    settings: Settings
    context: Context
    carriers: Carriers
    parsers: Parsers
    listeners: Sequence[Listener]
    bell: Bell
    alerter: Alerter

    def close(self) -> None:
        """Give everything back."""
        self.carriers.close()
        self.context.db.close()


def open_parts(settings: Settings, *, clock: Clock | None = None) -> Parts:
    """Open the installation with a bell for its wakes; raises ConfigurationError."""
    bell = Bell()
    context = open_context(settings, clock=clock, submit=bell.ring)
    try:
        parsers = open_parsers(settings)
        listeners = open_listeners(settings)
        alerter = open_alerter(settings)
        carriers = open_carriers(context, settings)
    except BaseException:
        context.db.close()
        raise
    context = replace(context, judge_one=judging_with(carriers))
    return Parts(
        settings=settings,
        context=context,
        carriers=carriers,
        parsers=parsers,
        listeners=listeners,
        bell=bell,
        alerter=alerter,
    )


@contextmanager
def clockwork(parts: Parts, jobs: frozenset[str] = LEADER_JOBS) -> Iterator[SchedulerService]:
    """The scheduler, running; at the end it finishes the calls in flight, within `stop_seconds`."""
    settings = parts.settings
    lease = timedelta(seconds=settings.lease_seconds)
    options = Options(lease=lease, jobs=jobs, anchors=settings.anchors_file)
    service = SchedulerService(
        parts.context,
        parts.carriers,
        parts.parsers,
        bell=parts.bell,
        options=options,
        listeners=parts.listeners,
        alerter=parts.alerter,
    )
    service.start()
    try:
        yield service
    finally:
        stopping = threading.Thread(target=service.stop, name="stopping", daemon=True)
        stopping.start()
        stopping.join(parts.settings.stop_seconds)
        if stopping.is_alive():
            # What is still in flight is found by the next start: its attempt is open, so it becomes unknown.
            log.warning("stopped_with_calls_in_flight")


class WebServer:
    """Waitress on the settings' address. The port is taken when it is made, so that a busy one is known at once."""

    def __init__(self, settings: Settings) -> None:
        self._app: WSGI | None = None
        try:
            self._server = create_server(
                self._answer, host=settings.host, port=settings.port, threads=settings.threads, ident=None
            )
        except OSError as error:
            raise ConfigurationError(_explain(error, settings)) from error

    def run(self, app: WSGI) -> None:
        """Answer requests until the process is told to stop."""
        self._app = app
        self._server.run()

    def change(self, app: WSGI) -> None:
        """Answer with another application from the next request on."""
        self._app = app

    def close(self) -> None:
        """Let go of the port."""
        self._server.close()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        assert self._app is not None  # noqa: S101 - set before the first request is read
        return self._app(environ, start_response)


def serve_all(
    parts: Parts,
    *,
    jobs: frozenset[str] | None = LEADER_JOBS,
    mounted: Mapping[str, WSGI] | None = None,
    opened: Callable[[], None] | None = None,
) -> None:
    """The web side and, unless `jobs` is None, the scheduler, until told to stop; `opened` is told of the port."""
    server = WebServer(parts.settings)
    if opened is not None:
        opened()
    stop_on_signals()
    try:
        app = build_web(parts.context, parts.parsers, parts.settings, mounted=mounted)
        if jobs is None:
            server.run(app)
            return
        with clockwork(parts, jobs):
            server.run(app)
    finally:
        server.close()


def wait_for_stop(parts: Parts, jobs: frozenset[str]) -> None:
    """The scheduler alone, until told to stop."""
    told = threading.Event()
    stop_on_signals(told)
    with clockwork(parts, jobs):
        told.wait()


def stop_on_signals(told: threading.Event | None = None) -> None:
    """SIGTERM and SIGINT end the main loop; what follows it stops the rest in order."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        if told is None:
            sys.exit(0)
        told.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _explain(error: OSError, settings: Settings) -> str:
    place = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"the port {place} is in use; stop what uses it or choose another with --port or WENHOU_PORT"
    if error.errno == errno.EACCES:
        return f"{place} may not be used by this user; choose a port from 1024 up with --port or WENHOU_PORT"
    return f"cannot listen on {place} ({error.strerror}); check WENHOU_HOST and WENHOU_PORT"
