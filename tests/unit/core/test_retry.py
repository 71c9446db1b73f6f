"""The one retry policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.errors import RetryHint
from wenhou.core.retry import MAX_ATTEMPTS, next_try

NOW = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)
FAR = NOW + timedelta(days=1)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 2), (2, 4), (3, 8), (4, 16), (5, 32)])
def test_each_try_waits_twice_as_long(attempt: int, seconds: int) -> None:
    when = next_try(attempt=attempt, hint=RetryHint(), now=NOW, deadline=FAR)

    assert when == NOW + timedelta(seconds=seconds)


def test_the_last_try_is_the_last() -> None:
    assert next_try(attempt=MAX_ATTEMPTS, hint=RetryHint(), now=NOW, deadline=FAR) is None


def test_a_providers_own_word_wins() -> None:
    hint = RetryHint(after=timedelta(minutes=20))

    assert next_try(attempt=1, hint=hint, now=NOW, deadline=FAR) == NOW + timedelta(minutes=20)


def test_an_instant_named_by_the_provider_wins_over_its_delay() -> None:
    at = NOW + timedelta(hours=2)
    hint = RetryHint(at=at, after=timedelta(seconds=1))

    assert next_try(attempt=1, hint=hint, now=NOW, deadline=FAR) == at


def test_an_instant_in_the_past_is_not_tried_at_once() -> None:
    hint = RetryHint(at=NOW - timedelta(hours=1))

    assert next_try(attempt=1, hint=hint, now=NOW, deadline=FAR) == NOW + timedelta(seconds=1)


@pytest.mark.parametrize("left", [1, 2])
def test_nothing_is_tried_at_or_after_its_deadline(left: int) -> None:
    deadline = NOW + timedelta(seconds=left)

    assert next_try(attempt=1, hint=RetryHint(), now=NOW, deadline=deadline) is None


@given(st.integers(1, 10), st.integers(-100, 100_000), st.integers(-100, 100_000))
def test_a_try_is_always_later_than_now_and_before_the_deadline(attempt: int, after: int, left: int) -> None:
    deadline = NOW + timedelta(seconds=left)

    when = next_try(
        attempt=attempt, hint=RetryHint(after=timedelta(seconds=after)), now=NOW, deadline=deadline
    )

    assert when is None or NOW < when < deadline
