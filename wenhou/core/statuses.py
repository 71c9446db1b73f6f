"""The life of a message: its statuses, the events that move it, and the one table that says which move is legal.

A status is never also a reason (`wenhou.core.reasons`). Receipts do not move a message directly: they attach to
attempts, and `derived_status` ranks what the attempts say (DESIGN §6).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from wenhou.core.errors import InvalidTransition


class Status(StrEnum):
    """Where a message stands."""

    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    AWAITING_TAP = "awaiting_tap"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Event(StrEnum):
    """What happens to a message."""

    APPROVE = "approve"
    ENDORSE = "endorse"
    REJECT = "reject"
    REVISE = "revise"
    RESCHEDULE = "reschedule"
    SKIP = "skip"
    REPLAN = "replan"
    START = "start"
    ACCEPT = "accept"
    AWAIT_TAP = "await_tap"
    RETRY = "retry"
    FAIL = "fail"
    LOSE = "lose"
    CANCEL = "cancel"
    EXPIRE = "expire"
    DELIVER = "deliver"
    READ = "read"
    UNDELIVER = "undeliver"
    FALL_BACK = "fall_back"
    RESOLVE_SENT = "resolve_sent"
    RESOLVE_NOT_SENT = "resolve_not_sent"
    GIVE_UP = "give_up"


_S, _E = Status, Event

TRANSITIONS: dict[tuple[Status, Event], Status] = {
    (_S.PROPOSED, _E.APPROVE): _S.SCHEDULED,
    (_S.PROPOSED, _E.ENDORSE): _S.PROPOSED,
    (_S.PROPOSED, _E.REJECT): _S.REJECTED,
    (_S.PROPOSED, _E.REVISE): _S.PROPOSED,
    (_S.PROPOSED, _E.RESCHEDULE): _S.PROPOSED,
    (_S.PROPOSED, _E.SKIP): _S.SKIPPED,
    (_S.PROPOSED, _E.CANCEL): _S.CANCELLED,
    (_S.PROPOSED, _E.EXPIRE): _S.EXPIRED,
    (_S.SCHEDULED, _E.REVISE): _S.PROPOSED,
    (_S.SCHEDULED, _E.RESCHEDULE): _S.SCHEDULED,
    (_S.SCHEDULED, _E.REJECT): _S.REJECTED,
    (_S.SCHEDULED, _E.SKIP): _S.SKIPPED,
    (_S.SCHEDULED, _E.CANCEL): _S.CANCELLED,
    (_S.SCHEDULED, _E.EXPIRE): _S.EXPIRED,
    (_S.SCHEDULED, _E.FAIL): _S.FAILED,
    (_S.SCHEDULED, _E.START): _S.SENDING,
    (_S.SENDING, _E.ACCEPT): _S.SENT,
    (_S.SENDING, _E.AWAIT_TAP): _S.AWAITING_TAP,
    (_S.SENDING, _E.RETRY): _S.SCHEDULED,
    (_S.SENDING, _E.FAIL): _S.FAILED,
    (_S.SENDING, _E.LOSE): _S.UNKNOWN,
    (_S.AWAITING_TAP, _E.ACCEPT): _S.SENT,
    (_S.AWAITING_TAP, _E.RETRY): _S.SCHEDULED,
    (_S.AWAITING_TAP, _E.CANCEL): _S.CANCELLED,
    (_S.AWAITING_TAP, _E.EXPIRE): _S.EXPIRED,
    (_S.AWAITING_TAP, _E.FAIL): _S.FAILED,
    (_S.AWAITING_TAP, _E.LOSE): _S.UNKNOWN,
    (_S.SKIPPED, _E.REPLAN): _S.PROPOSED,
    (_S.SKIPPED, _E.SKIP): _S.SKIPPED,
    (_S.SKIPPED, _E.EXPIRE): _S.EXPIRED,
    (_S.SENT, _E.DELIVER): _S.DELIVERED,
    (_S.SENT, _E.READ): _S.READ,
    (_S.SENT, _E.UNDELIVER): _S.UNDELIVERED,
    (_S.DELIVERED, _E.READ): _S.READ,
    (_S.DELIVERED, _E.UNDELIVER): _S.UNDELIVERED,
    (_S.UNDELIVERED, _E.DELIVER): _S.DELIVERED,
    (_S.UNDELIVERED, _E.FALL_BACK): _S.SCHEDULED,
    (_S.UNDELIVERED, _E.READ): _S.READ,
    (_S.UNKNOWN, _E.DELIVER): _S.DELIVERED,
    (_S.UNKNOWN, _E.READ): _S.READ,
    (_S.UNKNOWN, _E.UNDELIVER): _S.UNDELIVERED,
    (_S.UNKNOWN, _E.ACCEPT): _S.SENT,
    (_S.UNKNOWN, _E.RESOLVE_SENT): _S.SENT,
    (_S.UNKNOWN, _E.RESOLVE_NOT_SENT): _S.FAILED,
    (_S.UNKNOWN, _E.GIVE_UP): _S.UNKNOWN,
    (_S.FAILED, _E.DELIVER): _S.DELIVERED,
    (_S.FAILED, _E.READ): _S.READ,
    (_S.SCHEDULED, _E.DELIVER): _S.DELIVERED,
    (_S.SCHEDULED, _E.READ): _S.READ,
    (_S.SENDING, _E.DELIVER): _S.DELIVERED,
    (_S.SENDING, _E.READ): _S.READ,
    (_S.SENDING, _E.UNDELIVER): _S.UNDELIVERED,
}
"""Every legal move. `GIVE_UP`: no receipt came within its account's deadline, so nobody waits for one any more; what
comes after all still counts. `ENDORSE` is the first of two approvals; `FALL_BACK` goes on to the next channel of the plan
after a definite report that a service message did not arrive, where its campaign opts in;
`(SENDING, DELIVER)` is the receipt that overtakes the answer of its own call, `(SCHEDULED, DELIVER)` the one that
shows that a provider who said "try again" had taken it after all: it is not tried again."""

FINAL = frozenset({_S.READ, _S.REJECTED, _S.CANCELLED, _S.EXPIRED})
"""Statuses that nothing leaves."""

PENDING = frozenset({_S.PROPOSED, _S.SCHEDULED})
"""Statuses in which a message has certainly not been handed over."""

HANDED_OVER = frozenset({_S.SENT, _S.DELIVERED, _S.READ, _S.UNDELIVERED, _S.UNKNOWN})
"""Statuses that count against caps: `unknown` counts as sent, so that nobody is written to twice."""

STATUS_NAMES: dict[Status, tuple[str, str]] = {
    _S.PROPOSED: ("待审批", "Waiting for approval"),
    _S.SCHEDULED: ("已排期", "Scheduled"),
    _S.SENDING: ("发送中", "Sending"),
    _S.AWAITING_TAP: ("待确认", "Waiting for a tap"),
    _S.SENT: ("已发出", "Sent"),
    _S.DELIVERED: ("已送达", "Delivered"),
    _S.READ: ("已读", "Read"),
    _S.UNDELIVERED: ("未送达", "Not delivered"),
    _S.FAILED: ("发送失败", "Failed"),
    _S.UNKNOWN: ("结果未知", "Outcome unknown"),
    _S.SKIPPED: ("未发送", "Not sent"),
    _S.REJECTED: ("已退回", "Rejected"),
    _S.CANCELLED: ("已取消", "Cancelled"),
    _S.EXPIRED: ("已过期", "Expired"),
}


def after(status: Status, event: Event) -> Status:
    """The status that follows; raises InvalidTransition for a pair the table does not hold."""
    following = TRANSITIONS.get((status, event))
    if following is None:
        msg = f"a message that is {status} cannot {event}"
        raise InvalidTransition(msg)
    return following


def allows(status: Status, event: Event) -> bool:
    """Whether the table holds the pair."""
    return (status, event) in TRANSITIONS


class Receipt(StrEnum):
    """What a provider later says of one hand-over."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"


RECEIPT_RANK: dict[Receipt, int] = {
    Receipt.ACCEPTED: 1,
    Receipt.UNDELIVERED: 2,
    Receipt.DELIVERED: 3,
    Receipt.READ: 4,
}


_EVENT_OF = {
    Receipt.ACCEPTED: Event.ACCEPT,
    Receipt.UNDELIVERED: Event.UNDELIVER,
    Receipt.DELIVERED: Event.DELIVER,
    Receipt.READ: Event.READ,
}


def event_for(status: Status, receipts: Iterable[Receipt]) -> Event | None:
    """The event that all receipts of a message's attempts amount to, or None when they change nothing.

    The best attempt speaks for the message; an older attempt never lowers it. A move the table does not hold is no
    error (an impossible receipt is kept and counted): None.
    """
    known = list(receipts)
    if not known:
        return None
    event = _EVENT_OF[max(known, key=RECEIPT_RANK.__getitem__)]
    following = TRANSITIONS.get((status, event))
    return event if following is not None and following is not status else None
