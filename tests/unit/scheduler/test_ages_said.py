"""The age a birthday may say: a man's, never a woman's or a stranger's, never one that people take for a hurdle."""

from __future__ import annotations

import pytest

from scheduler.filling import age_that_may_be_said


@pytest.mark.parametrize("years", [60, 66, 70, 80, 90, 100])
def test_an_age_is_said_to_men_only(years: int) -> None:
    assert age_that_may_be_said(years, "male") == str(years)
    assert age_that_may_be_said(years, "female") is None
    assert age_that_may_be_said(years, "unknown") is None


@pytest.mark.parametrize("years", [73, 84])
def test_an_age_that_people_take_for_a_hurdle_is_said_to_nobody(years: int) -> None:
    assert {age_that_may_be_said(years, gender) for gender in ("male", "female", "unknown")} == {None}


def test_an_age_that_is_not_known_is_not_said() -> None:
    assert age_that_may_be_said(None, "male") is None
