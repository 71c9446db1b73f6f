"""What the bank's risk events stop: restrictions kept in step with them, what waits withdrawn in the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from store import pending, tasks
from store.audit import record
from store.database import Session
from store.models.customers import Customer
from store.restrictions import (
    Shift,
    risk_events_of,
    set_dormancy,
    touch_customers,
    write_restrictions,
)
from store.sealing import Sealer
from wenhou.core.actors import Actor
from wenhou.core.purposes import Purpose
from wenhou.core.risk import RISK_KINDS, Restriction, RiskEvent, restrictions_of
from wenhou.services.clocks import in_service_hours
from wenhou.services.context import Context
from wenhou.services.policies import policy_in_force

_VERIFY_WITHIN = timedelta(hours=16)
"""Service hours: two days of the desk."""
_DORMANCY = frozenset({"account_dormant", "account_reactivated"})


def follow_risk_events(
    session: Session, context: Context, actor: Actor, customer_ids: Collection[uuid.UUID]
) -> int:
    """Bring restrictions, dormancy and to-dos of these customers in step with their risk events; how many shifted.

    What a new restriction stops is skipped at once, also what a worker has claimed: its start no longer finds it
    scheduled. What was lifted is looked at anew by the planner. The audit names restrictions by id, never by kind.
    """
    if not customer_ids:
        return 0
    now = context.clock.now()
    zone = context.bank.zone
    today = now.astimezone(zone).date()
    days = policy_in_force(session, now).care_after_cure_days
    events = risk_events_of(session, sorted(customer_ids))
    wanted = {
        customer_id: restrictions_of(found, zone=zone, care_after_cure_days=days)
        for customer_id, found in events.items()
    }
    shifts = write_restrictions(session, wanted, at=now)
    shifted = [customer_id for customer_id, shift in shifts.items() if shift.begun or shift.ended]
    for customer_id in shifted:
        for act, ids in (
            ("care.restricted", shifts[customer_id].begun),
            ("care.lifted", shifts[customer_id].ended),
        ):
            for row_id in ids:
                record(session, now, actor, act, "customer", customer_id, {"restriction": str(row_id)})
        _stop(session, customer_id, wanted[customer_id], today, now)
    _follow_dormancy(session, events, shifts)
    _ask(session, context, wanted, events, now)
    touch_customers(session, shifted, now)
    return len(shifted)


def _stop(
    session: Session, customer_id: uuid.UUID, restrictions: Sequence[Restriction], today: date, now: datetime
) -> None:
    stopped: set[str] = set()
    for one in restrictions:
        if one.is_in_force(today):
            stopped |= set(Purpose) if "all" in one.purposes else set(one.purposes)
    if stopped:
        pending.skip_pending(
            session,
            [customer_id],
            [Purpose(word) for word in sorted(stopped)],
            reason="care_restricted",
            actor="system",
            at=now,
        )


def _follow_dormancy(
    session: Session, events: Mapping[uuid.UUID, Sequence[RiskEvent]], shifts: Mapping[uuid.UUID, Shift]
) -> None:
    """A customer whose number was verified is still dormant: only the account's own events wake them."""
    asleep: list[uuid.UUID] = []
    awake: list[uuid.UUID] = []
    for customer_id, found in events.items():
        if any(one.kind in _DORMANCY for one in found):
            (asleep if _is_dormant(found) else awake).append(customer_id)
        elif "dormant" in shifts[customer_id].withdrawn:
            awake.append(customer_id)
    set_dormancy(session, asleep, is_dormant=True)
    set_dormancy(session, awake, is_dormant=False)


def _is_dormant(events: Sequence[RiskEvent]) -> bool:
    last = max(
        (one for one in events if one.kind in _DORMANCY),
        key=lambda one: (one.happened_at, one.kind == "account_reactivated"),
    )
    return last.kind == "account_dormant"


def _ask(
    session: Session,
    context: Context,
    wanted: Mapping[uuid.UUID, Sequence[Restriction]],
    events: Mapping[uuid.UUID, Sequence[RiskEvent]],
    now: datetime,
) -> None:
    """The to-do of an event, once: for the advisor, else the pool of the branch."""
    today = now.astimezone(context.bank.zone).date()
    sealer = Sealer(session, context.vault)
    for customer_id, restrictions in wanted.items():
        kinds = {one.id: one.kind for one in events[customer_id]}
        for one in restrictions:
            errand = RISK_KINDS[kinds[one.event_id]].asks
            if errand is None or not one.is_in_force(today):
                continue
            customer = session.get_one(Customer, customer_id)
            new = tasks.NewTask(
                kind=errand,
                dedupe_key=f"{errand}:{customer_id}:{one.event_id}",
                due_at=in_service_hours(context, now, _VERIFY_WITHIN),
                customer_id=customer_id,
                org_id=customer.managing_org_id,
                assignee_id=customer.main_advisor_id,
            )
            tasks.add_task(session, sealer, new, now)
