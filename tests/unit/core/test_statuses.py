"""The life of a message: every pair of status and event, and what receipts of several attempts amount to."""

from __future__ import annotations

from itertools import product

import pytest

from wenhou.core.errors import InvalidTransition
from wenhou.core.statuses import (
    FINAL,
    HANDED_OVER,
    PENDING,
    STATUS_NAMES,
    TRANSITIONS,
    Event,
    Receipt,
    Status,
    after,
    allows,
    event_for,
)

LEGAL = """
proposed      approve → scheduled · endorse → proposed · reject → rejected · revise → proposed
              · reschedule → proposed · skip → skipped · cancel → cancelled · expire → expired
scheduled     revise → proposed · reschedule → scheduled · reject → rejected · skip → skipped · cancel → cancelled
              · expire → expired · fail → failed · start → sending · deliver → delivered · read → read
sending       accept → sent · await_tap → awaiting_tap · retry → scheduled · fail → failed · lose → unknown
              · deliver → delivered · read → read · undeliver → undelivered
awaiting_tap  accept → sent · retry → scheduled · cancel → cancelled · expire → expired · fail → failed
              · lose → unknown
skipped       replan → proposed · skip → skipped · expire → expired
sent          deliver → delivered · read → read · undeliver → undelivered
delivered     read → read · undeliver → undelivered
undelivered   deliver → delivered · read → read · fall_back → scheduled
unknown       deliver → delivered · read → read · undeliver → undelivered · accept → sent · resolve_sent → sent
              · resolve_not_sent → failed · give_up → unknown
failed        deliver → delivered · read → read
read
rejected
cancelled
expired
"""
"""Written out a second time, by hand, from DESIGN §6: a change of the table must be made twice."""


def _legal() -> dict[tuple[Status, Event], Status]:
    table: dict[tuple[Status, Event], Status] = {}
    status = Status.PROPOSED
    for line in LEGAL.strip().splitlines():
        if not line.startswith(" "):
            word, _, line = line.partition(" ")  # noqa: PLW2901 - the rest of the line holds its moves
            status = Status(word)
        for move in filter(None, (part.strip() for part in line.split("·"))):
            event, _, following = move.partition(" → ")
            table[(status, Event(event))] = Status(following)
    return table


@pytest.mark.parametrize(("status", "event"), list(product(Status, Event)))
def test_every_pair_of_status_and_event_is_as_the_design_says(status: Status, event: Event) -> None:
    expected = _legal().get((status, event))

    assert allows(status, event) is (expected is not None)
    if expected is None:
        with pytest.raises(InvalidTransition, match=f"a message that is {status} cannot {event}"):
            after(status, event)
    else:
        assert after(status, event) is expected


def test_nothing_that_may_have_left_is_scheduled_again_but_what_surely_did_not_arrive() -> None:
    for (status, event), following in TRANSITIONS.items():
        if status in HANDED_OVER and (status, event) != (Status.UNDELIVERED, Event.FALL_BACK):
            assert following not in PENDING, f"{status} --{event}--> {following}"


def test_unknown_is_never_sent_again() -> None:
    reachable, wave = set[Status](), {Status.UNKNOWN}
    while wave:
        reachable |= wave
        # `fall_back` looks at the attempt: one whose outcome was unknown never falls back (test_fall_back.py).
        moves = {pair: after for pair, after in TRANSITIONS.items() if pair[1] is not Event.FALL_BACK}
        wave = {after for (was, _), after in moves.items() if was in wave} - reachable

    assert not reachable & {Status.PROPOSED, Status.SCHEDULED, Status.SENDING, Status.AWAITING_TAP}


def test_only_a_scheduled_message_can_be_sending() -> None:
    assert {was for (was, _), following in TRANSITIONS.items() if following is Status.SENDING} == {
        Status.SCHEDULED
    }


def test_nothing_leaves_a_final_status() -> None:
    assert {status for status, _ in TRANSITIONS} & FINAL == set()
    assert set(Status) - {status for status, _ in TRANSITIONS} == FINAL


def test_every_status_has_its_names() -> None:
    assert set(STATUS_NAMES) == set(Status)


@pytest.mark.parametrize(
    ("status", "receipts", "event"),
    [
        (Status.SENT, [], None),
        (Status.SENT, [Receipt.ACCEPTED], None),
        (Status.SENT, [Receipt.DELIVERED], Event.DELIVER),
        (Status.SENT, [Receipt.UNDELIVERED, Receipt.DELIVERED], Event.DELIVER),
        (Status.DELIVERED, [Receipt.DELIVERED, Receipt.UNDELIVERED], None),
        (Status.DELIVERED, [Receipt.READ], Event.READ),
        (Status.READ, [Receipt.DELIVERED], None),
        (Status.READ, [Receipt.UNDELIVERED], None),
        (Status.UNKNOWN, [Receipt.ACCEPTED], Event.ACCEPT),
        (Status.UNKNOWN, [Receipt.UNDELIVERED], Event.UNDELIVER),
        (Status.FAILED, [Receipt.DELIVERED], Event.DELIVER),
        (Status.SENDING, [Receipt.DELIVERED], Event.DELIVER),
        (Status.EXPIRED, [Receipt.DELIVERED], None),
        (Status.PROPOSED, [Receipt.DELIVERED], None),
    ],
)
def test_a_message_says_what_its_best_attempt_says(
    status: Status, receipts: list[Receipt], event: Event | None
) -> None:
    assert event_for(status, receipts) is event


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("receipt", list(Receipt))
def test_an_impossible_receipt_is_no_error(status: Status, receipt: Receipt) -> None:
    event = event_for(status, [receipt])

    assert event is None or allows(status, event)
