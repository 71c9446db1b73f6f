"""Platforms' limits as dated configuration: read from a file, refused where two overlap, listed with what is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from ruamel.yaml.comments import CommentedSeq

from store.audit import record
from store.models.handover import Quota
from store.quota_rows import QuotaSpec, list_quotas, spec_of, write_quotas
from store.quotas import ACCOUNT, CUSTOMER, Limit, as_limit, count_uses, gone_by
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.purposes import Purpose
from wenhou.services.context import Context
from wenhou.services.text_files import read_text
from wenhou.services.yaml_reading import YamlReader, load_documents

PERIODS = ("day", "month", "rolling", "total")
CONFIDENCES = ("documented", "reported", "remembered", "unknown")
_FIELDS = (
    "provider",
    "account",
    "kind",
    "scope",
    "period",
    "days",
    "time_zone",
    "purposes",
    "amount",
    "from",
    "until",
    "source",
    "confidence",
    "note",
)
_MOST = 2_000_000_000
_NAME, _ACCOUNT, _KIND = 30, 60, 40
"""Lengths of the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaEntry:
    """One limit of a file, and where it stands there."""

    spec: QuotaSpec
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaReport:
    """A limit and how much of it is gone today; `reserved`, `taken` None for a customer's own, counted one by one."""

    spec: QuotaSpec
    in_force: bool
    reserved: int | None
    taken: int | None
    resets_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """As `wenhou quotas list --json` prints it."""
        spec = self.spec
        return {
            "provider": spec.provider,
            "account": spec.account,
            "kind": spec.kind,
            "scope": spec.scope,
            "period": spec.period,
            "days": spec.days,
            "time_zone": spec.time_zone,
            "purposes": list(spec.purposes),
            "amount": spec.amount,
            "from": spec.from_on.isoformat(),
            "until": spec.until_on.isoformat() if spec.until_on else None,
            "source": spec.source,
            "confidence": spec.confidence,
            "note": spec.note,
            "in_force": self.in_force,
            "reserved": self.reserved,
            "taken": self.taken,
            "resets_at": self.resets_at.isoformat() if self.resets_at else None,
        }


def read_quotas(path: Path) -> list[QuotaEntry]:
    """The limits of a file (YAML, `quotas:` and a list); InputError names file, line and what would be right."""
    file = str(path)
    documents = load_documents(read_text(path), file)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise InputError("one document that starts with `quotas:`", file=file)
    reader, top = YamlReader(file), documents[0]
    reader.known(top, ("quotas",))
    rows = top.get("quotas")
    if not isinstance(rows, CommentedSeq) or not rows:
        reader.fail(top, "quotas", "quotas: give a list of {provider, account, kind, period, amount, from …}")
    entries = [
        QuotaEntry(spec=_spec(reader, rows, index), file=file, line=rows.lc.data[index][0] + 1)
        for index in range(len(rows))
    ]
    _refuse_overlaps(entries, ())
    return entries


def apply_quotas(context: Context, actor: Actor, entries: Sequence[QuotaEntry]) -> dict[str, int]:
    """Write the limits; a row of the same thing and first day is changed, what the file leaves out stays.

    InputError where one overlaps another, of the file or of the store. To end a limit give it `until`.
    """
    if actor.kind != "system" and not actor.has(Role.OPERATIONS, Role.ADMINISTRATOR):
        raise AccessDenied("only operations or an administrator enters platforms' limits")
    with context.db.write() as session:
        keys = {entry.spec.key for entry in entries}
        kept = [spec_of(row) for row in list_quotas(session)]
        _refuse_overlaps(entries, [spec for spec in kept if spec.key not in keys])
        created, changed, unchanged = write_quotas(session, [entry.spec for entry in entries])
        figures = {"created": created, "changed": changed, "unchanged": unchanged}
        if created or changed:
            record(session, context.clock.now(), actor, "quotas.apply", "quota", None, figures)
    context.submit("planning")
    return figures


def report_quotas(context: Context) -> list[QuotaReport]:
    """Every limit with what is gone of it today, the platform's today."""
    now = context.clock.now()
    with context.db.read() as session:
        uses = count_uses(session)
        return [_report(row, uses.get(row.id, {}), now) for row in list_quotas(session)]


def _report(row: Quota, uses: Mapping[date, tuple[int, int]], now: datetime) -> QuotaReport:
    spec = spec_of(row)
    limit: Limit = as_limit(row)
    day = limit.day_of(now)
    in_force = spec.from_on <= day and (spec.until_on is None or day <= spec.until_on)
    if spec.scope == CUSTOMER:
        return QuotaReport(spec=spec, in_force=in_force, reserved=None, taken=None, resets_at=None)
    reserved = {on_day: gone[0] for on_day, gone in uses.items()}
    taken = {on_day: gone[1] for on_day, gone in uses.items()}
    both = {on_day: sum(gone) for on_day, gone in uses.items()}
    full = gone_by(limit, day, both) >= limit.amount
    return QuotaReport(
        spec=spec,
        in_force=in_force,
        reserved=gone_by(limit, day, reserved),
        taken=gone_by(limit, day, taken),
        resets_at=limit.resets_at(day, both) if full else None,
    )


def _spec(reader: YamlReader, rows: Any, index: int) -> QuotaSpec:
    spec = reader.mapping(rows[index], "a limit", parent=rows, name=index)
    reader.known(spec, _FIELDS)
    scope = reader.word(spec, "scope", (ACCOUNT, CUSTOMER), ACCOUNT)
    period = reader.word(spec, "period", PERIODS)
    if (period == "rolling") != ("days" in spec):
        reader.fail(spec, "period", "days goes with the period rolling, and only with it")
    if scope == CUSTOMER and period == "total":
        reader.fail(spec, "period", "a customer's own limit is per day, month or rolling, not total")
    from_on = reader.date(spec, "from")
    until_on = reader.date(spec, "until") if spec.get("until") is not None else None
    if until_on is not None and until_on < from_on:
        reader.fail(spec, "until", f"until lies before from ({from_on})")
    return QuotaSpec(
        provider=_short(reader, spec, "provider", _NAME),
        account=_short(reader, spec, "account", _ACCOUNT, "*"),
        kind=_short(reader, spec, "kind", _KIND),
        scope=scope,
        period=period,
        days=reader.number(spec, "days", least=1, most=366) if period == "rolling" else None,
        time_zone=reader.word(spec, "time_zone", sorted(available_timezones()), "Asia/Shanghai"),
        purposes=_purposes(reader, spec),
        amount=reader.number(spec, "amount", least=0, most=_MOST),
        from_on=from_on,
        until_on=until_on,
        source=reader.text(spec, "source"),
        confidence=reader.word(spec, "confidence", CONFIDENCES),
        note=reader.text(spec, "note") if spec.get("note") is not None else None,
    )


def _short(
    reader: YamlReader, spec: Mapping[str, Any], name: str, longest: int, default: str | None = None
) -> str:
    text = reader.text(spec, name, default)
    if len(text) > longest:
        reader.fail(spec, name, f"{name} is longer than {longest} characters")
    return text


def _purposes(reader: YamlReader, spec: Mapping[str, Any]) -> tuple[str, ...]:
    if spec.get("purposes") is None:
        return ()
    return tuple(sorted(reader.words(spec, "purposes", [str(purpose) for purpose in Purpose])))


def _refuse_overlaps(entries: Sequence[QuotaEntry], kept: Sequence[QuotaSpec]) -> None:
    for position, entry in enumerate(entries):
        before = [(other.spec, f"line {other.line}") for other in entries[:position]]
        for spec, where in (*before, *((spec, "the store") for spec in kept)):
            if spec.thing == entry.spec.thing and spec.overlaps(entry.spec):
                until = spec.until_on or "…"
                raise InputError(
                    f"{entry.spec.provider} {entry.spec.account} {entry.spec.kind} ({entry.spec.period}) overlaps "
                    f"the one of {where}, {spec.from_on}–{until}: give that one an `until` before "
                    f"{entry.spec.from_on}",
                    file=entry.file,
                    line=entry.line,
                )
