"""One chunk in the making: what stands, what was drafted, and the batch that turns the one into the other."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from store.customer_reads import Known, Point, PointKey, Standing
from store.customer_writes import Batch
from store.vault import CustomerKey, Vault
from wenhou.core.ids import new_ids
from wenhou.services.importing.directory import Directory
from wenhou.services.importing.drafts import Draft
from wenhou.services.importing.result import Finding, Refusal

_STOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarQuestion:
    """A birthday of which the advisor is asked: solar or lunar?"""

    customer_id: uuid.UUID
    month: int
    day: int


@dataclass(slots=True, kw_only=True)
class Work:
    """Everything the parts of a chunk share. `file_points`: addresses earlier chunks of a dry run used.

    `ask_calendar_until`: the policy's year of birth up to which a certificate's date is asked about.
    """

    standing: Standing
    directory: Directory
    vault: Vault
    at: datetime
    today: date
    zone: ZoneInfo
    file_name: str
    ask_calendar_until: int = 1970
    questions: list[CalendarQuestion] = field(default_factory=list)
    file_points: set[PointKey] = field(default_factory=set)
    evidence: dict[tuple[Any, ...], tuple[datetime, dict[str, Any]]] = field(default_factory=dict)
    batch: Batch = field(default_factory=Batch)
    warnings: list[Finding] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    created: int = 0
    changed: int = 0
    unchanged: int = 0

    _ids: list[uuid.UUID] = field(default_factory=list)

    def next_id(self) -> uuid.UUID:
        """A new id, from a stock drawn for many rows at once."""
        if not self._ids:
            self._ids = new_ids(_STOCK)[::-1]
        return self._ids.pop()

    @property
    def known(self) -> Known:
        """The customers that stand."""
        return self.standing.known

    @property
    def points(self) -> dict[PointKey, Point]:
        """Addresses by their shadows; new ones join."""
        return self.standing.points

    @property
    def households(self) -> dict[str, uuid.UUID]:
        """Households by the bank's number; new ones join."""
        return self.standing.households

    @property
    def keys(self) -> dict[uuid.UUID, CustomerKey]:
        """Open customer keys; new ones join."""
        return self.standing.keys


@dataclass(slots=True, kw_only=True)
class Subject:
    """The customer a draft is about. `standing` is None for a new one; `touched` is set by whoever changes anything."""

    id: uuid.UUID
    draft: Draft
    standing: Mapping[str, Any] | None
    touched: bool = False

    @property
    def is_new(self) -> bool:
        """Whether this import creates the customer."""
        return self.standing is None
