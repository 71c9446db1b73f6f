"""The bank's tiers by rule: read, kept, and worked out anew when the data changes."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from store.audit import record
from store.bulk import chunks
from store.database import Session
from store.recomputing import between, named, recompute_axis, window_after
from store.rule_sheets import TIERS, add_sheet, find_sheet
from wenhou.core.actors import SYSTEM, Actor, Role
from wenhou.core.errors import AccessDenied
from wenhou.services.context import Context
from wenhou.services.rule_files import TierSheet, bundled_tiers, read_tiers, tiers_of
from wenhou.services.yaml_reading import YamlReader

Counts = dict[str, dict[str, int]]
"""By axis and tier: how many customers came to it; `""` for those who have none any more."""


def tiers_in_force(context: Context) -> tuple[TierSheet, int]:
    """The bank's tiers and the number of their edition; those that ship with Wenhou, number 0, before it has any."""
    with context.db.read() as session:
        found = _sheet(session)
    return found or (read_tiers(bundled_tiers(), "tiers.yaml"), 0)


def apply_tiers(context: Context, actor: Actor, sheet: TierSheet) -> bool:
    """Keep new tiers, not yet worked out; False when the same are in force."""
    check_may_tier(actor)
    now = context.clock.now()
    with context.db.write() as session:
        kept = add_sheet(
            session, TIERS, document=sheet.document, source=sheet.source, by=actor.user_id, at=now
        )
        if kept is not None:
            record(session, now, actor, "tiers.apply", "rule_sheet", kept.id, {"number": kept.number})
    return kept is not None


def recompute_tiers(
    context: Context, ids: Collection[uuid.UUID] | None = None, *, actor: Actor = SYSTEM
) -> Counts:
    """Work out every customer's tiers, or those of `ids`, in short transactions; nothing where the bank has no rules.

    A customer's `updated_at` moves only when a value changed, so that only their words are made anew.
    """
    with context.db.read() as session:
        found = _sheet(session)
    if found is None:
        return {}
    now, totals = context.clock.now(), {axis.column: Counter[str]() for axis in found[0].axes}
    for who in windows(context, ids):
        with context.db.write() as session:
            for axis in found[0].axes:
                totals[axis.column].update(recompute_axis(session, axis, who, now, context.bank.zone))
    if any(total.total() for total in totals.values()):
        details = {axis: sum(total.values()) for axis, total in totals.items()}
        with context.db.write() as session:
            record(session, now, actor, "tiers.recompute", "rule_sheet", None, details)
    return {axis: dict(total) for axis, total in totals.items()}


def windows(context: Context, ids: Collection[uuid.UUID] | None) -> Iterator[Any]:
    """Conditions that together name every customer, or those of `ids`, a few at a time: no long write lock."""
    if ids is not None:
        yield from (named(run) for run in chunks(sorted(ids)))
        return
    after = None
    while True:
        with context.db.read() as session:
            ends = window_after(session, after)
        if not ends:
            return
        yield between(ends[0], ends[1])
        after = ends[1]


def check_may_tier(actor: Actor) -> None:
    """Raise AccessDenied for who may not say by which rules customers are sorted."""
    if actor.kind != "system" and not actor.has(Role.OPERATIONS):
        raise AccessDenied("only operations sets the rules for tiers and tags")


def _sheet(session: Session) -> tuple[TierSheet, int] | None:
    row = find_sheet(session, TIERS)
    if row is None:
        return None
    return tiers_of(YamlReader("tiers"), row.document, source=row.source), row.number
