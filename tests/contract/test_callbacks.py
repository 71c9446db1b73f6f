"""Every provider's callbacks over HTTP and into the store: who is let in; receipts twice, reversed, late and early."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store.models.handover import Attempt
from store.models.hearing import Callback
from tests.contract.dialects import DIALECTS, Dialect
from tests.contract.hooks import Hooks, ends_as, make_hooks
from webhooks.hooks import LARGEST_BODY
from wenhou.core.clock import ShiftedClock
from wenhou.core.ids import new_id
from wenhou.core.statuses import Event, Receipt, Status
from wenhou.services.context import Context

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize("name", DIALECTS),
]


@pytest.fixture
def hooks(context: Context, clock: ShiftedClock) -> Hooks:
    return make_hooks(context, clock)


@pytest.fixture
def dialect(hooks: Hooks, name: str) -> Dialect:
    return hooks.dialects[name]


def test_a_signed_push_is_answered_as_the_provider_expects(hooks: Hooks, dialect: Dialect) -> None:
    response = hooks.client.post(
        dialect.path, data=dialect.reply, headers=dialect.sign(dialect.reply, hooks.now)
    )
    assert (response.status_code, response.data) == (200, dialect.parser.answer().body)
    assert hooks.world.callbacks() == ["new"]


def test_nothing_unsigned_altered_or_old_is_let_in_or_stored(hooks: Hooks, dialect: Dialect) -> None:
    body = dialect.reply
    signed = dialect.sign(body, hooks.now)
    post = hooks.client.post
    assert post(dialect.path, data=body).status_code == 401
    assert post(dialect.path, data=body + b" ", headers=signed).status_code == 401
    assert hooks.push(dialect, body, at=hooks.now - timedelta(minutes=10)) == 401
    assert hooks.push(dialect, body, at=hooks.now + timedelta(minutes=10)) == 401
    assert hooks.world.callbacks() == []


def test_a_signature_for_one_account_opens_no_other(hooks: Hooks, dialect: Dialect) -> None:
    headers = dialect.sign(dialect.reply, hooks.now)
    for other in hooks.dialects.values():
        if other.path != dialect.path:
            answer = hooks.client.post(other.path, data=dialect.reply, headers=headers)
            assert answer.status_code == 401
    assert hooks.world.callbacks() == []


def test_an_account_that_is_not_there_is_not_found(hooks: Hooks, dialect: Dialect) -> None:
    provider = dialect.parser.provider
    for path in (f"/hooks/{provider}/nobody", "/hooks/nobody/nobody", f"/hooks/{provider}/nobody/token"):
        assert hooks.client.post(path, data=b"{}").status_code == 404


def test_a_body_beyond_the_limit_is_refused_and_not_stored(hooks: Hooks, dialect: Dialect) -> None:
    most = getattr(dialect.parser, "largest_body", LARGEST_BODY)
    assert hooks.push(dialect, b"x" * (most + 1)) == 413
    assert hooks.world.callbacks() == []


def test_the_same_push_a_hundred_times_has_one_effect(hooks: Hooks, dialect: Dialect) -> None:
    for _ in range(100):
        assert hooks.push(dialect, dialect.reply) == 200
    hooks.apply()
    assert hooks.world.callbacks() == ["done"]
    assert len(hooks.world.entries()) == 1


@pytest.mark.parametrize("receipt", [Receipt.DELIVERED, Receipt.UNDELIVERED])
def test_a_receipt_twice_moves_its_message_once(hooks: Hooks, dialect: Dialect, receipt: Receipt) -> None:
    message, _, reference = hooks.sent(dialect)
    for _ in range(2):
        hooks.hear(dialect, dialect.says(reference, receipt))
    assert hooks.status(message) is ends_as(dialect, receipt)
    assert hooks.world.callbacks() == ["done"]


def test_receipts_in_reverse_order_end_at_the_best(hooks: Hooks, dialect: Dialect) -> None:
    message, _, reference = hooks.sent(dialect)
    for receipt in (Receipt.DELIVERED, Receipt.ACCEPTED):
        hooks.hear(dialect, dialect.says(reference, receipt))
    assert hooks.status(message) is Status.DELIVERED


def test_a_later_success_corrects_an_earlier_failure_but_a_bounce_stands(
    hooks: Hooks, dialect: Dialect
) -> None:
    """A mail server takes a mail for good and another one returns it: by mail the bounce is the last word."""
    message, _, reference = hooks.sent(dialect)
    for receipt in (Receipt.UNDELIVERED, Receipt.DELIVERED):
        hooks.hear(dialect, dialect.says(reference, receipt))
    by_mail = dialect.parser.channel == "email"
    assert hooks.status(message) is (Status.UNDELIVERED if by_mail else Status.DELIVERED)


def test_a_receipt_that_overtakes_the_answer_of_its_call_counts(hooks: Hooks, dialect: Dialect) -> None:
    message, _, reference = hooks.sent(dialect, upto=None)
    hooks.hear(dialect, dialect.says(reference, Receipt.DELIVERED))
    assert hooks.status(message) is Status.DELIVERED


def test_a_receipt_of_an_attempt_nobody_knows_yet_waits_for_it(hooks: Hooks, dialect: Dialect) -> None:
    message, attempt, _ = hooks.sent(dialect)
    unborn = new_id()
    hooks.hear(dialect, dialect.says(hooks.world.context.vault.reference_of(unborn), Receipt.DELIVERED))
    assert hooks.world.callbacks() == ["waiting"]
    with hooks.world.context.db.write() as session:
        old = session.get_one(Attempt, attempt.id)
        point = old.contact_point_id
        session.delete(old)
        session.flush()
        session.add(
            Attempt(
                id=unborn,
                message_id=message.id,
                number=1,
                channel=dialect.parser.channel,
                provider=dialect.parser.provider,
                account=dialect.parser.account,
                contact_point_id=point,
                fence=1,
                opened_at=hooks.world.clock.now(),
            )
        )
        session.query(Callback).one().next_try_at = hooks.now - timedelta(seconds=1)
    hooks.apply()
    assert hooks.status(message) is Status.DELIVERED


def test_a_late_receipt_settles_what_was_given_up_as_unknown(hooks: Hooks, dialect: Dialect) -> None:
    message, _, reference = hooks.sent(dialect, upto=Event.LOSE)
    assert hooks.status(message) is Status.UNKNOWN
    hooks.hear(dialect, dialect.says(reference, Receipt.DELIVERED))
    assert hooks.status(message) is Status.DELIVERED


def test_another_accounts_receipt_moves_nothing(hooks: Hooks, dialect: Dialect) -> None:
    message, _, reference = hooks.sent(dialect)
    for other in hooks.dialects.values():
        if other.path != dialect.path:
            hooks.hear(other, other.says(reference, Receipt.UNDELIVERED))
    assert hooks.status(message) is Status.SENT
