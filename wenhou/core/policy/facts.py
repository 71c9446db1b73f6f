"""What a decision is made from: facts about one customer and one message, fetched set-based by the store."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from wenhou.core.opinions import Agreed
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
class QuotaState:
    """A platform's limit as it stands for one route: how much of it is gone, and when it starts anew.

    `is_personal`: counted for this customer (WeCom: group sends a month), else for the account. `resets_at` None: never.
    """

    name: str
    used: int
    most: int
    resets_at: datetime | None = None
    is_personal: bool = False

    def is_used_up(self, at: datetime) -> bool:
        """Whether nothing is left at that instant; once it has started anew there is."""
        return self.used >= self.most and (self.resets_at is None or at < self.resets_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suitability:
    """A product against a customer: `is_on_sale` on the day; risk R1–R5; the customer's C1–C5, None: not assessed.

    `is_assessed`: the assessment is valid on the day.
    """

    product: str
    is_on_sale: bool
    risk_level: int
    customer_level: int | None = None
    is_assessed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One channel of the plan for one customer: the address and what is known of it.

    `contact_point_id` None: the customer has no address there. `consent`: `granted`, `withdrawn` or None (never asked).
    `shared_by`: how many customers use the address. `address_today`: care messages to this address on the day from
    other customers' occasions. `platform_purposes`: what the channel's account may carry. `verified`: the address was
    proved to be the customer's. `quotas`: the platform's limits that this route falls under.
    `relation`: whose address it is: `own`, `guardian`, `family`. `unfiled`: the reason code of why a line that carries
    only filed texts cannot carry these words; "" where it can, and on every other line.
    """

    channel: str
    contact_point_id: uuid.UUID | None = None
    reachable: bool = False
    consent: str | None = None
    suppressed: bool = False
    shared_by: int = 1
    address_today: int = 0
    platform_purposes: frozenset[str] = frozenset(Purpose)
    verified: bool = True
    quotas: tuple[QuotaState, ...] = ()
    relation: str = "own"
    unfiled: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the gates look at, for one message.

    `contacts`: contacts already reserved or made, other messages and other systems' ones too: days before the planned
    day (0 = that day) → count by purpose. `rival`: the key of a more important message of that day.
    `problems`: reason codes of placeholders; `lint`: ids of blocking rules. `names_product`: the text holds a product,
    an amount or a date, which a shared address must not carry. `planned_at`: the earliest instant by campaign.

    `planned_for`: the day it counts for (None: the day of `planned_at`). `sales_before`, `non_sales_before`: contacts
    made in the days that the care ratio looks back on. `place`: a stable number of the customer that spreads a run over
    minutes. `festive`: words that rest in mourning whatever their purpose. `greeted`: the key of a birthday greeting of
    this birth year by the other calendar. `is_withdrawn`: the article it tells of may not be told on the day.

    `held_out`: in the campaign's holdout. `condition`: what a step waits for as `met`, `not_met` or `unknown`, with
    `:` and the fact where one is to be named (`not_met:replied`).
    `statutory`, `asks` (a rating), `refers`: what kind of words these are. `suitability`: for words on a product.
    `life_stage`: `under_14`, `under_18`, `adult`, `senior` or None (unknown: an adult). `late_feeds`: purposes that
    hold because data expected by now has not arrived, with the feed. `mourning_until`: festive and marketing words rest
    in the customer's region up to and including this day. `care_resumes_at`: after a closed complaint. `wave`: the
    hold key of a wave that may not leave yet. `is_campaign_full`: the campaign's own limit of the day is reached.
    `agreed`: when consumer protection agrees to the words; None: they need no opinion.
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
    planned_for: date | None = None
    sales_before: int = 0
    non_sales_before: int = 0
    place: int = 0
    festive: bool = False
    greeted: str | None = None
    is_withdrawn: bool = False
    held_out: bool = False
    condition: str = "met"
    statutory: bool = False
    asks: bool = False
    refers: bool = False
    suitability: Suitability | None = None
    life_stage: str | None = None
    late_feeds: Mapping[str, str] = field(default_factory=dict)
    mourning_until: date | None = None
    care_resumes_at: datetime | None = None
    wave: str | None = None
    is_campaign_full: bool = False
    tier: str | None = None
    has_advisor: bool = True
    agreed: Agreed | None = None

    @property
    def is_minor(self) -> bool:
        """Whether words go to a guardian, and neither sell nor ask for a rating."""
        return self.life_stage in ("under_14", "under_18")

    @property
    def day(self) -> date:
        """The day it counts for."""
        return self.planned_for or self.planned_at.astimezone(self.zone).date()
