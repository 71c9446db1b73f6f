"""What stands already, as planning sees it. The store's own book, and the seam for a forecast that writes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from scheduler.judged import Considered, Terms
from store.beside import Beside
from store.candidates import Audience, Candidate, Rival, Standing, messages_of_day, standing_messages
from store.database import Session
from store.follow_ups import greetings_since, people_after_task
from store.tasks import standing_tasks
from wenhou.core.purposes import Purpose

PROMOTIONAL = (Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING)


class GivenTask(NamedTuple):
    """A step that a person does, on a day."""

    campaign_id: uuid.UUID
    step_key: str
    on_day: date


class Book(Protocol):
    """Messages and tasks that stand, read by customer. A forecast's book adds what it has foreseen so far.

    `beside`: what it adds to the facts of the gates; None: the store's facts are whole.
    """

    @property
    def beside(self) -> Beside | None:
        """What it adds to the facts."""

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

    def given(
        self, session: Session, task: GivenTask, audience: Audience, after: Candidate | None
    ) -> list[Candidate]:
        """The next chunk of customers for whom a person was asked to do a step on a day."""

    def note(self, found: Considered, terms: Terms) -> None:
        """Hear what a chunk that is not written came to."""


class StoreBook:
    """What stands in the store."""

    @property
    def beside(self) -> Beside | None:
        """Nothing."""
        return None

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

    def given(
        self, session: Session, task: GivenTask, audience: Audience, after: Candidate | None
    ) -> list[Candidate]:
        """The next chunk of customers for whom a person was asked to do a step on a day."""
        cursor = (after.customer_id, after.previous_id) if after and after.previous_id else None
        return people_after_task(
            session, task.campaign_id, task.step_key, task.on_day, audience=audience, after=cursor
        )

    def note(self, found: Considered, terms: Terms) -> None:
        """A dry run leaves nothing behind."""
