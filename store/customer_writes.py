"""Writing customers by the chunk: what an import worked out, put down in one transaction in the order of the keys."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from store.audit import record
from store.bulk import chunks, insert_rows, table_of
from store.consent_writes import Act, Outcome, Standing, StateKey, record_consents, record_first_consents
from store.installation import find_head_office, make_head_office
from store.models.customers import (
    ContactPoint,
    Customer,
    CustomerContact,
    CustomerKey,
    CustomerTag,
    PersonalDate,
)
from store.models.organisation import Household, HouseholdMember, User
from store.models.records import Import
from store.orgs import add_org
from wenhou.core.actors import Actor
from wenhou.core.ids import new_id

Row = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows worked out for one chunk. Inserted rows of one table must have the same keys."""

    customers: list[Row] = field(default_factory=list)
    keys: list[Row] = field(default_factory=list)
    points: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)
    dates: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)
    households: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    first_acts: list[Act] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    customer_changes: dict[uuid.UUID, Row] = field(default_factory=dict)
    date_changes: list[tuple[uuid.UUID, Row]] = field(default_factory=list)
    contact_changes: list[tuple[uuid.UUID, uuid.UUID, Row]] = field(default_factory=list)
    revived_points: list[uuid.UUID] = field(default_factory=list)
    doubtful_points: list[tuple[uuid.UUID, uuid.UUID]] = field(default_factory=list)
    """(point, customer who changed to it): perhaps given out anew; judged by the importer once this is written."""
    unlinked: list[tuple[uuid.UUID, uuid.UUID]] = field(default_factory=list)
    dropped_dates: list[uuid.UUID] = field(default_factory=list)
    dropped_tags: list[tuple[uuid.UUID, str]] = field(default_factory=list)
    left_households: list[tuple[uuid.UUID, uuid.UUID]] = field(default_factory=list)


def write_batch(
    session: Session, batch: Batch, at: datetime, states: dict[StateKey, Standing]
) -> list[Outcome]:
    """Put a chunk down; answers what became of each of `acts`. `states` must be of this transaction."""
    _take_away(session, batch)
    insert_rows(session, Customer, batch.customers)
    insert_rows(session, CustomerKey, batch.keys)
    insert_rows(session, ContactPoint, batch.points)
    insert_rows(session, CustomerContact, batch.contacts)
    insert_rows(session, PersonalDate, batch.dates)
    insert_rows(session, CustomerTag, batch.tags)
    insert_rows(session, Household, batch.households)
    insert_rows(session, HouseholdMember, batch.members)
    _change(session, batch)
    _retire_unused(session, [point_id for _, point_id in batch.unlinked], at)
    record_first_consents(session, batch.first_acts)
    return record_consents(session, batch.acts, states) if batch.acts else []


def _take_away(session: Session, batch: Batch) -> None:
    for customer_id, point_id in batch.unlinked:
        session.execute(
            delete(CustomerContact).where(
                CustomerContact.customer_id == customer_id, CustomerContact.contact_point_id == point_id
            )
        )
    for run in chunks(batch.dropped_dates):
        session.execute(delete(PersonalDate).where(PersonalDate.id.in_(run)))
    for customer_id, tag in batch.dropped_tags:
        session.execute(
            delete(CustomerTag).where(CustomerTag.customer_id == customer_id, CustomerTag.tag == tag)
        )
    for household_id, customer_id in batch.left_households:
        session.execute(
            delete(HouseholdMember).where(
                HouseholdMember.household_id == household_id, HouseholdMember.customer_id == customer_id
            )
        )


def _change(session: Session, batch: Batch) -> None:
    _update_by_id(session, Customer, batch.customer_changes.items())
    _update_by_id(session, PersonalDate, batch.date_changes)
    for customer_id, point_id, values in batch.contact_changes:
        session.execute(
            update(CustomerContact)
            .where(CustomerContact.customer_id == customer_id, CustomerContact.contact_point_id == point_id)
            .values(**values)
        )
    for run in chunks(batch.revived_points):
        session.execute(
            update(ContactPoint)
            .where(ContactPoint.id.in_(run))
            .values(retired_at=None, retired_reason=None, retain_until=None)
        )


def _update_by_id(session: Session, model: type[Any], changes: Any) -> None:
    """Update rows by id, one prepared statement for each set of columns that changes together."""
    together: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row_id, values in changes:
        together[tuple(sorted(values))].append({"b_id": row_id, **{f"b_{k}": v for k, v in values.items()}})
    table = table_of(model)
    connection = session.connection()
    for columns, rows in together.items():
        statement = update(table).where(table.c.id == bindparam("b_id"))
        connection.execute(statement.values({name: bindparam(f"b_{name}") for name in columns}), rows)


REPLACED = "replaced"
"""Why an address nobody uses any more is retired; the only retirement that a new use of it ends."""


def _retire_unused(session: Session, point_ids: Sequence[uuid.UUID], at: datetime) -> None:
    """An address whose last customer went is retired at once, and deleted when its retention ends."""
    for run in chunks(point_ids):
        used = select(CustomerContact.contact_point_id).where(CustomerContact.contact_point_id.in_(run))
        session.execute(
            update(ContactPoint)
            .where(ContactPoint.id.in_(run), ContactPoint.id.not_in(used), ContactPoint.retired_at.is_(None))
            .values(retired_at=at, retired_reason=REPLACED)
        )


def add_outlet(session: Session, *, code: str, name: str | None, at: datetime) -> uuid.UUID:
    """Add an outlet under the head office until somebody gives it its place; without a name, named after its code."""
    head = find_head_office(session) or make_head_office(session, name="总行", at=at)
    return add_org(session, code=code, name=name or code, kind="outlet", parent=head, at=at).id


def add_advisor(
    session: Session, *, employee_no: str, name: str | None, org_id: uuid.UUID | None, at: datetime
) -> uuid.UUID:
    """Add an advisor who cannot sign in until an administrator sets a password; without an org, at the head office.

    Without a name they are named after their number: no message is written in such a name, its gate says so.
    """
    if org_id is None:
        org_id = (find_head_office(session) or make_head_office(session, name="总行", at=at)).id
    user_id = new_id()
    session.execute(
        insert(User).values(
            id=user_id,
            login=employee_no,
            name=name or employee_no,
            employee_no=employee_no,
            roles=["advisor"],
            org_id=org_id,
            created_at=at,
        )
    )
    return user_id


def open_import(session: Session, values: Mapping[str, Any]) -> uuid.UUID:
    """Write down that an import began; its counts are zero and `finished_at` empty until it ends."""
    import_id = new_id()
    zero = dict.fromkeys(("rows", "created", "changed", "unchanged", "refused", "warnings"), 0)
    session.execute(insert(Import).values(id=import_id, kind="customers", **zero, **values))
    return import_id


def close_import(
    session: Session,
    import_id: uuid.UUID,
    counts: Mapping[str, int],
    details: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Write down what an import did, and the audit row of it: counts and digests, nobody's data."""
    session.execute(update(Import).where(Import.id == import_id).values(finished_at=at, **counts))
    record(session, at, actor, "customers.import", "import", import_id, details)
