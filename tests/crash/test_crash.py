"""The kill harness in small: the three points that matter most, on both databases. `make crash` runs all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import databases
from wenhou.core.statuses import Status
from wenhou.demo.crash_run import POINTS, run_crash

MESSAGES = 96


def test_there_are_eight_labelled_points() -> None:
    assert len(POINTS) == 8


def test_an_unknown_point_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown point"):
        run_crash(tmp_path, 1, kill_at="lunch")


@pytest.mark.slow
@pytest.mark.parametrize("point", ["claim.after_commit", "call.within", "record.before_commit"])
def test_a_killed_sender_loses_nothing_and_sends_nothing_twice(
    point: str, database_url: str, tmp_path: Path
) -> None:
    report = run_crash(
        tmp_path,
        MESSAGES,
        kill_at=point,
        database_url=database_url,
        secret=databases.SECRET_KEY.decode(),
        lease_seconds=1.0,
    )

    assert report.killed == ("SIGKILL",)
    assert (report.planned, report.lost, report.twice) == (MESSAGES, 0, 0)
    assert report.unknown == report.explained <= report.limit
    assert report.is_kept
    expected = {Status.SENT: MESSAGES - report.unknown, Status.UNKNOWN: report.unknown}
    assert report.statuses == {status: amount for status, amount in expected.items() if amount}
    if point != "claim.after_commit":
        assert report.unknown > 0, "killed with calls open, some outcome must be unknown"
