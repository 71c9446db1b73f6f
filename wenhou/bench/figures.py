"""What a benchmark says, and the machine it says it of."""

from __future__ import annotations

import os
import platform
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

_TREE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One benchmark's result on one database; the JSON of `wenhou bench`. `says`: lines that explain (a query plan)."""

    name: str
    figures: dict[str, float]
    machine: str
    says: tuple[str, ...] = ()
    database: str = "sqlite"

    def as_json(self) -> dict[str, Any]:
        """The contract's shape (DESIGN §15)."""
        return asdict(self)


@dataclass(slots=True)
class Timer:
    """Seconds of a block, once it has ended."""

    seconds: float = field(default=0.0)

    def rate(self, amount: int) -> float:
        """How many a second, rounded."""
        return round(amount / self.seconds, 1) if self.seconds else 0.0


@contextmanager
def timed() -> Iterator[Timer]:
    """Measure a block by the monotonic clock."""
    timer, began = Timer(), time.perf_counter()
    yield timer
    timer.seconds = time.perf_counter() - began


def peak_rss_mb() -> float:
    """The most memory this process has held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def rss_mb() -> float:
    """The memory this process holds now; where the system does not say, the most it has held."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return peak_rss_mb()
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def machine() -> str:
    """Processor, cores, memory and system, without a host's name."""
    return f"{_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.system()} {platform.machine()}"


def versions() -> dict[str, str]:
    """What was measured: our own version and commit, Python and what the figures hang on."""
    return {
        "wenhou": version("wenhou"),
        "commit": _commit(),
        "python": platform.python_version(),
        "sqlalchemy": version("sqlalchemy"),
        "sqlite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _memory() -> str:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return "memory unknown"
    return f"{total / 2**30:.0f} GiB"


def _commit() -> str:
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - git as the developer's shell finds it
            cwd=_TREE,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "none"
    return found.stdout.strip()
