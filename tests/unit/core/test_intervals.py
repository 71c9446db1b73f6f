"""Intervals against the figures printed in Newcombe's papers, and against what any interval must do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.intervals import Difference, Share

SHARES = st.integers(1, 5_000).flatmap(
    lambda whole: st.integers(0, whole).map(lambda part: Share(part=part, whole=whole))
)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_gives_the_printed_figures(part: int, whole: int, low: float, high: float) -> None:
    assert Share(part=part, whole=whole).interval == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("other", "first", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_gives_the_printed_figures(
    other: tuple[int, int], first: tuple[int, int], low: float, high: float
) -> None:
    difference = Difference(
        first=Share(part=first[0], whole=first[1]), other=Share(part=other[0], whole=other[1])
    )

    assert difference.interval == pytest.approx((low, high), abs=1e-4)


@given(SHARES)
def test_a_share_lies_in_its_interval(share: Share) -> None:
    low, high = share.interval

    assert 0.0 <= low <= (share.value or 0.0) <= high <= 1.0


@given(SHARES, SHARES)
def test_changing_sides_changes_the_sign_only(one: Share, two: Share) -> None:
    low, high = Difference(first=one, other=two).interval
    back = Difference(first=two, other=one).interval

    assert back == pytest.approx((-high, -low))


def test_of_nobody_nothing_is_known() -> None:
    nobody = Share(part=0, whole=0)

    assert nobody.value is None
    assert nobody.interval == (0.0, 1.0)
    assert not Difference(first=nobody, other=Share(part=5, whole=5)).is_shown


def test_more_than_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        Share(part=3, whole=2)


def test_a_clear_difference_is_shown_and_a_small_one_is_not() -> None:
    a = Share(part=100, whole=1000)

    assert Difference(first=a, other=Share(part=150, whole=1000)).is_shown
    assert not Difference(first=a, other=Share(part=110, whole=1000)).is_shown
