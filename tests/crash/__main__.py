"""`python -m tests.crash`: kill a sender at every labelled point, on both databases, and print what came of it.

Ends with 1 when one message was lost, doubled, or is unknown without an explanation. Then at times chosen by chance,
each run killed three times.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import conftest, databases  # conftest gives the embedded server its runtime folder
from wenhou.demo.crash_run import POINTS, CrashReport, run_crash

__all__ = ["conftest", "crash", "was_killed"]
_ROW = "{:<10} {:<26} {:>7} {:>6} {:>5} {:>6} {:>8} {:>6} {:>6}  {}"


@contextmanager
def fresh(kind: str, server: databases.Postgres | None) -> Iterator[tuple[Path, str]]:
    """A folder and a database of a run's own."""
    with tempfile.TemporaryDirectory(prefix="wenhou-crash-") as name:
        folder = Path(name)
        if kind == "sqlite" or server is None:
            yield folder, f"sqlite:///{folder / 'crash.db'}"
            return
        url, drop = server.fresh()
        try:
            yield folder, url
        finally:
            drop()


def crash(kind: str, server: databases.Postgres | None, messages: int, **aim: object) -> CrashReport:
    """One run on a database of its own. SQLite waits for the disk, as in production."""
    with fresh(kind, server) as (folder, url):
        return run_crash(
            folder,
            messages,
            database_url=url,
            secret=databases.SECRET_KEY.decode(),
            synchronous="FULL",
            **aim,  # type: ignore[arg-type]
        )


def was_killed(report: CrashReport) -> bool:
    """Whether every kill met a living sender."""
    return all(end == "SIGKILL" for end in report.killed)


def show(kind: str, where: str, report: CrashReport, *, must_die: bool) -> bool:
    """Print a row; whether the promise held."""
    held = report.is_kept and (was_killed(report) or not must_die)
    remark = "" if held else f"BROKEN {report.statuses} {report.killed}"
    print(
        _ROW.format(
            kind,
            where,
            report.planned,
            report.sent,
            report.lost,
            report.twice,
            report.unknown,
            report.limit,
            f"{report.seconds:.1f}",
            remark,
        ),
        flush=True,
    )
    return held


def main() -> int:
    """Run and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--messages", type=int, default=1200, help="messages a run (1200)")
    parser.add_argument("--seeds", type=int, default=12, help="runs killed at times chosen by chance (12)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    given = parser.parse_args()
    kinds = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    print(
        _ROW.format(
            "database", "killed at", "planned", "sent", "lost", "twice", "unknown", "limit", "sec", ""
        )
    )
    held = True
    with databases.postgres_server() as url:
        server = databases.Postgres(url)
        for kind in kinds:
            for point in POINTS:
                report = crash(kind, server, given.messages, kill_at=point)
                held &= show(kind, point, report, must_die=True)
        for seed in range(given.seeds):
            kind = kinds[seed % len(kinds)]
            moment = random.Random(seed).uniform(0.02, 0.6)
            report = crash(kind, server, given.messages, kill_after_seconds=moment, kills=3)
            kills = report.killed.count("SIGKILL")
            held &= show(kind, f"seed {seed}, {kills} x after {moment:.2f} s", report, must_die=False)
        server.close()
    print("Nothing lost, nothing twice." if held else "A promise is broken: see above.")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
