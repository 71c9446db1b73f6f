"""One import from file to store: `import_customers` is the act behind `wenhou customers import`.

A chunk of rows is one transaction, so a killed import leaves whole chunks, and running it again finds them unchanged.
"""

from __future__ import annotations

import gc
import hashlib
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from store.customer_reads import (
    Standing,
    list_changed_since,
    list_orgs,
    list_refs_in_scope,
    list_staff,
    load_standing,
)
from store.customer_writes import add_advisor, add_outlet, close_import, open_import, write_batch
from store.database import Session
from wenhou.core.actors import SYSTEM, Actor, Role
from wenhou.core.errors import AccessDenied, Refused
from wenhou.services.calendar_questions import ask_calendars
from wenhou.services.contact_quality import settle_import
from wenhou.services.context import Context
from wenhou.services.feeds import Delivery, check_feed, problem_sentence, take_arrival
from wenhou.services.importing.applying import apply_drafts
from wenhou.services.importing.contacts import Address, addresses_of
from wenhou.services.importing.directory import Directory
from wenhou.services.importing.drafts import Draft, RowReader
from wenhou.services.importing.mapping import Mapping
from wenhou.services.importing.rejected import write_closures, write_rejected
from wenhou.services.importing.result import ImportResult, Refusal
from wenhou.services.importing.tables import Row, Table, open_table, read_rows
from wenhou.services.importing.work import Work
from wenhou.services.policies import policy_in_force
from wenhou.services.tagging import recompute_tags
from wenhou.services.tiers import recompute_tiers

CHUNK = 500
"""Rows a commit: the planner's bound too (DESIGN §14)."""
MAX_MISSING_SHARE = 0.01
"""A snapshot that lacks more of its scope than this is taken for a broken file."""

Prepared = tuple[Draft, list[Address]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to import and how. `rejected`: where refused rows go (beside the file by default).

    `feed`: the expected feed this file is the delivery of; `feed_day`, `feed_total`: as its sender states them.
    """

    path: Path
    mapping: Mapping
    dry_run: bool = False
    snapshot: bool = False
    create_orgs: bool = False
    rejected: Path | None = None
    feed: str | None = None
    feed_day: date | None = None
    feed_total: str | None = None
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """Rows of one commit, read."""

    rows: int
    prepared: list[Prepared]
    refusals: list[Refusal]


class _RolledBack(Exception):
    """Leave a transaction without keeping it."""


def import_customers(
    context: Context, request: Request, progress: Callable[[int, int], None] | None = None
) -> ImportResult:
    """Import a file of customers; raises InputError (nothing imported) where the file as a whole cannot be read.

    `progress` is told rows done and rows in all after each chunk. AccessDenied for who may not import (docs/access.md).
    """
    if request.actor.kind == "user" and not request.actor.has(Role.OPERATIONS, Role.ADMINISTRATOR):
        raise AccessDenied("only operations and administrators import customers")
    check_feed(context, request.feed)
    began = context.clock.now()
    result = _Run(context, request, open_table(request.path)).carry_out(
        progress or (lambda _done, _all: None)
    )
    if not request.dry_run and (result.created or result.changed):
        _settle_rules(context, began)
    return result


def _settle_rules(context: Context, began: datetime) -> None:
    """Tiers and tags by the bank's rules, for those whom the file has changed.

    Killed before its end, it is made good by the next day's run.
    """
    with context.db.read() as session:
        changed = list_changed_since(session, began)
    recompute_tiers(context, changed)
    recompute_tags(context, changed)


class _Run:
    """One import's state: counts, what the file has named so far, the bank's directory."""

    def __init__(self, context: Context, request: Request, table: Table) -> None:
        self._context = context
        self._request = request
        self._table = table
        self._at = context.clock.now()
        self._today = self._at.astimezone(context.bank.zone).date()
        self._reader = RowReader(table, request.mapping, self._today)
        self._result = ImportResult(file=table.path.name, encoding=table.encoding, dry_run=request.dry_run)
        self._ask_calendar_until = 0
        self._lines: dict[str, int] = {}
        self._file_points: set[tuple[str, str, bytes]] = set()
        self._directory = Directory(may_create=request.create_orgs or request.mapping.create_orgs)

    def carry_out(self, progress: Callable[[int, int], None]) -> ImportResult:
        started = self._context.clock.real()
        self._note()
        with self._context.db.read() as session:
            self._directory.learn_orgs(list_orgs(session))
            self._directory.learn_staff(list_staff(session))
            self._ask_calendar_until = policy_in_force(session, self._at).ask_calendar_until
        if self._request.snapshot:
            self._propose_closures()
        import_id = self._open()
        for chunk in self._prepared_chunks():
            self._take_chunk(chunk)
            progress(self._result.rows, self._table.rows)
        if self._result.refusals:
            path = write_rejected(self._table, self._result.refusals, self._request.rejected)
            self._result.rejected_file = str(path)
        self._result.seconds = (self._context.clock.real() - started).total_seconds()
        self._close(import_id)
        return self._result

    def _note(self) -> None:
        if self._request.mapping.says:
            self._result.notes.append(self._request.mapping.says)

    def _prepared_chunks(self) -> Iterator[_Chunk]:
        """The next chunk is read while this one is written: a commit waits for the disk, reading does not."""
        rows = chunked(read_rows(self._table))
        with _collecting_rarely(), ThreadPoolExecutor(1, thread_name_prefix="import") as reading:
            ahead = reading.submit(self._prepare_next, rows)
            while (chunk := ahead.result()) is not None:
                ahead = reading.submit(self._prepare_next, rows)
                yield chunk

    def _prepare_next(self, chunks: Iterator[list[Row]]) -> _Chunk | None:
        rows = next(chunks, None)
        return None if rows is None else self._prepare(rows)

    def _take_chunk(self, chunk: _Chunk) -> None:
        self._result.rows += chunk.rows
        prepared = chunk.prepared
        refs = [draft.ref for draft, _ in prepared]
        points = {address.key for _, addresses in prepared for address in addresses}
        households = {
            str(draft.values["household"]) for draft, _ in prepared if draft.values.get("household")
        }
        vault = self._context.vault
        with self._unit_of_work() as session:
            if self._directory.may_create:
                self._create_missing(session, [draft for draft, _ in prepared])
            standing = load_standing(session, vault, refs, points, households)
            work = self._work(standing)
            apply_drafts(work, prepared)
            write_batch(session, work.batch, self._at, standing.known.consents)
            new = {row["id"] for row in work.batch.customers}
            changed = {row["customer_id"] for row in work.batch.contacts} - new
            settle_import(session, self._context, work.batch.doubtful_points, changed)
            ask_calendars(session, self._context, work.questions, self._at)
        if self._request.dry_run:
            self._file_points |= points
        self._directory.settle(committed=not self._request.dry_run)
        self._add_up(work, chunk.refusals)

    @contextmanager
    def _unit_of_work(self) -> Iterator[Session]:
        """One transaction; a dry run leaves it by the way back."""
        with suppress(_RolledBack), self._context.db.write() as session:
            yield session
            if self._request.dry_run:
                raise _RolledBack

    def _create_missing(self, session: Session, drafts: list[Draft]) -> None:
        directory, names = self._directory, self._request.mapping.names
        for code in directory.missing_orgs(drafts):
            directory.add_org(code, add_outlet(session, code=code, name=names.get(code), at=self._at))
        for number, org in directory.missing_advisors(drafts).items():
            org_id = directory.orgs[org] if org else None
            directory.add_advisor(
                number,
                add_advisor(session, employee_no=number, name=names.get(number), org_id=org_id, at=self._at),
            )

    def _work(self, standing: Standing) -> Work:
        return Work(
            standing=standing,
            directory=self._directory,
            vault=self._context.vault,
            at=self._at,
            today=self._today,
            zone=self._context.bank.zone,
            file_name=self._table.path.name,
            ask_calendar_until=self._ask_calendar_until,
            file_points=self._file_points,
        )

    def _add_up(self, work: Work, refusals: list[Refusal]) -> None:
        self._result.created += work.created
        self._result.changed += work.changed
        self._result.unchanged += work.unchanged
        self._result.refusals.extend(sorted([*refusals, *work.refusals], key=lambda refusal: refusal.line))
        for warning in work.warnings:
            self._result.warn(warning)

    def _prepare(self, rows: list[Row]) -> _Chunk:
        """Everything that needs no transaction: reading cells, shadows of addresses, numbers given twice."""
        prepared: list[Prepared] = []
        refusals: list[Refusal] = []
        for row in rows:
            draft = self._reader.read(row)
            if isinstance(draft, Draft):
                draft = self._refuse_duplicate(draft)
            if isinstance(draft, Refusal):
                refusals.append(draft)
            else:
                prepared.append((draft, list(addresses_of(draft, self._context.vault))))
        return _Chunk(rows=len(rows), prepared=prepared, refusals=refusals)

    def _refuse_duplicate(self, draft: Draft) -> Draft | Refusal:
        first = self._lines.setdefault(draft.ref, draft.line)
        if first == draft.line:
            return draft
        finding = draft.finding(
            "external_ref",
            f"客户号与第 {first} 行重复；一个客户只能有一行，请合并",
            f"the same customer number as line {first}; a customer has one row, merge them",
        )
        return Refusal(line=draft.line, findings=(finding,), cells=tuple(draft.cells))

    def _propose_closures(self) -> None:
        """Compare the file, read as the whole of its scope, with the store; refuse when too many would go."""
        present, orgs = self._scope_of_file()
        with self._context.db.read() as session:
            scope = list_refs_in_scope(session, orgs)
        missing = [ref for ref in scope if ref not in present]
        if len(missing) > len(scope) * MAX_MISSING_SHARE:
            raise Refused(
                f"{self._table.path.name} lacks {len(missing)} of {len(scope)} customers in its scope "
                f"(more than 1 %): is it complete? Nothing was imported; import it without --snapshot, or get it again",
                code="snapshot_too_small",
            )
        self._result.proposed_closures = missing
        if missing:
            self._result.closures_file = str(write_closures(self._table.path, missing))

    def _scope_of_file(self) -> tuple[set[str], set[uuid.UUID] | None]:
        """Every number the file names (refused rows too: they are no closures) and its managing orgs."""
        present: set[str] = set()
        named: set[str] = set()
        for row in read_rows(self._table):
            draft = self._reader.read(row)
            if isinstance(draft, Refusal):
                present.update(cell.strip() for cell in draft.cells)
                continue
            present.add(draft.ref)
            named.add(draft.values.get("managing_org") or "")
        if "managing_org" not in self._reader.fields:
            return present, None
        return present, {self._directory.orgs[word] for word in named if word in self._directory.orgs}

    def _open(self) -> uuid.UUID | None:
        if self._request.dry_run:
            return None
        actor, mapping = self._request.actor, self._request.mapping
        with self._context.db.write() as session:
            return open_import(
                session,
                {
                    "file_name": self._table.path.name[:255],
                    "file_digest": self._table.digest,
                    "mapping": mapping.text,
                    "started_by": actor.user_id,
                    "started_at": self._at,
                },
            )

    def _close(self, import_id: uuid.UUID | None) -> None:
        """Write the counts and one audit row: numbers and digests, nobody's data."""
        if import_id is None:
            return
        result, mapping = self._result, self._request.mapping
        counts = {
            "rows": result.rows,
            "created": result.created,
            "changed": result.changed,
            "unchanged": result.unchanged,
            "refused": len(result.refusals),
            "warnings": result.warning_count,
        }
        details = counts | {
            "file_digest": self._table.digest.hex(),
            "mapping_digest": hashlib.sha256((mapping.text or "").encode()).hexdigest()
            if mapping.text
            else None,
        }
        with self._context.db.write() as session:
            at = self._context.clock.now()
            close_import(session, import_id, counts, details, actor=self._request.actor, at=at)
            if self._request.feed is not None:
                self._arrive(session, self._request.feed)

    def _arrive(self, session: Session, feed: str) -> None:
        """The feed has come with the last of its rows: what waited for it goes on in this very transaction."""
        request = self._request
        delivery = Delivery(key=feed, rows=self._result.rows, day=request.feed_day, total=request.feed_total)
        arrival = take_arrival(session, self._context, request.actor, delivery)
        if not arrival.accepted:
            self._result.notes.append(
                f"feed {feed} is not accepted: {problem_sentence(arrival.problem, 'en')}; it goes on holding"
            )


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """An import makes millions of short-lived objects without cycles: looking for cycles costs a quarter of its time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def chunked(rows: Iterator[Row], size: int = CHUNK) -> Iterator[list[Row]]:
    """Rows in runs of a commit each."""
    while chunk := list(islice(rows, size)):
        yield chunk
