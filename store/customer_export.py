"""Everything one customer's rows say, opened: for showing (the caller masks) and for the customer's right to a copy."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.keys import customer_keys
from store.models.customers import (
    Consent,
    ConsentState,
    ContactPoint,
    Customer,
    CustomerContact,
    CustomerTag,
    PersonalDate,
)
from store.models.hearing import ConversationEntry, Feedback
from store.models.messages import Message
from store.models.organisation import Household, HouseholdMember, Org, User
from store.sealing import Sealer
from store.vault import Vault, place

_COLUMNS = (
    "external_ref",
    "name",
    "salutation",
    "gender",
    "locale",
    "time_zone",
    "state",
    "tier",
    "assets_fen",
    "need",
    "risk_appetite",
    "interests",
    "custom",
    "is_staff",
    "opened_on",
    "closed_on",
    "created_at",
    "updated_at",
)


def load_whole(session: Session, vault: Vault, customer_id: uuid.UUID) -> dict[str, Any]:
    """The customer, contacts, dates, tags, household, consents with their evidence, messages, words and ratings.

    JSON-ready but for dates and instants. An erased customer's sealed values are absent.
    """
    customer = session.get_one(Customer, customer_id)
    return {
        "customer": _customer(session, vault, customer),
        "contacts": _contacts(session, vault, customer_id),
        "dates": _dates(session, vault, customer_id),
        "tags": list(
            session.scalars(
                select(CustomerTag.tag)
                .where(CustomerTag.customer_id == customer_id)
                .order_by(CustomerTag.tag)
            )
        ),
        "households": [
            {"household": name, "role": role}
            for name, role in session.execute(
                select(Household.name, HouseholdMember.role)
                .join(Household, Household.id == HouseholdMember.household_id)
                .where(HouseholdMember.customer_id == customer_id)
            )
        ],
        "consent_state": _rows(
            session.scalars(select(ConsentState).where(ConsentState.customer_id == customer_id)).all(),
            ("channel", "purpose", "state", "by_customer", "at"),
        ),
        "consents": _rows(
            session.scalars(
                select(Consent).where(Consent.customer_id == customer_id).order_by(Consent.at)
            ).all(),
            ("channel", "purpose", "act", "source", "wording_version", "evidence", "at"),
        ),
        "messages": _rows(
            session.scalars(
                select(Message).where(Message.customer_id == customer_id).order_by(Message.id)
            ).all(),
            ("id", "origin", "purpose", "channel", "status", "reason", "planned_for", "due_at"),
        ),
        "conversation": _entries(session, vault, customer_id),
        "feedback": _feedback(session, vault, customer_id),
    }


def _rows(rows: Sequence[Any], columns: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in columns} for row in rows]


def _customer(session: Session, vault: Vault, customer: Customer) -> dict[str, Any]:
    key = customer_keys(session, vault, [customer.id]).get(customer.id)
    sealed = customer.birth_year
    year = None
    if sealed is not None and key is not None:
        year = int(key.open(place("customers", "birth_year", customer.id), sealed))
    orgs = {
        name: session.scalar(select(Org.name).where(Org.id == getattr(customer, f"{name}_id")))
        for name in ("opening_org", "managing_org")
    }
    people = {
        name: session.scalar(select(User.name).where(User.id == getattr(customer, f"{name}_id")))
        for name in ("main_advisor", "deputy_advisor")
    }
    return {name: getattr(customer, name) for name in _COLUMNS} | orgs | people | {"birth_year": year}


def _contacts(session: Session, vault: Vault, customer_id: uuid.UUID) -> list[dict[str, Any]]:
    rows = session.execute(
        select(ContactPoint, CustomerContact)
        .join(CustomerContact, CustomerContact.contact_point_id == ContactPoint.id)
        .where(CustomerContact.customer_id == customer_id)
        .order_by(ContactPoint.channel, ContactPoint.id)
    )
    return [
        {
            "channel": point.channel,
            "account": point.account,
            "address": vault.open(place("contact_points", "address", point.id), point.address).decode(),
            "relation": link.relation,
            "preferred": link.preferred,
            "source": link.source,
            "reachable": point.reachable,
            "retired_reason": point.retired_reason,
        }
        for point, link in rows
    ]


def _dates(session: Session, vault: Vault, customer_id: uuid.UUID) -> list[dict[str, Any]]:
    key = customer_keys(session, vault, [customer_id]).get(customer_id)
    columns = (
        "kind",
        "label",
        "calendar",
        "month",
        "day",
        "is_leap_month",
        "celebrated",
        "source",
        "certainty",
    )
    days = session.scalars(select(PersonalDate).where(PersonalDate.customer_id == customer_id)).all()
    found = _rows(days, columns)
    for shown, day in zip(found, days, strict=True):
        opens = day.year is not None and key is not None
        shown["year"] = (
            int(key.open(place("personal_dates", "year", day.id), day.year))
            if opens and key and day.year
            else None
        )
    return found


def _entries(session: Session, vault: Vault, customer_id: uuid.UUID) -> list[dict[str, Any]]:
    sealer = Sealer(session, vault)
    rows = session.scalars(
        select(ConversationEntry)
        .where(ConversationEntry.customer_id == customer_id)
        .order_by(ConversationEntry.id)
    )
    return [
        {
            "at": row.at,
            "channel": row.channel,
            "direction": row.direction,
            "text": sealer.open("conversation_entries", "text", row.id, row.text, customer_id),
        }
        for row in rows
    ]


def _feedback(session: Session, vault: Vault, customer_id: uuid.UUID) -> list[dict[str, Any]]:
    sealer = Sealer(session, vault)
    rows = session.scalars(
        select(Feedback).where(Feedback.customer_id == customer_id).order_by(Feedback.id)
    ).all()
    return [
        {
            "at": row.at,
            "kind": row.kind,
            "score": row.score,
            "comment": sealer.open("feedback", "comment", row.id, row.comment, customer_id),
        }
        for row in rows
    ]
