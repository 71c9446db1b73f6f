"""Many made-up customers at once, written in bulk: for benchmarks and for the run that is killed in the middle.

Their numbers, names and days come from their position alone, so that a run can be repeated and a provider's counts
can be compared with the store without a table between them.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
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
from store.vault import Vault, place
from wenhou.core.channels import SMS
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose

SEED = 2027
_CHUNK = 5_000
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超兰霞平刚桂英华建国志红梅"
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

Rows = dict[type[Any], list[dict[str, Any]]]


def ref_of(number: int) -> str:
    """The customer number of position `number`, from 0."""
    return f"P-{number:07d}"


def phone_of(number: int) -> str:
    """The phone of position `number`; none of them is one of the simulator's magic numbers."""
    return f"+86186{number:08d}"


def add_people(
    database: Database,
    vault: Vault,
    amount: int,
    *,
    at: datetime,
    chunk: int = _CHUNK,
    done: Callable[[int], None] = lambda _: None,
) -> None:
    """Write `amount` customers with key, phone, consent to care by SMS and a birthday. `done` hears how many stand."""
    for start in range(0, amount, chunk):
        numbers = range(start, min(start + chunk, amount))
        rows = _rows(vault, numbers, at)
        with database.write() as session:
            _insert(session, rows)
        done(numbers.stop)


def _insert(session: Session, rows: Rows) -> None:
    for model, values in rows.items():
        insert_rows(session, model, values)


def _rows(vault: Vault, numbers: Sequence[int], at: datetime) -> Rows:
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
        for model, row in _person(vault, number, at):
            rows[model].append(row)
    return rows


def _person(vault: Vault, number: int, at: datetime) -> Iterator[tuple[type[Any], dict[str, Any]]]:
    luck = random.Random(SEED * 1_000_003 + number)  # noqa: S311 - repeatable, not secret
    customer_id, point_id, consent_id = new_id(), new_id(), new_id()
    yield Customer, _customer(customer_id, number, luck, at)
    _, wrapped = vault.new_customer_key(customer_id)
    yield (
        CustomerKey,
        {
            "customer_id": customer_id,
            "version": 1,
            "data_key_id": vault.data_key_id,
            "wrapped": wrapped,
            "shredded_at": None,
        },
    )
    yield ContactPoint, _point(vault, point_id, phone_of(number), at)
    yield (
        CustomerContact,
        {
            "customer_id": customer_id,
            "contact_point_id": point_id,
            "relation": "own",
            "preferred": True,
            "source": "file",
            "created_at": at,
        },
    )
    agreed = {"customer_id": customer_id, "channel": SMS, "purpose": str(Purpose.CARE), "at": at}
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
    yield PersonalDate, _birthday(customer_id, luck, at)


def _customer(customer_id: uuid.UUID, number: int, luck: random.Random, at: datetime) -> dict[str, Any]:
    return {
        "id": customer_id,
        "external_ref": ref_of(number),
        "name": luck.choice(_SURNAMES) + "".join(luck.sample(_GIVEN, luck.choice((1, 2)))),
        "gender": luck.choice(("female", "male")),
        "locale": "zh-CN",
        "state": "active",
        "tier": luck.choices(("普通", "VIP", "高净值"), (88, 10, 2))[0],
        "is_staff": False,
        "created_at": at,
        "updated_at": at,
    }


def _point(vault: Vault, point_id: uuid.UUID, phone: str, at: datetime) -> dict[str, Any]:
    return {
        "id": point_id,
        "channel": SMS,
        "account": "",
        "address": vault.seal(place("contact_points", "address", point_id), phone.encode()),
        "blind_index": vault.blind_index(SMS, "", phone),
        "last_four_index": vault.last_four_index(phone[-4:]),
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
