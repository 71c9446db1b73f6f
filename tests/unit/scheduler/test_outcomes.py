"""What an outcome does to its message: the only place that retries or falls back."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from scheduler.outcomes import FAULT_PAUSE, STOPPED, outcome_of_error, verdict_for
from store.outbox import Claimed
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Outcome,
    Permanent,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.errors import (
    ChannelFaultError,
    PermanentSendError,
    RetryHint,
    TransientSendError,
    UnknownOutcomeError,
)
from wenhou.core.statuses import Event, Status, after

NOW = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)
BOTH = ("sms", "email")
MESSAGE = Claimed(
    id=uuid.UUID(int=1),
    customer_id=uuid.UUID(int=2),
    channel="sms",
    channel_plan=BOTH,
    purpose="care",
    origin="campaign",
    fence=1,
    tries=0,
    planned_for=date(2027, 1, 30),
    not_before=NOW,
    expires_at=NOW + timedelta(hours=9),
    content_hash=b"",
    campaign_id=None,
    contact_point_id=None,
    org_id=None,
    advisor_id=None,
)

OUTCOMES: list[Outcome] = [
    Accepted(),
    TaskCreated(provider_task_id="t"),
    Transient(code="busy"),
    Transient(code=STOPPED),
    Permanent(code="refused"),
    ChannelFault(code="balance", reason="no money"),
    Unknown(),
]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_is_a_legal_move_of_a_message_being_sent(outcome: Outcome) -> None:
    verdict = verdict_for(MESSAGE, outcome, NOW, BOTH)

    assert after(Status.SENDING, verdict.event) in Status


def test_a_refusal_goes_to_the_next_channel_of_the_plan_with_fresh_tries() -> None:
    verdict = verdict_for(replace(MESSAGE, tries=3), Permanent(code="refused"), NOW, BOTH)

    assert (verdict.event, verdict.sets) == (Event.RETRY, {"channel": "email", "due_at": NOW, "tries": 0})


def test_a_channel_without_a_sender_is_passed_over() -> None:
    message = replace(MESSAGE, channel_plan=("sms", "wecom", "email"))

    assert verdict_for(message, Permanent(code="x"), NOW, BOTH).sets["channel"] == "email"
    assert verdict_for(message, Permanent(code="x"), NOW, ("sms",)).event is Event.FAIL


def test_a_refusal_on_the_last_channel_is_a_failure() -> None:
    verdict = verdict_for(replace(MESSAGE, channel="email"), Permanent(code="x"), NOW, BOTH)

    assert (verdict.event, verdict.reason) == (Event.FAIL, "refused")


def test_an_unknown_outcome_never_falls_back() -> None:
    verdict = verdict_for(MESSAGE, Unknown(), NOW, BOTH)

    assert (verdict.event, verdict.sets) == (Event.LOSE, {})


def test_a_throttled_message_is_tried_later_and_counted() -> None:
    verdict = verdict_for(MESSAGE, Transient(code="busy"), NOW, BOTH)

    assert (verdict.event, verdict.sets) == (
        Event.RETRY,
        {"due_at": NOW + timedelta(seconds=2), "tries": 1},
    )


def test_a_throttled_message_fails_at_its_deadline() -> None:
    message = replace(MESSAGE, expires_at=NOW + timedelta(seconds=1))

    assert verdict_for(message, Transient(code="busy"), NOW, BOTH).reason == "retries_exhausted"


def test_an_order_to_stop_costs_no_try() -> None:
    verdict = verdict_for(replace(MESSAGE, tries=5), Transient(code=STOPPED), NOW, BOTH)

    assert (verdict.event, verdict.reason, verdict.sets) == (Event.RETRY, "stopped", {"due_at": NOW})


def test_a_fault_of_the_account_leaves_the_message_where_it_is() -> None:
    verdict = verdict_for(MESSAGE, ChannelFault(code="balance", reason="x"), NOW, BOTH)

    assert (verdict.event, verdict.sets) == (Event.RETRY, {"due_at": NOW + FAULT_PAUSE})


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (
            TransientSendError("x", provider_code="429", retry=RetryHint(after=timedelta(seconds=9))),
            Transient(code="429", retry=RetryHint(after=timedelta(seconds=9))),
        ),
        (PermanentSendError("x", provider_code="550"), Permanent(code="550")),
        (ChannelFaultError("no money", provider_code="401"), ChannelFault(code="401", reason="no money")),
        (UnknownOutcomeError("x", provider_code="read_timeout"), Unknown(code="read_timeout")),
        (UnknownOutcomeError("x"), Unknown(code="unknown_outcome")),
        (TimeoutError("x"), Unknown(code="TimeoutError")),
        (KeyError("x"), Unknown(code="KeyError")),
    ],
)
def test_whatever_a_call_raises_has_an_outcome_and_the_unforeseen_is_unknown(
    error: Exception, outcome: Outcome
) -> None:
    assert outcome_of_error(error) == outcome
