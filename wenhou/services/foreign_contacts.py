"""Contacts made by the bank's other systems (card centre, app push, call centre): they count in caps like our own."""

from __future__ import annotations

import csv
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
from store.events import customer_ids
from store.foreign_contacts import ContactKey, correct_contact, insert_contacts, standing_contacts
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.ids import new_id
from wenhou.core.purposes import PURPOSE_NAMES, Purpose
from wenhou.services import feeds
from wenhou.services.context import Context
from wenhou.services.event_files import find_columns, read_csv_text, read_instant
from wenhou.services.events import Refusal, refusal

_COLUMNS = {
    "source": ("source", "来源"),
    "source_id": ("source_id", "流水号", "来源编号"),
    "customer": ("customer", "客户号"),
    "channel": ("channel", "渠道"),
    "purpose": ("purpose", "用途", "目的"),
    "at": ("at", "时间", "联系时间"),
    "state": ("state", "状态"),
}
_NEEDED = ("source", "source_id", "customer", "channel", "purpose", "at")
_PURPOSES = {word: purpose for purpose, words in PURPOSE_NAMES.items() for word in (purpose.value, words[0])}
_PURPOSE_SHORT = {
    "关怀": Purpose.CARE,
    "服务": Purpose.SERVICE,
    "资讯": Purpose.INFORMATION,
    "营销": Purpose.MARKETING,
}
_CANCELLED = ("cancelled", "已撤销", "撤销")
_STATES = ("", "active", "有效", *_CANCELLED)
_CHUNK = 500
_MOST = {"source": 40, "source_id": 100, "channel": 16}
"""How long these words may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """One contact another system made. `channel` is a word of its own: app_push, call, sms. `line`: in its file."""

    source: str
    source_id: str
    customer: str
    channel: str
    purpose: Purpose
    at: datetime
    cancelled: bool = False
    line: int = 0

    @property
    def key(self) -> ContactKey:
        """What makes it the same contact again."""
        return (self.source, self.source_id)


@dataclass(slots=True, kw_only=True)
class ContactsReport:
    """What came of a file or a push."""

    rows: int = 0
    created: int = 0
    corrected: int = 0
    cancelled: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The shape of `wenhou contacts import --json`."""
        return {
            "rows": self.rows,
            "created": self.created,
            "corrected": self.corrected,
            "cancelled": self.cancelled,
            "unchanged": self.unchanged,
            "refused": len(self.refusals),
            "refusals": self.refusals,
        }


def read_contacts(path: Path, zone: ZoneInfo) -> tuple[list[NewContact], list[Refusal]]:
    """(contacts, refusals) of a CSV file; zoneless times are the bank's."""
    rows = csv.reader(io.StringIO(read_csv_text(path), newline=""))
    heading = next(rows, None)
    if not heading:
        raise InputError("the file is empty; the first line names the columns", file=str(path), line=1)
    columns = find_columns(heading, _COLUMNS, _NEEDED, str(path))
    contacts: list[NewContact] = []
    refusals: list[Refusal] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: cells[index].strip() for name, index in columns.items() if index < len(cells)}
        found = _contact(values, rows.line_num, zone)
        (contacts if isinstance(found, NewContact) else refusals).append(found)  # type: ignore[arg-type]
    return contacts, refusals


def take_in_contacts(
    context: Context,
    actor: Actor,
    contacts: Iterable[NewContact],
    *,
    delivery: feeds.Delivery | None = None,
) -> ContactsReport:
    """Write what is new, correct what is told otherwise, take back what was cancelled; the same again does nothing.

    They count from the moment they are here, for what is planned and, since gates are judged again, for what waits.
    """
    if actor.kind != "system" and not actor.has(Role.OPERATIONS, Role.ADMINISTRATOR):
        raise AccessDenied("only operations and administrators import contacts of other systems")
    report = ContactsReport()
    waiting = list(contacts)
    report.rows = len(waiting)
    chunks = [waiting[start : start + _CHUNK] for start in range(0, len(waiting), _CHUNK)] or [[]]
    for number, chunk in enumerate(chunks, start=1):
        with context.db.write() as session:
            _take_chunk(session, context, actor, chunk, report)
            if delivery is not None and number == len(chunks):
                feeds.take_arrival(session, context, actor, delivery)
    return report


def _take_chunk(
    session: Session, context: Context, actor: Actor, contacts: list[NewContact], report: ContactsReport
) -> None:
    now, zone = context.clock.now(), context.bank.zone
    customers = customer_ids(session, sorted({one.customer for one in contacts}))
    stands = standing_contacts(session, [one.key for one in contacts])
    new: dict[ContactKey, dict[str, Any]] = {}
    for one in contacts:
        values = _values(one, customers, now, report)
        if values is None:
            continue
        if one.key in stands:
            row = stands[one.key]
            known = {name: getattr(row, name) for name in _FACTS}
            changes = _changes(known, values)
            if changes:
                correct_contact(session, row, changes, changes.get("at", row.at).astimezone(zone).date())
            _count(report, changes)
        elif one.key in new:
            changes = _changes(new[one.key], values)
            _count(report, changes)
            new[one.key] |= changes
        else:
            new[one.key] = {
                **values,
                "id": new_id(),
                "source": one.source,
                "source_id": one.source_id,
                "received_at": now,
            }
    days = {row["id"]: row["at"].astimezone(zone).date() for row in new.values()}
    written = insert_contacts(session, list(new.values()), days)
    report.created += len(written)
    report.unchanged += len(new) - len(written)
    if contacts:
        record(session, now, actor, "contacts.take_in", "foreign_contact", None, {"created": len(written)})


_FACTS = ("customer_id", "channel", "purpose", "at", "state")


def _values(
    one: NewContact, customers: Mapping[str, uuid.UUID], now: datetime, report: ContactsReport
) -> dict[str, Any] | None:
    if one.customer not in customers:
        words = "没有这个客户；请先导入客户 (no such customer)"
        report.refusals.append(refusal(one.line, "客户号", one.customer, words))
        return None
    if one.at > now:
        words = "联系时间在将来 (a contact that was made is not in the future)"
        report.refusals.append(refusal(one.line, "at", one.at.isoformat(), words))
        return None
    return {
        "customer_id": customers[one.customer],
        "channel": one.channel,
        "purpose": one.purpose.value,
        "at": one.at,
        "state": "cancelled" if one.cancelled else "active",
    }


def _changes(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What a later delivery tells otherwise; what was cancelled stays so."""
    if known["state"] == "cancelled":
        return {}
    if told["state"] == "cancelled":
        return {"state": "cancelled"}
    return {name: told[name] for name in _FACTS if told[name] != known[name]}


def _count(report: ContactsReport, changes: Mapping[str, Any]) -> None:
    if not changes:
        report.unchanged += 1
    elif "state" in changes:
        report.cancelled += 1
    else:
        report.corrected += 1


def _contact(values: Mapping[str, str], line: int, zone: ZoneInfo) -> NewContact | Refusal:
    for name in _NEEDED:
        if not values.get(name):
            return refusal(line, name, "", "此列必填 (this column is needed)")
    for name, most in _MOST.items():
        if len(values[name]) > most:
            return refusal(line, name, values[name], f"最多 {most} 个字符 (at most {most} characters)")
    purpose = _PURPOSES.get(values["purpose"]) or _PURPOSE_SHORT.get(values["purpose"])
    if purpose is None:
        legal = "、".join((*Purpose, *_PURPOSE_SHORT))
        return refusal(line, "purpose", values["purpose"], f"用途应为 {legal} 之一")
    at = read_instant(values["at"], zone)
    if at is None:
        return refusal(line, "at", values["at"], "时间应如 2027-01-29 15:00 (use YYYY-MM-DD HH:MM)")
    state = values.get("state", "")
    if state not in _STATES:
        return refusal(line, "state", state, f"状态应为 {'、'.join(_STATES[1:])} 之一或留空")
    return NewContact(
        source=values["source"],
        source_id=values["source_id"],
        customer=values["customer"],
        channel=values["channel"],
        purpose=purpose,
        at=at,
        cancelled=state in _CANCELLED,
        line=line,
    )
