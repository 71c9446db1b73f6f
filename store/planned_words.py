"""The words of a message as they were planned: kept, sealed as they were, before somebody first changes them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.keys import customer_keys
from store.message_writes import open_body
from store.models.messages import Message, MessageContent
from store.models.words import PlannedWords
from store.vault import Vault
from wenhou.core.channels import Content


def keep_planned(session: Session, message_id: uuid.UUID, at: datetime) -> None:
    """Keep every channel's words; once they are kept, a later edit changes nothing here."""
    rows = session.execute(
        select(MessageContent.channel, MessageContent.body, MessageContent.skeleton).where(
            MessageContent.message_id == message_id
        )
    )
    kept = [
        {
            "message_id": message_id,
            "channel": row.channel,
            "body": row.body,
            "skeleton": row.skeleton,
            "kept_at": at,
        }
        for row in rows
    ]
    insert_new(
        session, PlannedWords, kept, unique=("message_id", "channel"), returning=PlannedWords.message_id
    )


def load_planned(session: Session, vault: Vault, message: Message) -> dict[str, Content]:
    """The words as planned by channel, in the plan's order; empty for a message nobody edited, or without its key."""
    rows = session.execute(
        select(PlannedWords.channel, PlannedWords.body).where(PlannedWords.message_id == message.id)
    )
    bodies = {row.channel: row.body for row in rows}
    key = customer_keys(session, vault, [message.customer_id]).get(message.customer_id) if bodies else None
    if key is None:
        return {}
    return {
        channel: open_body(key, message.id, channel, bodies[channel])
        for channel in message.channel_plan.split(",")
        if channel in bodies
    }
