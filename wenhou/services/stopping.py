"""Stopping and letting go again: one person stops at once, lifting a stop takes two."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from store import stops
from store.audit import record
from store.campaigns import list_campaigns
from store.orgs import list_orgs
from store.overview import user_names
from wenhou.core.actors import Actor, Role
from wenhou.core.channels import CHANNELS
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.purposes import Purpose
from wenhou.services.context import Context

SCOPES = ("all", "purpose", "org", "channel", "campaign")
_MAY = (Role.SUPERVISOR, Role.OPERATIONS, Role.COMPLIANCE, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """An order in force. `waiting`: scheduled messages it holds; `in_flight`: calls under way that nobody can stop."""

    id: uuid.UUID
    scope: str
    value: str
    reason: str
    ordered_by: str
    ordered_at: datetime
    lift_asked_by: uuid.UUID | None
    lift_asked_name: str = ""
    waiting: int = 0
    in_flight: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What an order would do: scheduled messages it would hold, and calls under way that nobody can stop."""

    waiting: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a stop may name: (key, name) of campaigns, (code, name) of orgs, parents before children."""

    campaigns: tuple[tuple[str, str], ...]
    orgs: tuple[tuple[str, str], ...]


def list_choices(context: Context, actor: Actor) -> Choices:
    """Campaigns and orgs a stop may name. Raises AccessDenied."""
    _check(actor)
    with context.db.read() as session:
        return Choices(
            campaigns=tuple((one.key, one.name) for one in list_campaigns(session)),
            orgs=tuple((one.code, one.name) for one in list_orgs(session)),
        )


def foresee(context: Context, actor: Actor, scope: str, value: str) -> Foreseen:
    """How much a stop would hold, before it is given. Raises InputError, AccessDenied."""
    _check(actor)
    with context.db.read() as session:
        kept = _value(stops.resolve(session, scope, value), scope, value)
        waiting, in_flight = stops.count_covered(session, stops.of_order(session, scope, kept))
    return Foreseen(waiting=waiting, in_flight=in_flight)


def stop(context: Context, actor: Actor, scope: str, value: str, reason: str) -> Stopped:
    """Stop before the next call: all, a purpose, an org with all below it (by code or id), a channel, a campaign (by key).

    InputError names what is unknown; AccessDenied without one of the roles that may.
    """
    _check(actor)
    now = context.clock.now()
    with context.db.write() as session:
        kept = _value(stops.resolve(session, scope, value), scope, value)
        order_id = stops.order(
            session, scope=scope, value=kept, reason=reason.strip(), by=actor.user_id, at=now
        )
        record(session, now, actor, "sending.stopped", "stop", order_id, {"scope": scope, "value": kept})
        waiting, in_flight = stops.count_covered(session, stops.current_stops(session))
    return Stopped(
        id=order_id,
        scope=scope,
        value=value,
        reason=reason.strip(),
        ordered_by=actor.name,
        ordered_at=now,
        lift_asked_by=None,
        waiting=waiting,
        in_flight=in_flight,
    )


def resume(context: Context, actor: Actor, stop_id: uuid.UUID) -> bool:
    """Ask to lift a stop, or, as the second person, lift it; whether it is lifted now.

    Refused: the same person twice, or a stop that is lifted already.
    """
    _check(actor)
    now = context.clock.now()
    with context.db.write() as session:
        row = stops.get_order(session, stop_id)
        if row is None or row.lifted_at is not None:
            raise Refused("这条停发已解除 (this stop is lifted already)", code="lifted")
        if row.lift_asked_by is None:
            row.lift_asked_by = actor.user_id
            record(session, now, actor, "sending.lift_asked", "stop", stop_id)
            return False
        if row.lift_asked_by == actor.user_id:
            raise Refused("恢复发送需要另一位同事确认 (a second person must confirm)", code="same_person")
        row.lifted_by, row.lifted_at = actor.user_id, now
        record(session, now, actor, "sending.lifted", "stop", stop_id)
    context.submit("dispatch")
    return True


def list_stops(context: Context) -> list[Stopped]:
    """The orders in force, newest first."""
    with context.db.read() as session:
        found = stops.list_orders(session)
        names = user_names(session, [row.lift_asked_by for row, _, _ in found])
        return [
            Stopped(
                id=row.id,
                scope=row.scope,
                value=name,
                reason=row.reason or "",
                ordered_by=person,
                ordered_at=row.ordered_at,
                lift_asked_by=row.lift_asked_by,
                lift_asked_name=names.get(row.lift_asked_by, "") if row.lift_asked_by else "",
            )
            for row, name, person in found
        ]


def may_stop(actor: Actor) -> bool:
    """Whether stopping is one of this person's acts."""
    return actor.kind == "system" or actor.has(*_MAY)


def _check(actor: Actor) -> None:
    if not may_stop(actor):
        raise AccessDenied("停发与恢复由主管、运营、合规或管理员操作 (not one of your acts)")


def _value(found: str | None, scope: str, value: str) -> str:
    known = {"purpose": frozenset(Purpose), "channel": frozenset(CHANNELS), "all": frozenset({""})}
    if scope not in SCOPES:
        raise InputError(f"停发范围应为 {'、'.join(SCOPES)} (unknown scope {scope!r})", column="scope")
    if scope in known:
        if value not in known[scope]:
            raise InputError(f"{scope}：没有 {value!r} (unknown {scope})", column="value")
        return value
    if found is None:
        raise InputError(f"{scope}：没有 {value!r} (unknown {scope})", column="value")
    return found
