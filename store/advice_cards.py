"""Advice cards in the store: versions of a product's four blocks, and what was proposed because of one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store.models.campaigns import BusinessEvent
from store.models.messages import Message
from store.models.offers import AdviceCard
from store.models.products import Product
from wenhou.core.statuses import Status

Standing = tuple[AdviceCard, Product]


def newest_card(session: Session, product_id: uuid.UUID) -> AdviceCard | None:
    """The version that was written last, locked where the dialect can."""
    statement = (
        select(AdviceCard)
        .where(AdviceCard.product_id == product_id)
        .order_by(AdviceCard.version.desc())
        .limit(1)
    )
    return session.scalar(statement)


def approved_card(session: Session, product_id: uuid.UUID) -> AdviceCard | None:
    """The version that may be shown and sent; at most one."""
    return session.scalar(
        select(AdviceCard).where(AdviceCard.product_id == product_id, AdviceCard.state == "approved")
    )


def list_cards(session: Session, *, approved_only: bool = False) -> Sequence[Standing]:
    """(newest version, product) by product; with `approved_only` the approved ones instead."""
    newest = (
        select(AdviceCard.product_id, func.max(AdviceCard.version).label("version"))
        .group_by(AdviceCard.product_id)
        .subquery()
    )
    statement = (
        select(AdviceCard, Product).join(Product, Product.id == AdviceCard.product_id).order_by(Product.code)
    )
    if approved_only:
        statement = statement.where(AdviceCard.state == "approved")
    else:
        statement = statement.join(
            newest,
            (newest.c.product_id == AdviceCard.product_id) & (newest.c.version == AdviceCard.version),
        )
    return [(card, product) for card, product in session.execute(statement)]


def card_versions(session: Session, product_id: uuid.UUID) -> Sequence[AdviceCard]:
    """Every version of a product's card, the newest first."""
    return session.scalars(
        select(AdviceCard).where(AdviceCard.product_id == product_id).order_by(AdviceCard.version.desc())
    ).all()


def sent_before(
    session: Session, customer_id: uuid.UUID, card_id: uuid.UUID, source: str
) -> tuple[datetime, str | None, str | None] | None:
    """(asked at, message's status, its reason) of the newest wish to send a card to a customer.

    Status None: not yet planned.
    """
    event = session.scalars(
        select(BusinessEvent)
        .where(
            BusinessEvent.source == source,
            BusinessEvent.customer_id == customer_id,
            BusinessEvent.source_id.startswith(card_id.hex),
        )
        .order_by(BusinessEvent.happened_at.desc())
        .limit(1)
    ).first()
    if event is None:
        return None
    message = session.execute(
        select(Message.status, Message.reason)
        .where(Message.origin_id == event.id, Message.customer_id == customer_id)
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    return event.happened_at, message.status if message else None, message.reason if message else None


def end_events(session: Session, card_id: uuid.UUID, source: str) -> list[uuid.UUID]:
    """Cancel every wish to send a card; the ids of those that stood."""
    ended = session.execute(
        update(BusinessEvent)
        .where(
            BusinessEvent.source == source,
            BusinessEvent.source_id.startswith(card_id.hex),
            BusinessEvent.state != "cancelled",
        )
        .values(state="cancelled")
        .returning(BusinessEvent.id),
        execution_options={"synchronize_session": False},
    )
    return list(ended.scalars())


def waiting_of(session: Session, event_ids: Sequence[uuid.UUID]) -> list[tuple[uuid.UUID, str]]:
    """(message, status) of what these events still have waiting."""
    if not event_ids:
        return []
    rows = session.execute(
        select(Message.id, Message.status).where(
            Message.origin_id.in_(event_ids), Message.status.in_((Status.PROPOSED, Status.SCHEDULED))
        )
    )
    return [(row.id, row.status) for row in rows]
