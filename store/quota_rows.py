"""Platforms' limits as configured: the rows themselves, listed and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.handover import Quota
from wenhou.core.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaSpec:
    """One dated limit as a person wrote it. `days` only for a rolling one; no `purposes`: all of them."""

    provider: str
    account: str
    kind: str
    scope: str
    period: str
    days: int | None
    time_zone: str
    purposes: tuple[str, ...]
    amount: int
    from_on: date
    until_on: date | None
    source: str
    confidence: str
    note: str | None = None

    @property
    def thing(self) -> tuple[str, str, str, str]:
        """What it limits: two rows for one thing must not overlap."""
        return (self.provider, self.account, self.kind, self.period)

    @property
    def key(self) -> tuple[str, str, str, str, date]:
        """Which row it is: written again under the same key it changes that row."""
        return (*self.thing, self.from_on)

    def overlaps(self, other: QuotaSpec) -> bool:
        """Whether both are in force on some day."""
        begins = max(self.from_on, other.from_on)
        return (self.until_on is None or begins <= self.until_on) and (
            other.until_on is None or begins <= other.until_on
        )


def list_quotas(session: Session) -> Sequence[Quota]:
    """Every limit ever entered, by provider and date."""
    return session.scalars(
        select(Quota).order_by(
            Quota.provider, Quota.account, Quota.kind, Quota.period, Quota.from_on, Quota.id
        )
    ).all()


def spec_of(row: Quota) -> QuotaSpec:
    """The row as it would be written."""
    return QuotaSpec(
        provider=row.provider,
        account=row.account,
        kind=row.kind,
        scope=row.scope,
        period=row.period,
        days=row.days,
        time_zone=row.time_zone,
        purposes=tuple(row.purposes or ()),
        amount=row.amount,
        from_on=row.from_on,
        until_on=row.until_on,
        source=row.source or "",
        confidence=row.confidence or "",
        note=row.note,
    )


def write_quotas(session: Session, specs: Sequence[QuotaSpec]) -> tuple[int, int, int]:
    """Add or change rows by their key; counters stay. Returns (created, changed, unchanged)."""
    known = {spec_of(row).key: row for row in list_quotas(session)}
    created = changed = 0
    for spec in specs:
        row = known.get(spec.key)
        if row is None:
            row = Quota(id=new_id(), used=0)
            session.add(row)
            created += 1
        elif spec_of(row) == spec:
            continue
        else:
            changed += 1
        row.provider, row.account, row.kind = spec.provider, spec.account, spec.kind
        row.scope, row.period, row.days = spec.scope, spec.period, spec.days
        row.time_zone, row.purposes = spec.time_zone, list(spec.purposes) or None
        row.amount, row.from_on, row.until_on = spec.amount, spec.from_on, spec.until_on
        row.source, row.confidence, row.note = spec.source, spec.confidence, spec.note
    session.flush()
    return created, changed, len(specs) - created - changed
