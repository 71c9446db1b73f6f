"""The mourning switch: festive, birthday and marketing words rest in a part of the bank for some days; service goes on.

Nothing is rewritten when it is thrown: every gate is judged again at hand-over, where what waits is held until the
mourning is over or, if its own window ends before, skipped with the reason `mourning`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from store import mourning
from store.audit import record
from store.models.organisation import Org
from store.models.steering import Mourning
from store.orgs import get_org
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services.context import Context

_MAY = (Role.OPERATIONS, Role.COMPLIANCE)
_REASON_LENGTH = 200
LONGEST_DAYS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MourningRow:
    """One mourning. `org` None: the whole bank. `state`: `coming`, `in_force`, `over`, `ended` (by a person)."""

    id: uuid.UUID
    org: str | None
    org_name: str
    from_on: date
    until_on: date
    reason: str
    state: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(slots=True, kw_only=True)
class SilencedRow:
    """What rests of a campaign's day, with the numbers of the customers in the caller's sight."""

    campaign: str
    on_day: date
    state: str
    count: int = 0
    customers: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As printed."""
        return {
            "campaign": self.campaign,
            "on": self.on_day.isoformat(),
            "state": self.state,
            "reason": mourning.REASON,
            "count": self.count,
            "customers": self.customers,
        }


def start_mourning(
    context: Context, actor: Actor, *, org: str | None, days: tuple[date, date], reason: str
) -> MourningRow:
    """Let words rest at an org and all below it (None: the whole bank), both days included.

    InputError for days out of order or past, without a reason, or an unknown org; AccessDenied outside one's own part.
    """
    today = _today(context)
    if days[1] < days[0]:
        raise InputError(f"the last day {days[1]} lies before the first {days[0]}", column="--until")
    if days[1] < today:
        raise InputError(f"{days[1]} is over; words cannot rest in the past", column="--until")
    if (days[1] - days[0]).days >= LONGEST_DAYS:
        raise InputError(f"longer than {LONGEST_DAYS} days; is the year right?", column="--until")
    if not reason.strip():
        raise InputError("say why words rest: --reason", column="--reason")
    now = context.clock.now()
    with context.db.write() as session:
        place = get_org(session, org) if org is not None else None
        _check(actor, place)
        row = mourning.add_mourning(
            session,
            org_id=place.id if place else None,
            days=days,
            reason=reason.strip()[:_REASON_LENGTH],
            by=actor.user_id,
            at=now,
        )
        details = {"org": org, "from": days[0].isoformat(), "until": days[1].isoformat()}
        record(session, now, actor, "mourning.started", "mourning", row.id, details)
        shown = _shown(row, place, today)
    context.submit("planning")
    return shown


def end_mourning(context: Context, actor: Actor, mourning_id: uuid.UUID) -> int:
    """End one before its last day: what it held falls due again, how many. Refused when it is over already."""
    now = context.clock.now()
    with context.db.write() as session:
        row = mourning.get_mourning(session, mourning_id)
        if row is None:
            raise InputError(f"there is no mourning {mourning_id}; `wenhou mourning list` names them")
        _check(actor, session.get_one(Org, row.org_id) if row.org_id else None)
        if row.ended_at is not None or row.until_on < _today(context):
            raise Refused("这次哀悼已经结束 (this mourning is over already)")
        row.ended_by, row.ended_at = actor.user_id, now
        record(session, now, actor, "mourning.ended", "mourning", row.id)
    freed = _free(context, mourning_id)
    context.submit("planning")
    context.submit("dispatch")
    return freed


def list_mournings(context: Context) -> list[MourningRow]:
    """All there ever were, the newest first."""
    today = _today(context)
    with context.db.read() as session:
        return [_shown(row, org, today) for row, org in mourning.list_mournings(session)]


def list_silenced(context: Context, actor: Actor, mourning_id: uuid.UUID | None = None) -> list[SilencedRow]:
    """What rests or rested because of a mourning (without an id: of every one in force), by campaign, day and state."""
    today = _today(context)
    found: dict[tuple[str, date, str], SilencedRow] = {}
    seen: dict[tuple[str, date, str], set[str]] = defaultdict(set)
    with context.db.read() as session:
        rows = [row for row, _ in mourning.list_mournings(session)]
        if mourning_id is not None:
            rows = [row for row in rows if row.id == mourning_id]
            if not rows:
                raise InputError(f"there is no mourning {mourning_id}; `wenhou mourning list` names them")
        else:
            rows = [row for row in rows if _state(row, today) in {"in_force", "coming"}]
        for row in rows:
            for one in mourning.list_silenced(session, actor, row, today=today):
                key = (one.campaign, one.on_day, one.state)
                if one.customer in seen[key]:  # two mournings may cover one customer
                    continue
                seen[key].add(one.customer)
                line = found.setdefault(
                    key, SilencedRow(campaign=one.campaign, on_day=one.on_day, state=one.state)
                )
                line.count += 1
                line.customers.append(one.customer)
    return [found[key] for key in sorted(found)]


def _free(context: Context, mourning_id: uuid.UUID) -> int:
    """What it held, 500 a transaction; a process killed here leaves messages that fall due when it would have ended."""
    freed = 0
    while True:
        with context.db.write() as session:
            row = mourning.get_mourning(session, mourning_id)
            some = mourning.free_held(session, row, at=context.clock.now()) if row is not None else 0
        freed += some
        if some == 0:
            return freed


def _check(actor: Actor, org: Org | None) -> None:
    if actor.kind == "system":
        return
    if not actor.has(*_MAY):
        raise AccessDenied("哀悼开关由运营或合规操作 (operations or compliance starts and ends mourning)")
    is_whole = org is None and actor.org_path.strip("/").count("/") == 0
    is_below = org is not None and org.path.startswith(actor.org_path)
    if not (is_whole or is_below):
        raise AccessDenied("只能管本机构及下级 (outside your part of the bank)")


def _shown(row: Mourning, org: Org | None, today: date) -> MourningRow:
    return MourningRow(
        id=row.id,
        org=org.code if org else None,
        org_name=org.name if org else "全行",
        from_on=row.from_on,
        until_on=row.until_on,
        reason=row.reason,
        state=_state(row, today),
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _state(row: Mourning, today: date) -> str:
    if row.ended_at is not None:
        return "ended"
    if row.until_on < today:
        return "over"
    return "coming" if row.from_on > today else "in_force"


def _today(context: Context) -> date:
    return context.clock.now().astimezone(context.bank.zone).date()
