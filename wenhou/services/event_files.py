"""Reading a CSV file of business events: Chinese or English headings, times in the bank's zone, details by column."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from wenhou.core.campaigns import EVENT_KINDS
from wenhou.core.errors import InputError
from wenhou.core.risk import RISK_KINDS
from wenhou.services.events import NewEvent, Refusal, refusal

_COLUMNS = {
    "source": ("source", "来源"),
    "source_id": ("source_id", "流水号", "来源编号"),
    "kind": ("kind", "事件", "业务类型"),
    "customer": ("customer", "客户号"),
    "org": ("org", "机构", "网点"),
    "happened_at": ("happened_at", "时间", "发生时间"),
    "state": ("state", "状态"),
    "revision": ("revision", "版本"),
}
_DETAIL = "detail."
_DETAIL_WORDS = {
    "产品": "product",
    "进度": "step",
    "下一步": "next",
    "期限": "by",
    "编号": "reference",
    "借据号": "loan",
    "账号": "account",
}
"""Headings for details people ask for by name; any other is `detail.<name>`."""
_KIND_WORDS = {
    "开户": "account_opened",
    "放款": "loan_granted",
    "贷款进度": "loan_progress",
    "购买产品": "product_bought",
    "产品到期": "product_matured",
    "到访网点": "branch_visit",
    "服务办结": "service_done",
    "投诉结案": "case_closed",
    "建立联系": "contact_added",
} | {kind.zh: key for key, kind in RISK_KINDS.items()}
_CANCELLED = ("cancelled", "已撤销", "撤销")
_STATES = ("", "active", "有效", "corrected", "已更正", "更正", *_CANCELLED)
KINDS = (*EVENT_KINDS, *RISK_KINDS)


def read_events(path: Path, zone: ZoneInfo) -> tuple[list[NewEvent], list[Refusal]]:
    """(events, refusals) of a CSV file; zoneless times are the bank's."""
    rows = csv.reader(io.StringIO(read_csv_text(path), newline=""))
    heading = next(rows, None)
    if not heading:
        raise InputError("the file is empty; the first line names the columns", file=str(path), line=1)
    columns = _columns(heading, str(path))
    events: list[NewEvent] = []
    refusals: list[Refusal] = []
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


def read_csv_text(path: Path) -> str:
    """The text of a CSV file, UTF-8 or GB18030; InputError names the file."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path}: neither UTF-8 nor GB18030 text")


def find_columns(
    heading: list[str], words: Mapping[str, tuple[str, ...]], needed: tuple[str, ...], file: str
) -> dict[str, int]:
    """Field → index by a heading's words in either language; InputError for an unknown or a missing column."""
    known = {word: name for name, legal in words.items() for word in legal}
    found: dict[str, int] = {}
    for index, cell in enumerate(heading):
        name = known.get(cell.strip().lower()) or known.get(cell.strip())
        if name is None:
            near = difflib.get_close_matches(cell.strip(), list(known), n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise InputError(
                f"{cell!r} is no column of this file; {hint}", file=file, line=1, column=index + 1
            )
        found[name] = index
    missing = [name for name in needed if name not in found]
    if missing:
        raise InputError(f"columns are missing: {', '.join(missing)}", file=file, line=1)
    return found


def read_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """An instant as files write it; zoneless ones are the bank's; None when it is none."""
    try:
        at = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _columns(heading: list[str], file: str) -> dict[str, int]:
    words = dict(_COLUMNS)
    for cell in heading:
        word = cell.strip()
        if word in _DETAIL_WORDS:
            words[_DETAIL + _DETAIL_WORDS[word]] = (word,)
        elif word.lower().startswith(_DETAIL) and len(word) > len(_DETAIL):
            words[_DETAIL + word[len(_DETAIL) :]] = (word, word.lower())
    return find_columns(heading, words, ("source_id", "kind", "customer", "happened_at"), file)


def _event(values: Mapping[str, str], line: int, zone: ZoneInfo) -> NewEvent | Refusal:
    kind = _KIND_WORDS.get(values.get("kind", ""), values.get("kind", ""))
    if kind not in KINDS:
        return refusal(line, "kind", values.get("kind", ""), f"事件类型应为 {', '.join(KINDS)} 之一")
    if not values.get("source_id") or not values.get("customer"):
        return refusal(
            line, "source_id", values.get("source_id", ""), "流水号和客户号都要填 (both are needed)"
        )
    at = read_instant(values.get("happened_at", ""), zone)
    if at is None:
        return refusal(
            line,
            "happened_at",
            values.get("happened_at", ""),
            "时间应如 2027-01-29 15:00 (use YYYY-MM-DD HH:MM)",
        )
    state, revision = values.get("state", ""), values.get("revision", "")
    if state not in _STATES:
        return refusal(line, "state", state, f"状态应为 {'、'.join(_STATES[1:])} 之一或留空")
    if revision and not revision.isdigit():
        return refusal(line, "revision", revision, "版本应为整数 (a whole number)")
    return NewEvent(
        source=values.get("source") or "file",
        source_id=values["source_id"],
        kind=kind,
        customer=values["customer"],
        org=values.get("org") or None,
        happened_at=at,
        cancelled=state in _CANCELLED,
        revision=int(revision) if revision else None,
        line=line,
        details=_details(values),
    )


def _details(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        name.removeprefix(_DETAIL): value
        for name, value in values.items()
        if name.startswith(_DETAIL) and value
    }
