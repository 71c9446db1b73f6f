"""Made-up customers with every fact an audience rule may ask about, in the store and beside it as plain values."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from store.models.campaigns import BusinessEvent
from store.models.customers import (
    ConsentState,
    ContactPoint,
    Customer,
    CustomerContact,
    CustomerTag,
    PersonalDate,
)
from store.models.hearing import Case, Conversation, ConversationEntry, Feedback
from store.models.messages import ContactLedger
from store.models.organisation import Org, User
from store.models.products import Assessment, Holding, Product
from store.vault import Vault
from tests.factories import AT, make_campaign, make_customer, make_message, make_people, make_tree
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 1, 30, 9, 0, tzinfo=ZONE)
TODAY = NOW.date()
TIERS = ("VIP", "高净值", "普通")
WORDS = ("高尔夫", "音乐", 'a"b')
CUSTOM_VALUES: tuple[Any, ...] = ("金卡", "12", "-3.5", 12, 7.25, "2027-02-01", "2026-12-31", None, True, [1])


@dataclass(slots=True)
class Known:
    """What is known of one customer, as lists of plain rows."""

    row: Customer
    org: Org | None = None
    opening_org: Org | None = None
    advisor: User | None = None
    tags: set[str] = field(default_factory=set)
    channels: list[tuple[str, str, bool]] = field(default_factory=list)
    consents: dict[tuple[str, str], str] = field(default_factory=dict)
    dates: list[PersonalDate] = field(default_factory=list)
    holdings: list[tuple[Holding, str | None]] = field(default_factory=list)
    assessments: list[tuple[date, int]] = field(default_factory=list)
    events: list[tuple[str, str, datetime]] = field(default_factory=list)
    complaints: list[tuple[str, datetime]] = field(default_factory=list)
    ratings: list[tuple[str, int, datetime]] = field(default_factory=list)
    entries: list[tuple[str, bool, datetime]] = field(default_factory=list)
    messages: list[tuple[Status, str, datetime]] = field(default_factory=list)
    contacts: list[tuple[str, date]] = field(default_factory=list)


def people_of_every_kind(
    session: Session, vault: Vault, count: int = 90, seed: int = 7
) -> dict[uuid.UUID, Known]:
    """So many customers; each fact is there for some and missing for others."""
    tree = make_tree(session)
    staff = make_people(session, tree)
    orgs = [tree.head_office, tree.branch, tree.sub_branch, tree.outlet, tree.other_branch, None]
    products = [_product(session, code) for code in ("D1", "F1")]
    campaign = make_campaign(session, "once")
    luck = random.Random(seed)
    found: dict[uuid.UUID, Known] = {}
    for number in range(count):
        org, advisor = luck.choice(orgs), luck.choice([staff.advisor, staff.deputy, None])
        row = make_customer(session, vault, ref=f"C-{number}", org=org, advisor=advisor, consents=())
        known = Known(row=row, org=org, advisor=advisor, opening_org=luck.choice(orgs))
        row.opening_org_id = known.opening_org.id if known.opening_org else None
        _describe(row, luck)
        _address(session, known, luck)
        _date(session, known, luck)
        _hold(session, known, luck, products)
        _happen(session, known, luck)
        _converse(session, vault, known, luck, campaign)
        found[row.id] = known
    session.flush()
    return found


def _some(luck: random.Random, *choices: Any) -> Any:
    return luck.choice([*choices, None])


def _describe(row: Customer, luck: random.Random) -> None:
    row.tier = _some(luck, *TIERS)
    row.need = _some(luck, "投资", "消费", "储蓄")
    row.risk_appetite = _some(luck, "激进", "稳健", "保守")
    row.gender = luck.choice(["female", "male", "unknown"])
    row.locale = luck.choice(["zh-CN", "en"])
    row.state = luck.choice(["active", "active", "dormant", "closed"])
    row.life_stage = _some(luck, "under_18", "adult", "senior")
    row.salutation = _some(luck, "王总")
    row.is_staff = luck.random() < 0.2
    row.assets_fen = _some(luck, 0, 99_999_999, 100_000_000, 600_000_000)
    row.opened_on = _some(luck, *(TODAY - timedelta(days=days) for days in (-1, 0, 29, 30, 31, 400)))
    row.last_contact_at = _some(luck, *(NOW - timedelta(days=days) for days in (0, 10, 90, 91)))
    row.interests = luck.choice([None, [], ["高尔夫"], ["音乐", 'a"b']])
    row.festivals = luck.choice([None, ["losar"], ["spring_festival"]])
    row.custom = luck.choice([None, {}, *({"level": value} for value in CUSTOM_VALUES)])


def _address(session: Session, known: Known, luck: random.Random) -> None:
    known.tags = set(luck.sample(["存款", "新客", "孝亲"], luck.randint(0, 2)))
    session.add_all(CustomerTag(customer_id=known.row.id, tag=tag) for tag in known.tags)
    session.flush()
    links = session.query(CustomerContact, ContactPoint).join(
        ContactPoint, ContactPoint.id == CustomerContact.contact_point_id
    )
    for _, point in links.filter(CustomerContact.customer_id == known.row.id):
        point.reachable = luck.choice(["yes", "no", "unknown"])
        point.retired_at = luck.choice([None, None, NOW])
        known.channels.append((point.channel, point.reachable, point.retired_at is not None))
    for channel in ("sms", "any"):
        state = luck.choice(["granted", "withdrawn", None])
        if state is not None:
            known.consents[channel, "care"] = state
            session.add(
                ConsentState(
                    customer_id=known.row.id,
                    channel=channel,
                    purpose="care",
                    state=state,
                    consent_id=new_id(),
                    at=AT,
                )
            )


def _date(session: Session, known: Known, luck: random.Random) -> None:
    for kind in luck.sample(["birthday", "school_start"], luck.randint(0, 2)):
        lunar = luck.random() < 0.4
        day = TODAY + timedelta(days=luck.choice([-1, 0, 5, 14, 15, 200]))
        kept = PersonalDate(
            customer_id=known.row.id,
            kind=kind,
            calendar="lunar" if lunar else "solar",
            month=luck.randint(1, 12) if lunar else day.month,
            day=luck.randint(1, 30) if lunar else day.day,
            celebrated=luck.random() < 0.8,
            is_leap_month=lunar and luck.random() < 0.2,
            created_at=AT,
            updated_at=AT,
        )
        session.add(kept)
        known.dates.append(kept)


def _product(session: Session, code: str) -> Product:
    product = Product(code=code, name=code, issuer="江城银行", risk_level=1, updated_at=AT)
    session.add(product)
    session.flush()
    return product


def _hold(session: Session, known: Known, luck: random.Random, products: list[Product]) -> None:
    for _ in range(luck.randint(0, 2)):
        product = luck.choice([*products, None])
        held = Holding(
            customer_id=known.row.id,
            product_id=product.id if product else None,
            kind=luck.choice(["deposit", "fund"]),
            source="core",
            source_ref=str(new_id()),
            matures_on=_some(luck, *(TODAY + timedelta(days=days) for days in (-1, 0, 30, 31))),
            closed_on=_some(luck, None, TODAY, TODAY + timedelta(days=1)),
            updated_at=AT,
        )
        session.add(held)
        known.holdings.append((held, product.code if product else None))
    for _ in range(luck.randint(0, 2)):
        until, level = TODAY + timedelta(days=luck.choice([-1, 0, 30, 31, 300])), luck.randint(1, 5)
        known.assessments.append((until, level))
        session.add(
            Assessment(
                customer_id=known.row.id, level=level, assessed_on=TODAY, valid_until=until, source="core"
            )
        )


def _back(luck: random.Random) -> datetime:
    return NOW - timedelta(
        days=luck.choice([-1, 0, 1, 29, 30, 31, 59, 100, 181]), seconds=luck.choice([0, 1])
    )


def _happen(session: Session, known: Known, luck: random.Random) -> None:
    for _ in range(luck.randint(0, 2)):
        kind, state, at = (
            luck.choice(["account_opened", "branch_visit"]),
            luck.choice(["active", "cancelled"]),
            _back(luck),
        )
        known.events.append((kind, state, at))
        session.add(
            BusinessEvent(
                source="core", source_id=str(new_id()), kind=kind, customer_id=known.row.id, happened_at=at,
                details={}, state=state, received_at=AT,
            )
        )  # fmt: skip
    if luck.random() < 0.4:
        kind, at = luck.choice(["complaint", "question"]), _back(luck)
        known.complaints.append((kind, at))
        session.add(
            Case(
                number=str(new_id())[-12:], customer_id=known.row.id, kind=kind, opened_at=at,
                first_answer_due_at=at, solution_due_at=at, regulator_due_on=TODAY,
            )
        )  # fmt: skip
    for _ in range(luck.randint(0, 2)):
        scale, score, at = luck.choice(["csat", "csat", "nps"]), luck.randint(1, 5), _back(luck)
        known.ratings.append((scale, score, at))
        session.add(Feedback(customer_id=known.row.id, kind=scale, score=score, at=at))


def _converse(session: Session, vault: Vault, known: Known, luck: random.Random, campaign: Any) -> None:
    for _ in range(luck.randint(0, 3)):
        message = make_message(session, vault, known.row, campaign)
        message.status = luck.choice(
            [Status.SENT, Status.DELIVERED, Status.READ, Status.UNKNOWN, Status.PROPOSED]
        )
        message.channel, message.due_at = luck.choice(["sms", "sms", "wecom"]), _back(luck)
        known.messages.append((message.status, message.channel, message.due_at))
        place = session.get_one(ContactLedger, message.id)
        place.state, place.on_day = (
            luck.choice(["committed", "reserved"]),
            message.due_at.astimezone(ZONE).date(),
        )
        known.contacts.append((place.state, place.on_day))
    if luck.random() < 0.5:
        thread = Conversation(customer_id=known.row.id, last_entry_at=NOW, created_at=NOW)
        session.add(thread)
        session.flush()
        direction, automatic, at = luck.choice(["in", "in", "out"]), luck.random() < 0.2, _back(luck)
        known.entries.append((direction, automatic, at))
        session.add(
            ConversationEntry(
                conversation_id=thread.id, customer_id=known.row.id, direction=direction, channel="sms",
                text=b"", sealed_for="system", is_automatic=automatic, at=at, created_at=at,
            )
        )  # fmt: skip
