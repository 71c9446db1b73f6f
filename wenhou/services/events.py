"""Taking in what happened at the bank: by file or push, once each, however often it is delivered."""

from __future__ import annotations

import csv
import difflib
import io
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from store.audit import record
from store.database import Session
from store.events import cancel_event, customer_ids, insert_events, org_ids, waiting_messages_of
from store.transitions import Change, change_status
from wenhou.core.actors import Actor
from wenhou.core.campaigns import EVENT_KINDS
from wenhou.core.errors import InputError
from wenhou.core.ids import new_id
from wenhou.core.statuses import Event, Status
from wenhou.services.context import Context

_COLUMNS = {
    "source": ("source", "来源"),
    "source_id": ("source_id", "流水号", "来源编号"),
    "kind": ("kind", "事件", "业务类型"),
    "customer": ("customer", "客户号"),
    "org": ("org", "机构", "网点"),
    "happened_at": ("happened_at", "时间", "发生时间"),
    "state": ("state", "状态"),
}
_KIND_WORDS = {
    "开户": "account_opened",
    "放款": "loan_granted",
    "购买产品": "product_bought",
    "产品到期": "product_matured",
    "到访网点": "branch_visit",
    "投诉结案": "case_closed",
}
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """One thing that happened. `line` is where it stood in its file."""

    source: str
    source_id: str
    kind: str
    customer: str
    happened_at: datetime
    org: str | None = None
    cancelled: bool = False
    line: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class EventsReport:
    """What came of a file or a push."""

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    cancelled: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The shape of `wenhou events import --json`."""
        return {
            "rows": self.rows,
            "created": self.created,
            "unchanged": self.unchanged,
            "cancelled": self.cancelled,
            "refused": len(self.refusals),
            "refusals": self.refusals,
        }


def read_events(path: Path, zone: ZoneInfo) -> tuple[list[NewEvent], list[dict[str, Any]]]:
    """(events, refusals) of a CSV file; zoneless times are the bank's."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: neither UTF-8 nor GB18030 text") from error
    rows = csv.reader(io.StringIO(text, newline=""))
    heading = next(rows, None)
    if not heading:
        raise InputError("the file is empty; the first line names the columns", file=str(path), line=1)
    columns = _columns(heading, str(path))
    events: list[NewEvent] = []
    refusals: list[dict[str, Any]] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: cells[index].strip() for name, index in columns.items() if index < len(cells)}
        found = _event(values, rows.line_num, zone)
        if isinstance(found, NewEvent):
            events.append(found)
        else:
            refusals.append(found)
    return events, refusals


def take_in(context: Context, actor: Actor, events: Iterable[NewEvent]) -> EventsReport:
    """Write what is new, withdraw what was cancelled together with its waiting call-backs, and wake the planner."""
    report = EventsReport()
    waiting = list(events)
    report.rows = len(waiting)
    for start in range(0, len(waiting), _CHUNK):
        _take_chunk(context, actor, waiting[start : start + _CHUNK], report)
    if report.created:
        context.submit("planning")
    return report


def _take_chunk(context: Context, actor: Actor, events: list[NewEvent], report: EventsReport) -> None:
    now = context.clock.now()
    with context.db.write() as session:
        customers = customer_ids(session, sorted({event.customer for event in events}))
        orgs = org_ids(session)
        rows = []
        for event in events:
            if event.customer not in customers:
                report.refusals.append(
                    _refusal(
                        event.line, "客户号", event.customer, "没有这个客户；请先导入客户 (no such customer)"
                    )
                )
                continue
            if event.cancelled:
                continue
            rows.append(
                {
                    "id": new_id(),
                    "source": event.source,
                    "source_id": event.source_id,
                    "kind": event.kind,
                    "customer_id": customers[event.customer],
                    "org_id": orgs.get(event.org) if event.org else None,
                    "happened_at": event.happened_at,
                    "details": dict(event.details),
                    "state": "active",
                    "received_at": now,
                }
            )
        written = insert_events(session, rows)
        report.created += len(written)
        report.unchanged += len(rows) - len(written)
        for event in events:
            if event.cancelled and (event_id := cancel_event(session, event.source, event.source_id)):
                report.cancelled += 1
                _withdraw(session, event_id, now)
        record(session, now, actor, "events.take_in", "business_event", None, {"created": len(written)})


def _withdraw(session: Session, event_id: uuid.UUID, now: datetime) -> None:
    changes = [
        Change(
            message_id=message_id,
            was=Status(status),
            event=Event.CANCEL,
            actor="system",
            reason="event_cancelled",
            requires={"claim_until": None},
        )
        for message_id, status in waiting_messages_of(session, event_id)
    ]
    change_status(session, changes, now)


def _columns(heading: list[str], file: str) -> dict[str, int]:
    found: dict[str, int] = {}
    known = {word: name for name, words in _COLUMNS.items() for word in words}
    for index, cell in enumerate(heading):
        name = known.get(cell.strip().lower()) or known.get(cell.strip())
        if name is None:
            near = difflib.get_close_matches(cell.strip(), list(known), n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise InputError(f"{cell!r} is no column of events; {hint}", file=file, line=1, column=index + 1)
        found[name] = index
    missing = [name for name in ("source_id", "kind", "customer", "happened_at") if name not in found]
    if missing:
        raise InputError(f"columns are missing: {', '.join(missing)}", file=file, line=1)
    return found


def _event(values: Mapping[str, str], line: int, zone: ZoneInfo) -> NewEvent | dict[str, Any]:
    kind = _KIND_WORDS.get(values.get("kind", ""), values.get("kind", ""))
    if kind not in EVENT_KINDS:
        return _refusal(line, "kind", values.get("kind", ""), f"事件类型应为 {', '.join(EVENT_KINDS)} 之一")
    if not values.get("source_id") or not values.get("customer"):
        return _refusal(
            line, "source_id", values.get("source_id", ""), "流水号和客户号都要填 (both are needed)"
        )
    try:
        at = datetime.fromisoformat(values.get("happened_at", "").replace("/", "-"))
    except ValueError:
        return _refusal(
            line,
            "happened_at",
            values.get("happened_at", ""),
            "时间应如 2027-01-29 15:00 (use YYYY-MM-DD HH:MM)",
        )
    return NewEvent(
        source=values.get("source") or "file",
        source_id=values["source_id"],
        kind=kind,
        customer=values["customer"],
        org=values.get("org") or None,
        happened_at=at if at.tzinfo else at.replace(tzinfo=zone),
        cancelled=values.get("state", "") in ("cancelled", "已撤销", "撤销"),
        line=line,
    )


def _refusal(line: int, column: str, value: str, reason: str) -> dict[str, Any]:
    return {"line": line, "column": column, "value": value, "reason": reason}
