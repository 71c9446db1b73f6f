"""Articles in the store: which are in force, which were stopped, who has read one."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from store.models.campaigns import Article
from store.models.customers import Customer
from store.models.messages import Message, MessageEvent
from store.sight import message_scope
from wenhou.core.actors import Actor
from wenhou.core.ids import new_id
from wenhou.core.statuses import HANDED_OVER, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody an article reached, or may have reached (`unknown`)."""

    message_id: uuid.UUID
    customer_ref: str
    customer_name: str
    channel: str | None
    status: str
    sent_at: datetime | None


def find_article(session: Session, key: str) -> Article | None:
    """An article by its key."""
    return session.scalar(select(Article).where(Article.key == key))


def list_articles(session: Session) -> Sequence[Article]:
    """Every article, the newest in force first."""
    return session.scalars(select(Article).order_by(Article.effective_on.desc(), Article.key)).all()


def keys_of(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Ids to keys."""
    rows = session.execute(select(Article.id, Article.key).where(Article.id.in_(list(ids))))
    return {row.id: row.key for row in rows}


def stopped_articles(session: Session, ids: Collection[uuid.UUID], on: date) -> set[uuid.UUID]:
    """Those of these articles that may not be told on a day: withdrawn, superseded, changed since, not in force.

    One small query; asked at hand-over for the articles of a group (`Message.origin_id` where the trigger is one).
    """
    if not ids:
        return set()
    stopped = or_(
        Article.state != "approved",
        Article.effective_on > on,
        Article.expires_on < on,
    )
    return set(session.scalars(select(Article.id).where(Article.id.in_(list(ids)), stopped)))


def readers_of(session: Session, actor: Actor, article_id: uuid.UUID) -> list[Reader]:
    """Whom an article has left for, in the actor's sight, in the order of sending; tests and drafts have none."""
    sent = (
        select(MessageEvent.message_id, func.min(MessageEvent.at).label("at"))
        .where(MessageEvent.event == Event.ACCEPT)
        .group_by(MessageEvent.message_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Message.id,
            Customer.external_ref,
            Customer.name,
            Message.channel,
            Message.status,
            sent.c.at,
        )
        .join(Customer, Customer.id == Message.customer_id)
        .outerjoin(sent, sent.c.message_id == Message.id)
        .where(Message.origin_id == article_id, Message.status.in_(list(HANDED_OVER)), message_scope(actor))
        .order_by(sent.c.at, Message.id)
    )
    return [
        Reader(
            message_id=row.id,
            customer_ref=row.external_ref,
            customer_name=row.name,
            channel=row.channel,
            status=row.status,
            sent_at=row.at,
        )
        for row in rows
    ]


def save_article(
    session: Session, key: str, values: Mapping[str, Any], *, at: datetime
) -> tuple[str, uuid.UUID]:
    """(`created` | `changed` | `unchanged`, id). `values`: columns by name. A change makes it a draft again."""
    found = find_article(session, key)
    if found is None:
        found = Article(id=new_id(), key=key, state="draft", created_at=at, updated_at=at, **values)
        session.add(found)
        session.flush()
        return "created", found.id
    if all(getattr(found, name) == value for name, value in values.items()):
        return "unchanged", found.id
    for name, value in values.items():
        setattr(found, name, value)
    found.state, found.updated_at, found.reviewed_at, found.reviewer_id = "draft", at, None, None
    session.flush()
    return "changed", found.id
