"""The bank's own compliance rules: handed in as a file, decided by a second person of compliance, then in force.

A rule file in force is judged over everything that stands already (`wenhou.services.relinting`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from store import lint_editions as editions
from store.audit import record
from store.database import Session
from store.models.lint import LintEdition
from store.overview import user_names
from templates.compliance.levels import Level
from templates.compliance.rules import Rule, RuleBook, read_rules
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services.context import Context
from wenhou.services.word_rules import rules_in_force

_NOTE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionLine:
    """An edition in the list. `judged`: how many unsent messages it was run over; `is_running`: not over yet.

    `submitter_id`: who may not decide on it; none for the rules that ship.
    """

    number: int
    state: str
    note: str
    submitted_by: str
    submitter_id: uuid.UUID | None
    submitted_at: datetime
    decided_by: str
    decided_at: datetime | None
    is_in_force: bool
    is_running: bool
    judged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """A rule that an edition adds, drops or changes; `fields` names what changed."""

    rule: str
    change: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """What an edition found in words that stood: `owner` is who has to act, by name."""

    kind: str
    subject: str
    rule: str
    level: str
    sentence_zh: str
    sentence_en: str
    owner: str
    has_voided: bool


def submit_rules(context: Context, actor: Actor, source: str, *, file: str, note: str) -> int:
    """Hand in a rule file; returns its number. It counts once another person of compliance has approved it.

    TemplateError with file, line and column for anything wrong in it; nothing is kept then.
    """
    _check(actor, "hands in rules", Role.OPERATIONS, Role.COMPLIANCE)
    if not note.strip() or len(note) > _NOTE:
        raise InputError(f"say in --note why the rules change, in 1 to {_NOTE} characters")
    book = read_rules(source, file)
    _check_levels(book, file)
    now = context.clock.now()
    with context.db.write() as session:
        editions.lock_rules(session)
        digest = bytes.fromhex(book.digest)
        newest = editions.edition_in_force(session)
        if newest is not None and newest[1] == digest:
            raise Refused("这些规则已经在用 (these rules are in force already)", code="unchanged")
        row = editions.add_edition(
            session, source=source, digest=digest, note=note.strip(), by=_user(actor), at=now
        )
        record(session, now, actor, "lint_rules.submit", "lint_edition", row.id, {"number": row.number})
        return row.number


def approve_rules(context: Context, actor: Actor, number: int) -> None:
    """Put an edition in force, now; what stands already is judged again from here on, before anything leaves."""
    _check(actor, "approves rules", Role.COMPLIANCE)
    now = context.clock.now()
    with context.db.write() as session:
        editions.lock_rules(session)
        row = _waiting(session, number)
        _check_another(actor, row)
        newest = max(
            (one.number for one in editions.list_editions(session) if one.state == "approved"), default=0
        )
        if number < newest:
            raise Refused(
                f"第{newest}版已经在用，请把这份规则重新提交 (edition {newest} is in force; hand these rules in again)",
                code="superseded",
            )
        row.state, row.decided_by, row.decided_at = "approved", actor.user_id, now
        session.flush()
        record(session, now, actor, "lint_rules.approve", "lint_edition", row.id, {"number": number})
    context.submit("rules")


def reject_rules(context: Context, actor: Actor, number: int, reason: str) -> None:
    """Send an edition back with a reason; it never counts."""
    _check(actor, "rejects rules", Role.COMPLIANCE)
    if not reason.strip() or len(reason) > _NOTE:
        raise InputError(f"give a reason of 1 to {_NOTE} characters")
    now = context.clock.now()
    with context.db.write() as session:
        row = _waiting(session, number)
        _check_another(actor, row)
        row.state, row.decided_by, row.decided_at = "rejected", actor.user_id, now
        row.decision_reason = reason.strip()
        session.flush()
        record(session, now, actor, "lint_rules.reject", "lint_edition", row.id, {"number": number})


def list_editions(context: Context) -> list[EditionLine]:
    """The newest first; empty while the rules that ship are in force."""
    with context.db.read() as session:
        rows = editions.list_editions(session)
        in_force = editions.edition_in_force(session)
        people = {one.submitted_by for one in rows} | {one.decided_by for one in rows}
        names = user_names(session, people)
        return [
            EditionLine(
                number=one.number,
                state=one.state,
                note=one.note,
                submitted_by=names.get(one.submitted_by, "") if one.submitted_by else "",
                submitter_id=one.submitted_by,
                submitted_at=one.submitted_at,
                decided_by=names.get(one.decided_by, "") if one.decided_by else "",
                decided_at=one.decided_at,
                is_in_force=in_force is not None and one.id == in_force[0],
                is_running=in_force is not None and one.id == in_force[0] and one.rerun_done_at is None,
                judged=one.judged,
            )
            for one in rows
        ]


def source_of(context: Context, number: int) -> str:
    """The rule file of an edition as it was handed in."""
    with context.db.read() as session:
        return _get(session, number).source


def compare_rules(context: Context, number: int) -> list[RuleChange]:
    """What an edition changes against the rules in force, rule by rule."""
    with context.db.read() as session:
        before, row = rules_in_force(session), _get(session, number)
    return compare_books(before, read_rules(row.source, f"edition {number}"))


def compare_books(before: RuleBook, after: RuleBook) -> list[RuleChange]:
    """Rules added, dropped and changed between two rule files; their order does not count."""
    old, new = ({rule.id: rule for rule in book.rules} for book in (before, after))
    changes = [RuleChange(rule=name, change="dropped") for name in old if name not in new]
    changes += [RuleChange(rule=name, change="added") for name in new if name not in old]
    for name in old:
        if name in new and (fields := _differing(old[name], new[name])):
            changes.append(RuleChange(rule=name, change="changed", fields=fields))
    return changes


def list_findings(context: Context, number: int) -> list[FindingLine]:
    """What an edition found in templates, articles and unsent messages, with who has to act."""
    with context.db.read() as session:
        row = _get(session, number)
        found = editions.list_findings(session, row.id)
        names = user_names(session, {one.owner_id for one in found})
    sentences = _sentences(read_rules(row.source, f"edition {number}"))
    return [
        FindingLine(
            kind=one.kind,
            subject=one.subject,
            rule=one.rule,
            level=one.level,
            sentence_zh=sentences.get(one.rule, ("", ""))[0],
            sentence_en=sentences.get(one.rule, ("", ""))[1],
            owner=names.get(one.owner_id, "") if one.owner_id else "",
            has_voided=one.has_voided,
        )
        for one in found
    ]


def _sentences(book: RuleBook) -> Mapping[str, tuple[str, str]]:
    return {rule.id: (rule.sentence_zh, rule.sentence_en) for rule in book.rules}


def _differing(before: Rule, after: Rule) -> tuple[str, ...]:
    names = [name for name in Rule.__slots__ if name != "line"]
    return tuple(name for name in names if _plain(getattr(before, name)) != _plain(getattr(after, name)))


def _plain(value: object) -> object:
    """Patterns compare by their text."""
    if isinstance(value, tuple):
        return tuple(getattr(one, "pattern", one) for one in value)
    return value


def _check_levels(book: RuleBook, file: str) -> None:
    """A file that stops nothing is a mistake: it would let everything pass."""
    if not any(rule.level is Level.BLOCK for rule in book.rules):
        raise InputError(
            f"{file}: no rule has the level block, so nothing would ever be stopped; start from the rules "
            "that ship: `wenhou lint-rules show`"
        )


def _check(actor: Actor, act: str, *roles: Role) -> None:
    if actor.user_id is None or not actor.has(*roles):
        raise AccessDenied(f"only {' or '.join(roles)} {act}")


def _check_another(actor: Actor, row: LintEdition) -> None:
    if actor.user_id == row.submitted_by:
        raise AccessDenied("规则要由另一位合规同事决定 (somebody else of compliance decides on rules)")


def _user(actor: Actor) -> uuid.UUID:
    if actor.user_id is None:
        raise AccessDenied("a person hands in rules, not the system")
    return actor.user_id


def _get(session: Session, number: int, *, lock: bool = False) -> LintEdition:
    row = editions.find_edition(session, number, lock=lock)
    if row is None:
        raise InputError(f"there is no edition {number} of the rules; `wenhou lint-rules list` names them")
    return row


def _waiting(session: Session, number: int) -> LintEdition:
    row = _get(session, number, lock=True)
    if row.state != "submitted":
        raise Refused(f"edition {number} is {row.state} already", code="decided")
    return row
