"""Of what providers say of one hand-over, one after the other, in any order: what stands (SMS spec §1.2). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wenhou.core.statuses import RECEIPT_RANK, Receipt

_TERMINAL = frozenset({Receipt.DELIVERED, Receipt.UNDELIVERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A receipt and the provider's time of it."""

    receipt: Receipt
    at: datetime


def better(current: Told | None, new: Told, *, bounces_late: bool) -> tuple[Told | None, bool]:
    """(what to keep now, None where the current one stands; whether the two contradict each other).

    The first verdict stands, save that a delivery no earlier than the failure is believed: a phone was switched on
    again. `bounces_late` (mail): a server takes a mail and reports later that it came back, so the later of the two is
    believed, of one second the failure. That somebody read it stands against everything.
    """
    if current is None:
        return new, False
    verdicts = {current.receipt, new.receipt}
    if verdicts == _TERMINAL:
        if new.receipt is Receipt.DELIVERED:
            is_believed = new.at > current.at if bounces_late else new.at >= current.at
        else:
            is_believed = bounces_late and new.at >= current.at
        return (new if is_believed else None), True
    if RECEIPT_RANK[new.receipt] > RECEIPT_RANK[current.receipt]:
        return new, False
    return None, False


def join_parts(said: Sequence[Receipt], *, parts: int) -> Receipt | None:
    """What a text's parts say together: delivered when all are, undelivered when one is; None while that is open."""
    if Receipt.READ in said:
        return Receipt.READ
    if Receipt.UNDELIVERED in said:
        return Receipt.UNDELIVERED
    if len(said) >= parts and said and all(one is Receipt.DELIVERED for one in said):
        return Receipt.DELIVERED
    return Receipt.ACCEPTED if said else None
