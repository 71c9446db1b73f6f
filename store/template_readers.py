"""Who got which wording: messages by the template version they were made from, for ever."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from store.models.campaigns import Campaign, TemplateVersion
from store.models.customers import Customer
from store.models.messages import Message
from store.sight import customer_scope
from wenhou.core.actors import Actor
from wenhou.core.statuses import HANDED_OVER, Status

_GOT = sorted({*HANDED_OVER, Status.AWAITING_TAP, Status.SENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One message made from a template; of an erased customer too. `is_edited`: a person changed its words."""

    message_id: uuid.UUID
    customer: str
    customer_state: str
    campaign: str | None
    on_day: date
    channel: str | None
    status: str
    locale: str
    number: int
    origin: str
    variant: str | None
    is_edited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersWanted:
    """Which of a template's messages. `variant`: a variant (`a`) or one wording of it (`a.2.5`).

    `waiting`: also what never left (it waits, was skipped or refused). `limit` 0: all.
    """

    key: str
    number: int | None = None
    locale: str | None = None
    variant: str | None = None
    first_on: date | None = None
    last_on: date | None = None
    waiting: bool = False
    limit: int = 0


def list_readers(session: Session, actor: Actor, wanted: ReadersWanted) -> Iterator[Reader]:
    """The messages by day, of the customers this person sees; one at a time."""
    statement = (
        select(
            Message.id.label("message_id"),
            Customer.external_ref.label("customer"),
            Customer.state.label("customer_state"),
            Campaign.key.label("campaign"),
            Message.planned_for.label("on_day"),
            Message.channel,
            Message.status,
            TemplateVersion.locale,
            TemplateVersion.number,
            TemplateVersion.origin,
            Message.variant,
            Message.edited_by.is_not(None).label("is_edited"),
        )
        .join(TemplateVersion, TemplateVersion.id == Message.template_version_id)
        .join(Customer, Customer.id == Message.customer_id)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .where(*_conditions(wanted), customer_scope(actor))
        .order_by(Message.planned_for, Message.id)
    )
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    for row in session.execute(statement.execution_options(yield_per=500)):
        yield Reader(**row._asdict())


def count_readers(session: Session, key: str) -> dict[uuid.UUID, int]:
    """Version → how many messages left in its words."""
    rows = session.execute(
        select(TemplateVersion.id, func.count())
        .join(Message, TemplateVersion.id == Message.template_version_id)
        .where(TemplateVersion.template_key == key, Message.status.in_(_GOT))
        .group_by(TemplateVersion.id)
    )
    return {row[0]: row[1] for row in rows}


def wording_of(session: Session, message_id: uuid.UUID) -> tuple[str, str, int, str, str | None] | None:
    """(key, locale, number, origin, variant) of a message's words; None: they were made from no template."""
    row = session.execute(
        select(
            TemplateVersion.template_key,
            TemplateVersion.locale,
            TemplateVersion.number,
            TemplateVersion.origin,
            Message.variant,
        )
        .join(Message, Message.template_version_id == TemplateVersion.id)
        .where(Message.id == message_id)
    ).first()
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])


def _conditions(wanted: ReadersWanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [TemplateVersion.template_key == wanted.key]
    if wanted.number is not None:
        found.append(TemplateVersion.number == wanted.number)
    if wanted.locale is not None:
        found.append(TemplateVersion.locale == wanted.locale)
    if wanted.variant is not None:
        exact = Message.variant == wanted.variant
        found.append(or_(exact, Message.variant.startswith(f"{wanted.variant}.", autoescape=True)))
    if wanted.first_on is not None:
        found.append(Message.planned_for >= wanted.first_on)
    if wanted.last_on is not None:
        found.append(Message.planned_for <= wanted.last_on)
    if not wanted.waiting:
        found.append(Message.status.in_(_GOT))
    return found
