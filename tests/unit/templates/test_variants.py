"""Picking a wording: stable within a year, another one next year, spread over customers and colleagues."""

from __future__ import annotations

from collections import Counter

import pytest

from templates import library
from templates.variants import pick

WORDINGS = library.bundled().get("birthday").variants_for()


def test_the_same_question_has_the_same_answer() -> None:
    assert pick(WORDINGS, "C-1", 2027, "a1").id == pick(list(reversed(WORDINGS)), "C-1", 2027, "a1").id


def test_a_customer_s_wording_differs_from_the_last_two_years() -> None:
    for number in range(500):
        ids = [pick(WORDINGS, f"C-{number}", year, "a1").id for year in (2025, 2026, 2027)]
        assert len(set(ids)) == 3


def test_a_new_advisor_does_not_bring_an_old_wording_back() -> None:
    for number in range(500):
        last = pick(WORDINGS, f"C-{number}", 2026, "a1").id
        assert pick(WORDINGS, f"C-{number}", 2027, "a2", avoid={last}).id != last


def test_wordings_spread_over_customers_and_over_colleagues() -> None:
    customers = Counter(pick(WORDINGS, f"C-{number}", 2027, "a1").id for number in range(4000))
    colleagues = Counter(pick(WORDINGS, "C-1", 2027, f"a{number}").id for number in range(4000))

    for counted in (customers, colleagues):
        assert len(counted) == len(WORDINGS)
        assert min(counted.values()) > 0.8 * 4000 / len(WORDINGS)


def test_nothing_to_pick_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="no variants"):
        pick([], "C-1", 2027, "a1")
