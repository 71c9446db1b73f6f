"""Many made-up customers at once, written in bulk: for benchmarks and for the run that is killed in the middle.

Their numbers, names and days come from their position alone, so that a run can be repeated and a provider's counts
can be compared with the store without a table between them.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.bulk import insert_rows
from store.database import Database, Session
from store.models.customers import (
    Consent,
    ConsentState,
    ContactPoint,
    Customer,
    CustomerContact,
    CustomerKey,
    PersonalDate,
)
from store.models.organisation import Org, User
from store.vault import Vault, place
from wenhou.core.channels import EMAIL, SMS, WECHAT
from wenhou.core.ids import new_id
from wenhou.core.money import FEN_PER_YUAN
from wenhou.core.purposes import Purpose

SEED = 2027
BRANCHES = 20
_OUTLETS, _ADVISORS = 10, 5
_CHUNK = 5_000
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超兰霞平刚桂英华建国志红梅"
_NEEDS = ("投资", "消费", "储蓄")
_APPETITES = ("激进", "稳健", "保守")
_ASSETS_YUAN = {"普通": (0, 200_000), "VIP": (200_000, 3_000_000), "高净值": (3_000_000, 50_000_000)}
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

Rows = dict[type[Any], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What all customers of a store share."""

    vault: Vault
    at: datetime
    desks: Sequence[Desk]
    channels: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An outlet and one of its advisors."""

    org_id: uuid.UUID
    advisor_id: uuid.UUID


def ref_of(number: int) -> str:
    """The customer number of position `number`, from 0."""
    return f"P-{number:07d}"


def phone_of(number: int) -> str:
    """The phone of position `number`; none of them is one of the simulator's magic numbers."""
    return f"+86186{number:08d}"


def called(number: int) -> tuple[str, str]:
    """(name, gender) of position `number`, the same as in a prepared store."""
    return _called(random.Random(SEED * 1_000_003 + number))[1:]  # noqa: S311 - repeatable, not secret


def _called(luck: random.Random) -> tuple[str, str, str]:
    """(tier, name, gender): the first draws of a customer."""
    tier = luck.choices(("普通", "VIP", "高净值"), (88, 10, 2))[0]
    name = luck.choice(_SURNAMES) + "".join(luck.sample(_GIVEN, luck.choice((1, 2))))
    return tier, name, luck.choice(("female", "male"))


_ADDRESSES: dict[str, Callable[[int], str]] = {
    SMS: phone_of,
    EMAIL: lambda number: f"{ref_of(number).lower()}@example.com",
    WECHAT: lambda number: f"o{number:027d}",
}


def add_people(
    database: Database,
    vault: Vault,
    amount: int,
    *,
    at: datetime,
    chunk: int = _CHUNK,
    done: Callable[[int], None] = lambda _: None,
    desks: Sequence[Desk] = (),
    channels: Sequence[str] = (SMS,),
) -> None:
    """Write `amount` customers with key, phone, consent to care by SMS and a birthday. `done` hears how many stand.

    `desks`: whose customers they are, in turn; nobody's when there are none. `channels`: where each has an address and
    has agreed to care.
    """
    kind = _Kind(vault=vault, at=at, desks=desks, channels=channels)
    runs = [range(start, min(start + chunk, amount)) for start in range(0, amount, chunk)]
    with ThreadPoolExecutor(1) as ahead:
        # The database works without Python's lock: meanwhile the next rows are made.
        making = [ahead.submit(_rows, kind, numbers) for numbers in runs[:1]]
        for place, numbers in enumerate(runs):
            rows = making.pop().result()
            making += [ahead.submit(_rows, kind, later) for later in runs[place + 1 : place + 2]]
            with database.write() as session:
                _insert(session, rows)
            done(numbers.stop)


def add_bank(database: Database, at: datetime) -> list[Desk]:
    """A head office, its branches and their outlets with advisors, all named; returns every advisor's desk."""
    root = new_id()
    orgs = [_org(root, "B", "江城银行", None, f"/{root.hex}/", at)]
    users: list[dict[str, Any]] = []
    desks: list[Desk] = []
    for branch in range(BRANCHES):
        branch_id, code = new_id(), f"B{branch:02d}"
        path = f"/{root.hex}/{branch_id.hex}/"
        orgs.append(_org(branch_id, code, f"江城第{branch + 1}支行", root, path, at))
        for outlet in range(_OUTLETS):
            org_id = new_id()
            name = f"江城第{branch + 1}支行第{outlet + 1}网点"
            orgs.append(_org(org_id, f"{code}{outlet:02d}", name, branch_id, f"{path}{org_id.hex}/", at))
            for number in range(_ADVISORS):
                users.append(_user(f"{code}{outlet:02d}{number}", org_id, len(users), at))
                desks.append(Desk(org_id=org_id, advisor_id=users[-1]["id"]))
    with database.write() as session:
        insert_rows(session, Org, orgs)
        insert_rows(session, User, users)
    return desks


def _org(
    org_id: uuid.UUID, code: str, name: str, parent_id: uuid.UUID | None, path: str, at: datetime
) -> dict[str, Any]:
    kind = ("head_office", "branch", "outlet")[path.count("/") - 2]
    return {
        "id": org_id,
        "code": code,
        "name": name,
        "kind": kind,
        "parent_id": parent_id,
        "path": path,
        "phone": "027-5550-0100",
        "created_at": at,
    }


def _user(number: str, org_id: uuid.UUID, place: int, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "login": f"advisor-{number}",
        "name": _SURNAMES[place % len(_SURNAMES)] + _GIVEN[place % len(_GIVEN)],
        "roles": ["advisor"],
        "org_id": org_id,
        "locale": "zh-CN",
        "is_active": True,
        "session_epoch": 0,
        "failed_sign_ins": 0,
        "created_at": at,
    }


def _insert(session: Session, rows: Rows) -> None:
    for model, values in rows.items():
        insert_rows(session, model, values)


def _rows(kind: _Kind, numbers: Sequence[int]) -> Rows:
    rows: Rows = {
        model: []
        for model in (
            Customer,
            CustomerKey,
            ContactPoint,
            CustomerContact,
            Consent,
            ConsentState,
            PersonalDate,
        )
    }
    for number in numbers:
        for model, row in _person(kind, number):
            rows[model].append(row)
    return rows


def _person(kind: _Kind, number: int) -> Iterator[tuple[type[Any], dict[str, Any]]]:
    luck = random.Random(SEED * 1_000_003 + number)  # noqa: S311 - repeatable, not secret
    customer_id = new_id()
    desk = kind.desks[number % len(kind.desks)] if kind.desks else None
    yield Customer, _customer(customer_id, number, luck, kind.at, desk)
    _, wrapped = kind.vault.new_customer_key(customer_id)
    yield (
        CustomerKey,
        {
            "customer_id": customer_id,
            "version": 1,
            "data_key_id": kind.vault.data_key_id,
            "wrapped": wrapped,
            "shredded_at": None,
        },
    )
    for channel in kind.channels:
        yield from _reached(kind, customer_id, channel, number)
    yield PersonalDate, _birthday(customer_id, luck, kind.at)


def _reached(
    kind: _Kind, customer_id: uuid.UUID, channel: str, number: int
) -> Iterator[tuple[type[Any], dict[str, Any]]]:
    """An address on a channel, whose it is, and that care may be sent there."""
    point_id, consent_id = new_id(), new_id()
    yield ContactPoint, _point(kind.vault, point_id, channel, _ADDRESSES[channel](number), kind.at)
    yield (
        CustomerContact,
        {
            "customer_id": customer_id,
            "contact_point_id": point_id,
            "relation": "own",
            "preferred": True,
            "source": "file",
            "created_at": kind.at,
        },
    )
    agreed = {"customer_id": customer_id, "channel": channel, "purpose": str(Purpose.CARE), "at": kind.at}
    yield (
        Consent,
        {
            **agreed,
            "id": consent_id,
            "act": "granted",
            "source": "file",
            "wording_version": "2026-01",
            "evidence": {"form": "2026-01", "serial": f"S{number:07d}"},
            "actor_id": None,
        },
    )
    yield ConsentState, {**agreed, "state": "granted", "by_customer": False, "consent_id": consent_id}


def _customer(
    customer_id: uuid.UUID, number: int, luck: random.Random, at: datetime, desk: Desk | None
) -> dict[str, Any]:
    tier, name, gender = _called(luck)
    return {
        "id": customer_id,
        "external_ref": ref_of(number),
        "name": name,
        "gender": gender,
        "locale": "zh-CN",
        "state": "active",
        "tier": tier,
        "assets_fen": luck.randint(*_ASSETS_YUAN[tier]) * FEN_PER_YUAN,
        "need": _NEEDS[number % len(_NEEDS)],
        "risk_appetite": _APPETITES[number // len(_NEEDS) % len(_APPETITES)],
        "managing_org_id": desk.org_id if desk else None,
        "main_advisor_id": desk.advisor_id if desk else None,
        "is_staff": False,
        "created_at": at,
        "updated_at": at,
    }


def _point(vault: Vault, point_id: uuid.UUID, channel: str, address: str, at: datetime) -> dict[str, Any]:
    return {
        "id": point_id,
        "channel": channel,
        "account": "",
        "address": vault.seal(place("contact_points", "address", point_id), address.encode()),
        "blind_index": vault.blind_index(channel, "", address),
        "last_four_index": vault.last_four_index(address[-4:]) if channel == SMS else None,
        "reachable": "yes",
        "quality": 100,
        "soft_failures": 0,
        "created_at": at,
    }


def _birthday(customer_id: uuid.UUID, luck: random.Random, at: datetime) -> dict[str, Any]:
    """Every fourth birthday is a lunar one."""
    is_lunar = luck.random() < 0.25
    month = luck.randint(1, 12)
    return {
        "id": new_id(),
        "customer_id": customer_id,
        "kind": "birthday",
        "label": "",
        "calendar": "lunar" if is_lunar else "solar",
        "month": month,
        "day": luck.randint(1, 30 if is_lunar else _DAYS[month - 1]),
        "is_leap_month": False,
        "celebrated": True,
        "source": "certificate",
        "certainty": "certain",
        "created_at": at,
        "updated_at": at,
    }
