"""What stands of several receipts of one hand-over, and of its parts."""

from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import pytest

from wenhou.core.receipts import Told, better, join_parts
from wenhou.core.statuses import RECEIPT_RANK, Receipt

AT = datetime(2027, 1, 30, 1, tzinfo=UTC)


def told(receipt: Receipt, minutes: int = 0) -> Told:
    return Told(receipt=receipt, at=AT + timedelta(minutes=minutes))


def keep(current: Told, new: Told, *, mail: bool = False) -> Told:
    return better(current, new, bounces_late=mail)[0] or current


@pytest.mark.parametrize("order", list(permutations(Receipt)))
def test_receipts_of_one_instant_rank_alike_in_whatever_order_they_come(order: tuple[Receipt, ...]) -> None:
    best = told(order[0])
    for receipt in order[1:]:
        best = keep(best, told(receipt))
    assert best.receipt is Receipt.READ


@pytest.mark.parametrize(("current", "new"), list(product(Receipt, Receipt)))
def test_a_receipt_of_the_same_instant_never_lowers_another(current: Receipt, new: Receipt) -> None:
    best = keep(told(current), told(new)).receipt
    assert RECEIPT_RANK[best] == max(RECEIPT_RANK[current], RECEIPT_RANK[new])


def test_the_first_verdict_stands_unless_the_delivery_is_later() -> None:
    assert keep(told(Receipt.UNDELIVERED), told(Receipt.DELIVERED, 5)).receipt is Receipt.DELIVERED
    assert keep(told(Receipt.UNDELIVERED), told(Receipt.DELIVERED, -5)).receipt is Receipt.UNDELIVERED
    assert keep(told(Receipt.DELIVERED), told(Receipt.UNDELIVERED, 5)).receipt is Receipt.DELIVERED


def test_two_verdicts_that_differ_are_a_conflict_whichever_stands() -> None:
    for current, new in ((Receipt.UNDELIVERED, Receipt.DELIVERED), (Receipt.DELIVERED, Receipt.UNDELIVERED)):
        assert better(told(current), told(new), bounces_late=False)[1]
    assert not better(told(Receipt.DELIVERED), told(Receipt.DELIVERED), bounces_late=False)[1]
    assert not better(told(Receipt.ACCEPTED), told(Receipt.UNDELIVERED), bounces_late=False)[1]


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(
    ("failed_after", "stands"),
    [(5, Receipt.UNDELIVERED), (0, Receipt.UNDELIVERED), (-5, Receipt.DELIVERED)],
)
def test_of_a_mail_the_later_word_is_believed_in_whatever_order_they_come(
    swap: bool, failed_after: int, stands: Receipt
) -> None:
    both = [told(Receipt.DELIVERED), told(Receipt.UNDELIVERED, failed_after)]
    first, second = reversed(both) if swap else both
    assert keep(first, second, mail=True).receipt is stands


def test_that_somebody_read_it_stands_against_a_bounce() -> None:
    assert keep(told(Receipt.READ), told(Receipt.UNDELIVERED, 9), mail=True).receipt is Receipt.READ
    assert keep(told(Receipt.UNDELIVERED), told(Receipt.READ, -9), mail=True).receipt is Receipt.READ


D, U, A, R = Receipt.DELIVERED, Receipt.UNDELIVERED, Receipt.ACCEPTED, Receipt.READ


@pytest.mark.parametrize(
    ("said", "parts", "joined"),
    [
        ([], 3, None),
        ([D], 3, A),
        ([D, D], 3, A),
        ([D, D, D], 3, D),
        ([D, D, A], 3, A),
        ([U], 3, U),
        ([D, D, U], 3, U),
        ([A], 1, A),
        ([D], 1, D),
        ([D, R], 3, R),
        ([U, R], 2, R),
    ],
)
def test_a_long_text_has_arrived_when_all_its_parts_have(
    said: list[Receipt], parts: int, joined: Receipt | None
) -> None:
    assert join_parts(said, parts=parts) is joined
