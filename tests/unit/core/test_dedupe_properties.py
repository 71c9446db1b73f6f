"""Keys tell every two occasions apart, and what is made of a key still knows which occasion it was."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from wenhou.core.dedupe import (
    anchor_of,
    article_key,
    campaign_key,
    event_key,
    festival_key,
    follow_up_key,
    once_key,
    personal_key,
    recurring_key,
    task_key,
    task_row_key,
)

Occasion = tuple[str, tuple[Callable[..., str], tuple[Any, ...]]]
WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
NUMBERS = st.text(st.sampled_from("ab1:/@|%~-. 号"), min_size=1, max_size=100)
YEARS = st.integers(1950, 2100)
ANCHORS = st.one_of(
    st.tuples(st.just(personal_key), st.tuples(WORDS, st.sampled_from(("solar", "lunar")), YEARS)),
    st.tuples(st.just(festival_key), st.tuples(WORDS, YEARS)),
    st.tuples(st.just(event_key), st.tuples(NUMBERS.filter(lambda word: len(word) < 20), NUMBERS)),
    st.tuples(st.just(article_key), st.tuples(st.uuids())),
    st.tuples(st.just(once_key), st.just(())),
    st.tuples(st.just(recurring_key), st.tuples(st.dates(date(2020, 1, 1), date(2100, 1, 1)))),
)
OCCASIONS = st.tuples(WORDS, ANCHORS)
STEPS = st.integers(1, 20)


def _key(occasion: Occasion, step: int) -> str:
    word, (make, given_values) = occasion
    return campaign_key(word, make(*given_values, step))


@given(OCCASIONS, OCCASIONS, STEPS, STEPS)
def test_two_occasions_or_steps_never_share_a_key(
    one: Occasion, other: Occasion, step: int, second: int
) -> None:
    assume((one, step) != (other, second))
    assert _key(one, step) != _key(other, second)


@given(OCCASIONS, STEPS, STEPS, WORDS)
def test_a_later_step_keeps_the_occasion_of_the_first(
    occasion: Occasion, step: int, later: int, task: str
) -> None:
    first = _key(occasion, step)
    row = task_row_key(task_key(first, task), uuid.UUID(int=7))
    assert follow_up_key(first, later) == follow_up_key(row, later) == _key(occasion, later)
    assert anchor_of(first) == anchor_of(row) == anchor_of(_key(occasion, later))


@given(NUMBERS, NUMBERS)
def test_the_tasks_of_one_event_are_not_found_under_another(one: str, other: str) -> None:
    assume(one != other)
    part = event_key("core", one).removesuffix("/1")
    assert f"|{part}/" not in task_key(campaign_key("visit", event_key("core", other)), "call")


@given(NUMBERS)
def test_the_longest_number_still_fits(number: str) -> None:
    assert len(event_key("core", number)) <= 60
