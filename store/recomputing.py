"""Tiers and tags worked out by rule: one statement a tier or tag over a window of customers, never one a customer."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    and_,
    delete,
    exists,
    literal,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.audiences import compile_rule
from store.models.customers import Customer, CustomerTag
from wenhou.core.audience import Rule, widened

WINDOW = 1000
"""Customers a transaction: a few hundredths of a second of write lock."""
BY_RULE = "rule"
_Yes = ColumnElement[bool]
_COLUMNS: dict[str, tuple[InstrumentedAttribute[str | None], InstrumentedAttribute[str | None]]] = {
    "tier": (Customer.tier, Customer.computed_tier),
    "need": (Customer.need, Customer.computed_need),
    "risk_appetite": (Customer.risk_appetite, Customer.computed_risk_appetite),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One tier of an axis; the first whose rule is met counts."""

    name: str
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What is worked out: `tier`, `need` or `risk_appetite`. `slack`: per cent of assets before somebody falls."""

    column: str
    steps: tuple[Step, ...]
    slack: float = 0
    overrides_file: bool = False


def window_after(session: Session, after: uuid.UUID | None, size: int = WINDOW) -> list[uuid.UUID]:
    """The first and the last id of the next window; empty at the end."""
    statement = select(Customer.id).order_by(Customer.id).limit(size)
    if after is not None:
        statement = statement.where(Customer.id > after)
    ids = session.scalars(statement).all()
    return [ids[0], ids[-1]] if ids else []


def between(first: uuid.UUID, last: uuid.UUID) -> _Yes:
    """The customers of a window."""
    return Customer.id.between(first, last)


def named(ids: Collection[uuid.UUID]) -> _Yes:
    """Just these customers."""
    return Customer.id.in_(ids)


def recompute_axis(session: Session, axis: Axis, who: _Yes, now: datetime, zone: ZoneInfo) -> dict[str, int]:
    """How many came to each tier, `""` for none. Only rows whose value changes are written, and only they get older words.

    A value the bank's file gave (it is not what we computed last) stays, unless the axis overrides the file.
    """
    value, computed = _COLUMNS[axis.column]
    ours = true() if axis.overrides_file else or_(value.is_(None), value == computed)
    reach = and_(who, Customer.state != "erased", ours)
    changed: dict[str, int] = {}
    earlier: list[_Yes] = []
    for step in axis.steps:
        met = _met(axis, step, value, now, zone)
        here = and_(reach, value.is_distinct_from(step.name), met, *(one.is_not(True) for one in earlier))
        changed[step.name] = _set(session, value, computed, step.name, here, now)
        earlier.append(met)
    gone = and_(reach, value.is_not(None), *(one.is_not(True) for one in earlier))
    changed[""] = _set(session, value, computed, None, gone, now)
    return changed


def _met(
    axis: Axis, step: Step, value: InstrumentedAttribute[str | None], now: datetime, zone: ZoneInfo
) -> _Yes:
    strictly = compile_rule(step.rule, now, zone)
    if not axis.slack:
        return strictly
    still = compile_rule(widened(step.rule, "assets_yuan", axis.slack), now, zone)
    return or_(strictly, and_(value.is_not(None), value == step.name, still))


def _set(
    session: Session,
    value: InstrumentedAttribute[str | None],
    computed: InstrumentedAttribute[str | None],
    name: str | None,
    here: _Yes,
    now: datetime,
) -> int:
    statement = update(Customer).where(here).values({value: name, computed: name, Customer.updated_at: now})
    return _rows(session, statement)


def recompute_tag(
    session: Session, tag: str, rule: Rule, who: _Yes, now: datetime, zone: ZoneInfo
) -> tuple[int, int]:
    """How many got the tag and how many lost it. A tag hung on by a file or a person is never touched."""
    met = compile_rule(rule, now, zone)
    has = exists().where(CustomerTag.customer_id == Customer.id, CustomerTag.tag == tag).correlate(Customer)
    wanted = select(Customer.id, literal(tag), literal(BY_RULE)).where(
        who, Customer.state != "erased", met, not_(has)
    )
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    hang = make(CustomerTag).from_select(["customer_id", "tag", "source"], wanted)
    added = _rows(session, hang.on_conflict_do_nothing())
    unmet = select(Customer.id).where(who, or_(Customer.state == "erased", met.is_not(True)))
    drop = delete(CustomerTag).where(
        CustomerTag.tag == tag, CustomerTag.source == BY_RULE, CustomerTag.customer_id.in_(unmet)
    )
    return added, _rows(session, drop)


def drop_tags_but(session: Session, tags: Sequence[str]) -> int:
    """Take back what rules gave that no rule names any more."""
    return _rows(
        session, delete(CustomerTag).where(CustomerTag.source == BY_RULE, CustomerTag.tag.not_in(tags))
    )


def _rows(session: Session, statement: Any) -> int:
    result = session.execute(
        statement, execution_options={"synchronize_session": False, "preserve_rowcount": True}
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
