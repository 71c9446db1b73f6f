"""What was never said to a provider costs no try, however often it happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from scheduler.outcomes import verdict_for
from store.outbox import Claimed
from wenhou.core.channels import NOT_TRIED, PACED, Transient
from wenhou.core.errors import RetryHint
from wenhou.core.statuses import Event

NOW = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)


class _Message:
    tries = 5
    expires_at = NOW + timedelta(hours=4)


@pytest.mark.parametrize("code", [PACED, NOT_TRIED])
def test_a_mail_of_which_nothing_was_said_returns_at_its_moment_with_its_tries_untouched(code: str) -> None:
    hint = RetryHint(after=timedelta(minutes=3))
    verdict = verdict_for(
        cast("Claimed", cast("Any", _Message())), Transient(code=code, retry=hint), NOW, {"email"}
    )
    assert verdict.event is Event.RETRY
    assert verdict.sets == {"due_at": NOW + timedelta(minutes=3)}
