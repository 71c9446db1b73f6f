"""The words of a message made anew just before its call, and compared with what was approved."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from scheduler.judging_again import Rejudged
from store.attempts import load_bodies, load_digests
from store.database import Session
from store.keys import customer_keys
from store.media import approved_among
from store.message_writes import open_body
from store.vault import VaultError
from templates.email_skeleton import build
from wenhou.core.channels import Content
from wenhou.core.digests import content_digest, message_digest
from wenhou.core.errors import TemplateError
from wenhou.services.context import Context


def verified_contents(
    session: Session, context: Context, judged: Sequence[Rejudged]
) -> dict[uuid.UUID, Content]:
    """The words of each message, made anew and compared with what was approved.

    Absent is a message that differs, or that has a card which was taken back.
    """
    wanted = [(item.message.id, item.message.channel) for item in judged]
    bodies = load_bodies(session, wanted)
    digests = load_digests(session, [message_id for message_id, _ in wanted])
    keys = customer_keys(session, context.vault, {item.message.customer_id for item in judged})
    found: dict[uuid.UUID, Content] = {}
    dressed: dict[uuid.UUID, tuple[str, ...]] = {}
    for item in judged:
        message = item.message
        body = bodies.get((message.id, message.channel))
        key = keys.get(message.customer_id)
        if body is None or key is None:
            continue
        try:
            content = complete(open_body(key, message.id, message.channel, body[0]))
        except (VaultError, TemplateError):
            continue
        ordered = [
            (channel, digests[message.id][channel])
            for channel in message.channel_plan
            if channel in digests[message.id]
        ]
        whole = message_digest(context.vault.digest_key, ordered)
        if content_digest(context.vault.digest_key, content) == body[1] and whole == message.content_hash:
            found[message.id] = content
            if content.media:
                dressed[message.id] = content.media
    if dressed:  # a card that was taken back goes out with nothing
        approved = approved_among(session, {digest for several in dressed.values() for digest in several})
        for message_id, several in dressed.items():
            if not approved.issuperset(several):
                del found[message_id]
    return found


def complete(content: Content) -> Content:
    """A mail's HTML made from its skeleton and parameters; everything else as stored."""
    if content.channel != "email" or content.provider_template is None:
        return content
    parts = build(content.provider_template, content.parameters)
    return replace(content, text=parts.text, html=parts.html)
