"""Customers whose stage of life may have changed, and what coming of age takes away."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from store.customer_writes import REPLACED
from store.keys import customer_keys
from store.models.customers import (
    Consent,
    ConsentState,
    ContactPoint,
    Customer,
    CustomerContact,
    PersonalDate,
)
from store.vault import CustomerKey, Vault, place
from wenhou.core.calendars.personal import DateKey
from wenhou.core.calendars.personal import PersonalDate as Day
from wenhou.core.life_stage import MINORS

PAGE = 500
_BIRTHDAY = "birthday"


@dataclass(slots=True, kw_only=True)
class Living:
    """A customer with what their stage is worked out from, opened."""

    id: uuid.UUID
    stage: str | None
    birth_year: int | None
    birthdays: list[Day] = field(default_factory=list)


def people_to_look_at(
    session: Session, vault: Vault, keys: Sequence[DateKey], *, is_new_year: bool, after: uuid.UUID | None
) -> list[Living]:
    """The next page: all minors, those never worked out, those whose birthday has one of these keys.

    On New Year's Day also those with a year of birth and no day. The erased and the closed are left out.
    """
    born_today = or_(
        *(
            and_(
                PersonalDate.calendar == key.calendar,
                PersonalDate.month == key.month,
                PersonalDate.day == key.day,
                PersonalDate.is_leap_month.is_(key.is_leap_month),
            )
            for key in keys
        )
    )
    has_birthday = select(PersonalDate.customer_id).where(PersonalDate.kind == _BIRTHDAY)
    wanted = [
        Customer.life_stage.in_(MINORS),
        and_(Customer.life_stage.is_(None), Customer.birth_year.is_not(None)),
        Customer.id.in_(has_birthday.where(born_today)),
    ]
    if is_new_year:
        wanted.append(and_(Customer.birth_year.is_not(None), Customer.id.not_in(has_birthday)))
    statement = (
        select(Customer.id, Customer.life_stage, Customer.birth_year)
        .where(Customer.state.in_(("active", "dormant")), or_(*wanted))
        .order_by(Customer.id)
        .limit(PAGE)
    )
    if after is not None:
        statement = statement.where(Customer.id > after)
    rows = session.execute(statement).all()
    sealed_keys = customer_keys(session, vault, [row.id for row in rows])
    people = {
        row.id: Living(
            id=row.id,
            stage=row.life_stage,
            birth_year=_open(sealed_keys.get(row.id), "customers", "birth_year", row.id, row.birth_year),
        )
        for row in rows
    }
    _add_birthdays(session, people, sealed_keys)
    return list(people.values())


def set_stages(session: Session, stages: Sequence[tuple[uuid.UUID, str | None]]) -> None:
    """Write what changed."""
    by_stage: dict[str | None, list[uuid.UUID]] = {}
    for customer_id, stage in stages:
        by_stage.setdefault(stage, []).append(customer_id)
    for stage, ids in by_stage.items():
        session.execute(
            update(Customer).where(Customer.id.in_(ids)).values(life_stage=stage),
            execution_options={"synchronize_session": False},
        )


def end_guardianship(session: Session, customer_id: uuid.UUID, at: datetime) -> int:
    """Unlink the guardian's addresses, and retire those nobody else uses; how many."""
    gone = list(
        session.execute(
            delete(CustomerContact)
            .where(CustomerContact.customer_id == customer_id, CustomerContact.relation == "guardian")
            .returning(CustomerContact.contact_point_id)
        ).scalars()
    )
    used = select(CustomerContact.contact_point_id).where(CustomerContact.contact_point_id.in_(gone))
    session.execute(
        update(ContactPoint)
        .where(ContactPoint.id.in_(gone), ContactPoint.id.not_in(used), ContactPoint.retired_at.is_(None))
        .values(retired_at=at, retired_reason=REPLACED),
        execution_options={"synchronize_session": False},
    )
    return len(gone)


def granted_before(
    session: Session, customer_id: uuid.UUID, purposes: Sequence[str], instant: datetime
) -> list[tuple[str, str]]:
    """(channel, purpose) of standing consents to these purposes given before an instant."""
    rows = session.execute(
        select(ConsentState.channel, ConsentState.purpose)
        .join(Consent, Consent.id == ConsentState.consent_id)
        .where(
            ConsentState.customer_id == customer_id,
            ConsentState.state == "granted",
            ConsentState.purpose.in_(purposes),
            Consent.at < instant,
        )
    )
    return [(row.channel, row.purpose) for row in rows]


def keep_until_asked(session: Session, customer_id: uuid.UUID, purposes: Sequence[str]) -> None:
    """What ended at majority is only given again by the customer's own act: no file may restore a guardian's word."""
    session.execute(
        update(ConsentState)
        .where(
            ConsentState.customer_id == customer_id,
            ConsentState.purpose.in_(purposes),
            ConsentState.state == "withdrawn",
        )
        .values(by_customer=True),
        execution_options={"synchronize_session": False},
    )


def _add_birthdays(
    session: Session, people: dict[uuid.UUID, Living], sealed_keys: dict[uuid.UUID, CustomerKey]
) -> None:
    rows = session.scalars(
        select(PersonalDate).where(
            PersonalDate.customer_id.in_(list(people)),
            PersonalDate.kind == _BIRTHDAY,
            PersonalDate.label == "",
        )
    )
    for row in rows:
        people[row.customer_id].birthdays.append(
            Day(
                kind=_BIRTHDAY,
                calendar=row.calendar,
                month=row.month,
                day=row.day,
                is_leap_month=row.is_leap_month,
                year=_open(sealed_keys.get(row.customer_id), "personal_dates", "year", row.id, row.year),
            )
        )


def _open(
    key: CustomerKey | None, table: str, column: str, row_id: uuid.UUID, sealed: bytes | None
) -> int | None:
    if key is None or sealed is None:
        return None
    return int(key.open(place(table, column, row_id), sealed))
