"""What the gates ask at hand-over beyond a message's own row: its campaign's document, and the steps that came before."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.campaigns import Campaign, CampaignVersion
from store.models.hearing import Task
from store.models.messages import Message
from wenhou.core.dedupe import task_key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A message or task of an earlier step, and when it began."""

    id: uuid.UUID
    since: datetime


def load_documents(
    session: Session, version_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[str, dict[str, Any]]]:
    """Version → (campaign's key, document): what was planned, not what is in force now."""
    rows = session.execute(
        select(CampaignVersion.id, Campaign.key, CampaignVersion.document)
        .join(Campaign, Campaign.id == CampaignVersion.campaign_id)
        .where(CampaignVersion.id.in_(sorted(version_ids)))
    )
    return {row.id: (row.key, row.document) for row in rows}


def load_earlier(
    session: Session, customers: Collection[uuid.UUID], keys: Collection[str]
) -> dict[tuple[uuid.UUID, str], Earlier]:
    """(customer, dedupe key) → the message or task there."""
    found: dict[tuple[uuid.UUID, str], Earlier] = {}
    messages = session.execute(
        select(Message.customer_id, Message.dedupe_key, Message.id, Message.due_at).where(
            Message.customer_id.in_(sorted(customers)), Message.dedupe_key.in_(sorted(keys))
        )
    )
    tasks = session.execute(
        select(Task.customer_id, Task.dedupe_key, Task.id, Task.created_at).where(
            Task.customer_id.in_(sorted(customers)), Task.campaign_id.is_not(None)
        )
    )
    for customer_id, row_key, identifier, at in (*messages, *tasks):
        key = task_key_of(row_key)
        if customer_id is not None and key in keys:
            found[customer_id, key] = Earlier(id=identifier, since=at)
    return found
