"""Automatic tags: hung on and taken off by rule, beside those a file or a person gave, which no rule touches."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from store.audit import record
from store.database import Session
from store.recomputing import drop_tags_but, recompute_tag
from store.rule_sheets import TAGS, add_sheet, find_sheet
from wenhou.core.actors import SYSTEM, Actor
from wenhou.services.context import Context
from wenhou.services.rule_files import TagSheet, tags_of
from wenhou.services.tiers import check_may_tier, windows
from wenhou.services.yaml_reading import YamlReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """How many customers got a tag, and how many lost it."""

    tag: str
    added: int
    removed: int


def tags_in_force(context: Context) -> tuple[TagSheet, int] | None:
    """The bank's automatic tags and the number of their edition."""
    with context.db.read() as session:
        return _sheet(session)


def apply_tags(context: Context, actor: Actor, sheet: TagSheet) -> bool:
    """Keep new rules for tags, not yet worked out; False when the same are in force."""
    check_may_tier(actor)
    now = context.clock.now()
    with context.db.write() as session:
        kept = add_sheet(
            session, TAGS, document=sheet.document, source=sheet.source, by=actor.user_id, at=now
        )
        if kept is not None:
            record(session, now, actor, "tags.apply", "rule_sheet", kept.id, {"number": kept.number})
            drop_tags_but(session, [tag for tag, _ in sheet.rules])
    return kept is not None


def recompute_tags(
    context: Context, ids: Collection[uuid.UUID] | None = None, *, actor: Actor = SYSTEM
) -> list[Tagged]:
    """Work out the automatic tags of every customer, or of `ids`, in short transactions."""
    with context.db.read() as session:
        found = _sheet(session)
    if found is None:
        return []
    now, added, removed = context.clock.now(), Counter[str](), Counter[str]()
    for who in windows(context, ids):
        with context.db.write() as session:
            for tag, rule in found[0].rules:
                more, fewer = recompute_tag(session, tag, rule, who, now, context.bank.zone)
                added[tag] += more
                removed[tag] += fewer
    if added.total() or removed.total():
        with context.db.write() as session:
            details = {"added": added.total(), "removed": removed.total()}
            record(session, now, actor, "tags.recompute", "rule_sheet", None, details)
    return [Tagged(tag=tag, added=added[tag], removed=removed[tag]) for tag, _ in found[0].rules]


def _sheet(session: Session) -> tuple[TagSheet, int] | None:
    row = find_sheet(session, TAGS)
    if row is None:
        return None
    return tags_of(YamlReader("tags"), row.document, source=row.source), row.number
