"""The demo's proof of the first promise: a sender killed in the middle of 5,000 messages, started again, counted."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog

from wenhou.demo.crash_run import CrashReport, run_crash

MESSAGES = 5_000
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`taken`: what the provider has counted so far; `report` once it is over, `failed` if it could not be run."""

    running: bool = False
    taken: int = 0
    messages: int = MESSAGES
    report: CrashReport | None = None
    failed: str | None = None


class Interruption:
    """One run at a time, in a thread of its own, in a folder and with a provider of its own."""

    def __init__(self, messages: int = MESSAGES) -> None:
        self._messages = messages
        self._lock = threading.Lock()
        self._progress = Progress(messages=messages)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        with self._lock:
            return self._progress

    def start(self) -> bool:
        """Begin, unless a run is under way."""
        with self._lock:
            if self._progress.running:
                return False
            self._progress = Progress(running=True, messages=self._messages)
        threading.Thread(target=self._run, name="interruption", daemon=True).start()
        return True

    def _run(self) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="wenhou-crash-") as folder:
                report = run_crash(Path(folder), self._messages, progress=self._count)
            done = Progress(taken=self.progress.taken, messages=self._messages, report=report)
        except Exception as error:  # the top of a thread: whatever it was, the page says so
            log.exception("interruption_failed", error=type(error).__name__)
            done = Progress(taken=self.progress.taken, messages=self._messages, failed=type(error).__name__)
        with self._lock:
            self._progress = done

    def _count(self, taken: int) -> None:
        with self._lock:
            self._progress = Progress(running=True, taken=taken, messages=self._messages)
