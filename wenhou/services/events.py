"""Taking in what happened at the bank: by file or push, once each, however often it is delivered.

What starts words wakes the planner; a risk event (`wenhou.core.risk`) stops them instead. A cancelled event withdraws
its waiting call-back; a corrected one does too and is planned anew, once, unless the old call-back has left already.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from store.audit import record
from store.database import Session
from store.events import (
    EventKey,
    customer_ids,
    drop_tasks_of,
    free_keys,
    insert_events,
    org_ids,
    standing_events,
    waiting_messages_of,
)
from store.models.campaigns import BusinessEvent
from store.transitions import Change, change_status
from wenhou.core.actors import Actor
from wenhou.core.dedupe import event_key
from wenhou.core.ids import new_id
from wenhou.core.risk import RISK_KINDS
from wenhou.core.statuses import Event, Status
from wenhou.services import feeds
from wenhou.services.context import Context
from wenhou.services.risk import follow_risk_events

_CHUNK = 500
_CORRECTED, _CANCELLED = "event_corrected", "event_cancelled"
Refusal = dict[str, Any]
"""A line that was not taken: line, column, value, reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """One thing that happened. `line`: where it stood in its file. `revision`: the source's count of its corrections.

    The same source id with other facts is a correction; one with a lower revision than is known came late and is
    passed over.
    """

    source: str
    source_id: str
    kind: str
    customer: str
    happened_at: datetime
    org: str | None = None
    cancelled: bool = False
    revision: int | None = None
    line: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> EventKey:
        """What makes it the same event again."""
        return (self.source, self.source_id)


@dataclass(slots=True, kw_only=True)
class EventsReport:
    """What came of a file or a push."""

    rows: int = 0
    created: int = 0
    corrected: int = 0
    unchanged: int = 0
    cancelled: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The shape of `wenhou events import --json`."""
        return {
            "rows": self.rows,
            "created": self.created,
            "corrected": self.corrected,
            "unchanged": self.unchanged,
            "cancelled": self.cancelled,
            "refused": len(self.refusals),
            "refusals": self.refusals,
        }


def refusal(line: int, column: str, value: str, reason: str) -> Refusal:
    """One line that was not taken, as reports show it."""
    return {"line": line, "column": column, "value": value, "reason": reason}


def take_in(
    context: Context, actor: Actor, events: Iterable[NewEvent], *, delivery: feeds.Delivery | None = None
) -> EventsReport:
    """Write what is new, withdraw and replan what was cancelled or corrected, stop what risk events stop.

    `delivery`: the expected feed these events are; it counts as arrived in the transaction of the last of them.
    """
    report = EventsReport()
    waiting = list(events)
    report.rows = len(waiting)
    chunks = [waiting[start : start + _CHUNK] for start in range(0, len(waiting), _CHUNK)] or [[]]
    for number, chunk in enumerate(chunks, start=1):
        with context.db.write() as session:
            _take_chunk(session, context, actor, chunk, report)
            if delivery is not None and number == len(chunks):
                feeds.take_arrival(session, context, actor, delivery)
    context.submit("planning")
    return report


def _take_chunk(
    session: Session, context: Context, actor: Actor, events: list[NewEvent], report: EventsReport
) -> None:
    now = context.clock.now()
    intake = _Intake(
        session=session,
        customers=customer_ids(session, sorted({event.customer for event in events})),
        orgs=org_ids(session),
        stands=standing_events(session, [event.key for event in events]),
        now=now,
        actor=actor,
    )
    for event in events:
        intake.take(event, report)
    written = insert_events(session, list(intake.new.values()))
    report.created += len(written - intake.stillborn)
    report.unchanged += len(intake.new) - len(written)
    follow_risk_events(session, context, actor, intake.at_risk)
    if events:
        record(session, now, actor, "events.take_in", "business_event", None, {"created": len(written)})


@dataclass(slots=True, kw_only=True)
class _Intake:
    """One chunk on its way in: what stands, what is new, whose restrictions may shift."""

    session: Session
    customers: Mapping[str, uuid.UUID]
    orgs: Mapping[str, uuid.UUID]
    stands: Mapping[EventKey, BusinessEvent]
    now: datetime
    actor: Actor
    new: dict[EventKey, dict[str, Any]] = field(default_factory=dict)
    at_risk: set[uuid.UUID] = field(default_factory=set)
    stillborn: set[uuid.UUID] = field(default_factory=set)

    def take(self, event: NewEvent, report: EventsReport) -> None:
        """Sort one event: new, corrected, cancelled, known, or refused."""
        customer_id = self.customers.get(event.customer)
        if customer_id is None:
            report.refusals.append(
                refusal(event.line, "客户号", event.customer, "没有这个客户；请先导入客户 (no such customer)")
            )
            return
        row = self._row(event, customer_id)
        if event.kind in RISK_KINDS:
            self.at_risk.add(customer_id)
        stands = self.stands.get(event.key)
        if stands is not None:
            self._compare(stands, event, row, report)
        elif event.key in self.new:
            self._compare_new(self.new[event.key], row, report)
        else:
            self.new[event.key] = row
            if event.cancelled:  # kept, so that the event itself, coming later, starts nothing
                self.stillborn.add(row["id"])
                report.cancelled += 1

    def _row(self, event: NewEvent, customer_id: uuid.UUID) -> dict[str, Any]:
        return {
            "id": new_id(),
            "source": event.source,
            "source_id": event.source_id,
            "kind": event.kind,
            "customer_id": customer_id,
            "org_id": self.orgs.get(event.org) if event.org else None,
            "happened_at": event.happened_at,
            "details": dict(event.details),
            "revision": event.revision,
            "state": "cancelled" if event.cancelled else "active",
            "received_at": self.now,
        }

    def _compare_new(self, first: dict[str, Any], row: dict[str, Any], report: EventsReport) -> None:
        """The same event twice in one delivery: the later line counts, a cancellation for good."""
        if first["state"] == "cancelled" or _is_older(row, first["revision"]):
            report.unchanged += 1
        elif row["state"] == "cancelled":
            first["state"] = "cancelled"
            report.cancelled += 1
        elif _changes(first, row):
            first.update(_changes(first, row) | {"revision": row["revision"]})
            report.corrected += 1
        else:
            report.unchanged += 1

    def _compare(
        self, stands: BusinessEvent, event: NewEvent, row: dict[str, Any], report: EventsReport
    ) -> None:
        known = {name: getattr(stands, name) for name in row}
        changes = _changes(known, row)
        if stands.state == "cancelled" or _is_older(row, stands.revision):
            report.unchanged += 1
        elif event.cancelled:
            self._withdraw(stands, _CANCELLED)
            stands.state = "cancelled"
            report.cancelled += 1
        elif changes:
            self._withdraw(stands, _CORRECTED)
            free_keys(self.session, stands.id, (_CORRECTED,))
            for name, value in changes.items():
                setattr(stands, name, value)
            stands.revision = row["revision"]
            if stands.kind in RISK_KINDS:
                self.at_risk.add(stands.customer_id)
            report.corrected += 1
            details = {"changed": sorted(changes)}
            record(
                self.session, self.now, self.actor, "event.corrected", "business_event", stands.id, details
            )
        else:
            stands.revision = row["revision"] if row["revision"] is not None else stands.revision
            report.unchanged += 1
        self.session.flush()

    def _withdraw(self, stands: BusinessEvent, reason: str) -> None:
        """Cancel what waits, also what a worker has claimed: its start no longer finds it scheduled."""
        if stands.kind in RISK_KINDS:
            self.at_risk.add(stands.customer_id)
        changes = [
            Change(
                message_id=message_id,
                was=Status(status),
                event=Event.CANCEL,
                actor="system",
                reason=reason,
            )
            for message_id, status in waiting_messages_of(self.session, stands.id)
        ]
        change_status(self.session, changes, self.now)
        key = event_key(stands.source, stands.source_id).removesuffix("/1")
        drop_tasks_of(self.session, stands.customer_id, key, outcome=reason, at=self.now)


_FACTS = ("kind", "customer_id", "org_id", "happened_at", "details")


def _changes(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The facts a later delivery tells otherwise; an org or a detail it does not name stays as it was."""
    org_id = told["org_id"] or known["org_id"]
    whole = {**told, "org_id": org_id, "details": {**known["details"], **told["details"]}}
    return {name: whole[name] for name in _FACTS if whole[name] != known[name]}


def _is_older(told: Mapping[str, Any], revision: int | None) -> bool:
    return told["revision"] is not None and revision is not None and told["revision"] < revision
