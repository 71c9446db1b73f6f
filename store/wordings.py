"""Which wordings people read: a customer in the last years, those near them on a day, an advisor's book in a run.

A wording is known by the template's version it stands in and its id there (`messages.variant`). Only what a customer
read or may yet read counts: what was skipped, refused or withdrawn is nobody's wording.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, exists, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from store.models.campaigns import Occurrence, TemplateVersion
from store.models.customers import CustomerContact
from store.models.messages import Message
from store.models.organisation import CompanyContact, HouseholdMember
from wenhou.core.statuses import Status

MOST_TOGETHER = 200
_NOT_READ = (Status.SKIPPED, Status.REJECTED, Status.CANCELLED, Status.EXPIRED, Status.FAILED)


class ReadWording(NamedTuple):
    """A wording as a message keeps it."""

    version_id: uuid.UUID
    wording: str


class BookRow(NamedTuple):
    """How many of an advisor's customers read a wording in a run."""

    advisor_id: uuid.UUID
    read: ReadWording
    times: int


def version_ids(session: Session, keys: Sequence[str]) -> list[uuid.UUID]:
    """Every version of some templates that was ever used or written."""
    return list(session.scalars(select(TemplateVersion.id).where(TemplateVersion.template_key.in_(keys))))


def wordings_between(
    session: Session,
    ids: Sequence[uuid.UUID],
    versions: Sequence[uuid.UUID],
    *,
    since: date,
    until: date,
) -> dict[uuid.UUID, set[ReadWording]]:
    """What these customers read of some template versions, for days in [since, until]."""
    if not ids or not versions:
        return {}
    rows = session.execute(
        select(Message.customer_id, Message.template_version_id, Message.variant).where(
            Message.customer_id.in_(ids),
            Message.planned_for.between(since, until),
            Message.template_version_id.in_(versions),
            Message.variant.is_not(None),
            Message.status.not_in(_NOT_READ),
        )
    )
    found: dict[uuid.UUID, set[ReadWording]] = defaultdict(set)
    for customer_id, version_id, wording in rows:
        if version_id is not None and wording is not None:
            found[customer_id].add(ReadWording(version_id, wording))
    return dict(found)


def book_of_run(session: Session, campaign_id: uuid.UUID, day: date) -> list[BookRow]:
    """How the wordings of a run lie over the advisors' books so far."""
    rows = session.execute(
        select(Message.advisor_id, Message.template_version_id, Message.variant, func.count())
        .join(Occurrence, Occurrence.id == Message.occurrence_id)
        .where(
            Occurrence.campaign_id == campaign_id,
            Occurrence.on_day == day,
            Message.advisor_id.is_not(None),
            Message.template_version_id.is_not(None),
            Message.variant.is_not(None),
            Message.status.not_in(_NOT_READ),
        )
        .group_by(Message.advisor_id, Message.template_version_id, Message.variant)
    )
    return [
        BookRow(advisor_id, ReadWording(version_id, wording), times)
        for advisor_id, version_id, wording, times in rows
        if advisor_id is not None and version_id is not None and wording is not None
    ]


def people_near(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """Customer → those who may lay their phones side by side: household, a shared address, the same company.

    Of more than MOST_TOGETHER nobody compares: a switchboard's number, or a household that an import made of all whose
    field was empty, would be as many rows as its size squared.
    """
    if not ids:
        return {}
    found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for statement in (_of_a_household(), _of_an_address(), _of_a_company()):
        for customer_id, other_id in session.execute(statement, {"ids": list(ids), "most": MOST_TOGETHER}):
            found[customer_id].add(other_id)
    return {customer_id: frozenset(others) for customer_id, others in found.items()}


# Written once a process: writing such a statement takes longer than running it.


def _is_small(member: InstrumentedAttribute[uuid.UUID], group: InstrumentedAttribute[uuid.UUID]) -> Any:
    """Whether a group has no more than `most` members; looks at no more of them than that."""
    return ~exists(
        select(literal(1)).where(member == group).limit(1).offset(bindparam("most", type_=Integer))
    )


def _asked(customer: InstrumentedAttribute[uuid.UUID]) -> Any:
    return customer.in_(bindparam("ids", expanding=True))


@cache
def _of_a_household() -> Select[uuid.UUID, uuid.UUID]:
    other = aliased(HouseholdMember)
    return (
        select(HouseholdMember.customer_id, other.customer_id)
        .join(other, other.household_id == HouseholdMember.household_id)
        .where(
            _asked(HouseholdMember.customer_id),
            other.customer_id != HouseholdMember.customer_id,
            _is_small(aliased(HouseholdMember).household_id, HouseholdMember.household_id),
        )
    )


@cache
def _of_an_address() -> Select[uuid.UUID, uuid.UUID]:
    other = aliased(CustomerContact)
    return (
        select(CustomerContact.customer_id, other.customer_id)
        .join(other, other.contact_point_id == CustomerContact.contact_point_id)
        .where(
            _asked(CustomerContact.customer_id),
            other.customer_id != CustomerContact.customer_id,
            _is_small(aliased(CustomerContact).contact_point_id, CustomerContact.contact_point_id),
        )
    )


@cache
def _of_a_company() -> Select[uuid.UUID, uuid.UUID]:
    mine, theirs, other = aliased(CompanyContact), aliased(CompanyContact), aliased(CustomerContact)
    return (
        select(CustomerContact.customer_id, other.customer_id)
        .join(mine, mine.contact_point_id == CustomerContact.contact_point_id)
        .join(theirs, theirs.company_id == mine.company_id)
        .join(other, other.contact_point_id == theirs.contact_point_id)
        .where(
            _asked(CustomerContact.customer_id),
            other.customer_id != CustomerContact.customer_id,
            _is_small(aliased(CompanyContact).company_id, mine.company_id),
            _is_small(aliased(CustomerContact).contact_point_id, theirs.contact_point_id),
        )
    )
