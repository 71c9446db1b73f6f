"""What differs between two versions of a template, and between the words as planned and as a person changed them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from store import approvals as votes
from store.planned_words import load_planned
from templates import documents
from templates.documents import Document
from wenhou.core.actors import Actor
from wenhou.core.channels import Content
from wenhou.core.errors import AccessDenied
from wenhou.services.context import Context
from wenhou.services.deciding import load_standing
from wenhou.services.template_reading import get_source, may_read
from wenhou.services.word_diff import Piece, is_same, word_diff
from wenhou.services.wording import editable


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDiff:
    """One text of a template or message: which variant, channel and part of it, and its pieces.

    `variant` "" for what stands outside variants (name, purpose, placeholders, pieces of turns).
    """

    variant: str
    channel: str
    part: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """What differs between two versions; texts that are alike are left out."""

    key: str
    locale: str
    before: int
    after: int
    texts: tuple[TextDiff, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditDiff:
    """The words of a message as planned against the words now, by channel. `is_edited` False: nobody changed them."""

    message_id: uuid.UUID
    is_edited: bool
    texts: tuple[TextDiff, ...]


def diff_versions(
    context: Context, actor: Actor, key: str, before: int, after: int, *, locale: str = "zh-CN"
) -> VersionDiff:
    """What differs between two versions of a template; InputError where one is not there."""
    if not may_read(actor):
        raise AccessDenied("only operations, compliance, supervisors and administrators look at templates")
    with context.db.read() as session:
        sources = [get_source(session, key, locale, number) for number in (before, after)]
    old, new = (_texts(documents.read(source, f"{key} {locale}")) for source in sources)
    found = []
    for place in [*old, *(one for one in new if one not in old)]:
        pieces = word_diff(old.get(place, ""), new.get(place, ""))
        if not is_same(pieces):
            variant, channel, part = place
            found.append(TextDiff(variant=variant, channel=channel, part=part, pieces=pieces))
    return VersionDiff(key=key, locale=locale, before=before, after=after, texts=tuple(found))


def edit_diff(context: Context, actor: Actor, message_id: uuid.UUID) -> EditDiff:
    """What a person changed in a message: every channel that was edited; AccessDenied for who may not see it.

    True for ever: the words as planned are kept, sealed, at the first edit. After erasure nobody can read either.
    """
    with context.db.read() as session:
        message = load_standing(session, actor, message_id, lock=False).message
        planned = load_planned(session, context.vault, message)
        now = votes.load_contents(session, context.vault, message) if planned else {}
    texts: list[TextDiff] = []
    for channel, old in planned.items():
        new = now.get(channel)
        if new is not None:
            texts += _content_diff(channel, old, new, message.purpose)
    return EditDiff(message_id=message_id, is_edited=message.edited_by is not None, texts=tuple(texts))


def _content_diff(channel: str, old: Content, new: Content, purpose: str) -> list[TextDiff]:
    parts = {
        "subject": (old.subject or "", new.subject or ""),
        "text": (editable(old, purpose), editable(new, purpose)),
    }
    found = [
        TextDiff(variant="", channel=channel, part=part, pieces=word_diff(*pair))
        for part, pair in parts.items()
    ]
    return [one for one in found if one.part == "text" or not is_same(one.pieces)]


def _texts(document: Document) -> Mapping[tuple[str, str, str], str]:
    """Every text of a document by (variant, channel, part)."""
    found: dict[tuple[str, str, str], str] = {
        ("", "", "name"): document.name,
        ("", "", "purpose"): document.purpose,
        ("", "", "channels"): ", ".join(document.channels),
        ("", "", "sms_units"): str(document.sms_units),
        ("", "", "card"): document.card,
    }
    for name, one in document.placeholders.items():
        default = "" if one.default is None else f", default {one.default!r}"
        found["", "", f"placeholder {name}"] = f"{one.type} from {one.source}{default}"
    for turn in document.turns:
        for at, (piece, short) in enumerate(zip(turn.pieces, turn.sms, strict=True), 1):
            found["", "", f"turn {turn.name} {at}"] = piece
            if short != piece:
                found["", "sms", f"turn {turn.name} {at}"] = short
    for variant in document.variants:
        flags = [name for name in ("quiet", "nameless") if getattr(variant, name)]
        told = [*flags, *sorted(variant.tiers), *([variant.voice] if variant.voice else [])]
        found[variant.id, "", "for"] = ", ".join(told)
        for channel, parts in variant.bodies.items():
            for part, texts in parts.items():
                for at, text in enumerate(texts, 1):
                    place = part if len(texts) == 1 else f"{part} {at}"
                    found[variant.id, channel, place] = text.value.strip()
    return found
