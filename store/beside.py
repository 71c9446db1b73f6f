"""What a forecast knows beside the store: contacts it has foreseen, places they take, messages they push out.

The facts of the gates are then made by the very same code as for planning (`store.facts`): agreement by construction.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from store.facts_contacts import Contact


class Beside(Protocol):
    """Foreseen contacts by customer and shared address, foreseen places under platforms' limits."""

    @property
    def feeds_at(self) -> datetime | None:
        """The instant at which data feeds are looked at; a forecast cannot know what arrives after now."""

    def contacts(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Contact]]:
        """Foreseen contacts of customers."""

    def greetings_to(
        self, points: Collection[uuid.UUID], first: date, last: date
    ) -> Mapping[tuple[uuid.UUID, date], Sequence[Contact]]:
        """Foreseen greetings to shared addresses in [first, last]."""

    def is_gone(self, message_id: uuid.UUID) -> bool:
        """Whether a message of the store would have been pushed out or written anew by then."""

    def uses(self) -> Mapping[uuid.UUID, Mapping[date, int]]:
        """Foreseen places by limit and counted day."""


def with_beside(
    stored: Mapping[uuid.UUID, Sequence[Contact]], ids: Sequence[uuid.UUID], beside: Beside
) -> dict[uuid.UUID, Sequence[Contact]]:
    """The ledger without what is gone, with what is foreseen."""
    found: dict[uuid.UUID, Sequence[Contact]] = {
        customer: [one for one in contacts if not beside.is_gone(one.message_id)]
        for customer, contacts in stored.items()
    }
    for customer, contacts in beside.contacts(ids).items():
        found[customer] = [*found.get(customer, ()), *contacts]
    return found


def addresses_with(
    stored: Mapping[tuple[uuid.UUID, date], Sequence[Contact]],
    points: Collection[uuid.UUID],
    first: date,
    last: date,
    beside: Beside,
) -> dict[tuple[uuid.UUID, date], Sequence[Contact]]:
    """Greetings to shared addresses, the foreseen ones too."""
    found: dict[tuple[uuid.UUID, date], Sequence[Contact]] = {
        key: [one for one in contacts if not beside.is_gone(one.message_id)]
        for key, contacts in stored.items()
    }
    for key, contacts in beside.greetings_to(points, first, last).items():
        found[key] = [*found.get(key, ()), *contacts]
    return found
