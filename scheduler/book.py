"""What stands already, as planning sees it. The store's own book, and the seam for a forecast that writes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from scheduler.judged import Considered, Terms
from store.candidates import Rival, Standing, messages_of_day, standing_messages
from store.database import Session
from store.follow_ups import greetings_since
from store.tasks import standing_tasks
from wenhou.core.policy.facts import Facts
from wenhou.core.purposes import Purpose

PROMOTIONAL = (Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING)


class Book(Protocol):
    """Messages and tasks that stand, read by customer. A forecast's book adds what it has foreseen so far."""

    def standing(
        self, session: Session, pairs: Sequence[tuple[uuid.UUID, str]]
    ) -> dict[tuple[uuid.UUID, str], Standing]:
        """Messages that are there already for (customer, dedupe key)."""

    def tasks(self, session: Session, keys: Sequence[str]) -> set[str]:
        """Keys of tasks that are there already."""

    def rivals(
        self, session: Session, ids: Sequence[uuid.UUID], day: date
    ) -> Mapping[uuid.UUID, Sequence[Rival]]:
        """Promotional campaign messages of these customers on a day."""

    def greetings(
        self, session: Session, ids: Sequence[uuid.UUID], prefix: str, since: date, before: date
    ) -> Mapping[uuid.UUID, Sequence[str]]:
        """Keys with a prefix of greetings in [since, before] that left or wait."""

    def adjusted(self, customer_id: uuid.UUID, day: date, facts: Facts) -> Facts:
        """The facts with what only this book knows."""

    def note(self, found: Considered, terms: Terms) -> None:
        """Hear what a chunk that is not written came to."""


class StoreBook:
    """What stands in the store."""

    def standing(
        self, session: Session, pairs: Sequence[tuple[uuid.UUID, str]]
    ) -> dict[tuple[uuid.UUID, str], Standing]:
        """Messages that are there already for (customer, dedupe key)."""
        return standing_messages(session, pairs)

    def tasks(self, session: Session, keys: Sequence[str]) -> set[str]:
        """Keys of tasks that are there already."""
        return standing_tasks(session, keys)

    def rivals(
        self, session: Session, ids: Sequence[uuid.UUID], day: date
    ) -> Mapping[uuid.UUID, Sequence[Rival]]:
        """Promotional campaign messages of these customers on a day."""
        return messages_of_day(session, ids, day, PROMOTIONAL)

    def greetings(
        self, session: Session, ids: Sequence[uuid.UUID], prefix: str, since: date, before: date
    ) -> Mapping[uuid.UUID, Sequence[str]]:
        """Keys with a prefix of greetings in [since, before] that left or wait."""
        return greetings_since(session, ids, prefix, since, before)

    def adjusted(self, customer_id: uuid.UUID, day: date, facts: Facts) -> Facts:
        """The store's facts are whole."""
        return facts

    def note(self, found: Considered, terms: Terms) -> None:
        """A dry run leaves nothing behind."""
