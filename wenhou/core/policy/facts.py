"""What a decision is made from: facts about one customer and one message, fetched set-based by the store."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from wenhou.core.purposes import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A care restriction in force: which purposes stop. Its kind stays in the store."""

    purposes: frozenset[str]
    confidential: bool = False

    def stops(self, purpose: Purpose) -> bool:
        """Whether it stops this purpose (`all` stops every one)."""
        return "all" in self.purposes or purpose in self.purposes


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One channel of the plan for one customer: the address and what is known of it.

    `contact_point_id` None: the customer has no address there. `consent`: `granted`, `withdrawn` or None (never asked).
    `shared_by`: how many customers use the address. `address_today`: care messages to this address on the day from
    other customers' occasions. `platform_purposes`: what the channel's account may carry.
    """

    channel: str
    contact_point_id: uuid.UUID | None = None
    reachable: bool = False
    consent: str | None = None
    suppressed: bool = False
    shared_by: int = 1
    address_today: int = 0
    platform_purposes: frozenset[str] = frozenset(Purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the gates look at, for one message.

    `contacts`: promotional contacts already reserved or made, other messages only: days before the planned day
    (0 = that day) → count by purpose. `rival`: the key of a more important message of that day.
    `problems`: reason codes of placeholders; `lint`: ids of blocking rules. `names_product`: the text holds a product,
    an amount or a date, which a shared address must not carry. `planned_at`: the earliest instant by campaign.
    """

    purpose: Purpose
    origin: str = "campaign"
    customer_state: str = "active"
    zone: ZoneInfo
    routes: tuple[Route, ...]
    planned_at: datetime
    expires_at: datetime
    restrictions: tuple[Restriction, ...] = ()
    in_audience: bool = True
    open_case: uuid.UUID | None = None
    rival: str | None = None
    contacts: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    lint: tuple[str, ...] = ()
    names_product: bool = False
