"""The life of the bank's own templates: draft → submitted → approved by a second person → in force → retired.

Operations or compliance write; compliance decides, never on what they wrote or submitted themselves. What was in force
and is wanted again is put in force by a new decision (`roll_back`): a text that was used never changes and is never
written twice. Every act takes the same lock first, so that of two at once the second is refused by what it finds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from store.database import Session
from store.models.campaigns import TemplateVersion as Row
from store.template_versions import BANK, add_draft, list_template_versions, lock_words, rewrite_draft
from wenhou.core.actors import Actor
from wenhou.core.errors import InputError, Refused
from wenhou.services.context import Context
from wenhou.services.template_checks import Checked, TemplateText, check_text
from wenhou.services.template_standing import (
    Acted,
    Span,
    VersionRef,
    as_text,
    check_compliance,
    check_in_store,
    check_may_decide,
    check_may_write,
    check_together,
    get_version,
    in_force,
    instants,
    note_act,
    number_in_force,
    put_in_force,
    said,
    take_out,
)
from wenhou.services.word_rules import rules_in_force
from wenhou.services.words_in_force import shipped

_SHIPS = "随产品附带的版本不能停用 (what ships cannot be retired; put words of the bank's own over it)"


def validate(context: Context, given: Sequence[TemplateText]) -> list[Checked]:
    """Texts without faults, also in this store; InputError with every fault and its place. Nothing is kept."""
    found = _checked_all(context, given)
    check_together(found)
    with context.db.read() as session:
        check_in_store(session, context, found)
    return found


def save_drafts(
    context: Context, actor: Actor, given: Sequence[TemplateText], *, seen: str | None = None
) -> list[Acted]:
    """Keep texts as drafts, all or none: a draft that is open is rewritten, else a new version is begun.

    `seen`: digest (hex) of the draft the writer looked at, "" for none; Refused when somebody changed it meanwhile.
    """
    check_may_write(actor)
    found = _checked_all(context, given)
    check_together(found)
    with context.db.write() as session:
        lock_words(session)
        check_in_store(session, context, found)
        return [_keep(session, context, actor, one, seen) for one in found]


def submit(context: Context, actor: Actor, ref: VersionRef, *, note: str = "") -> Acted:
    """Hand a draft in for review; from now on its words never change."""
    check_may_write(actor)
    now = context.clock.now()
    checked = _checked(context, ref, "draft")
    with context.db.write() as session:
        lock_words(session)
        row = _unchanged(get_version(session, ref, "draft"), checked)
        check_in_store(session, context, [checked], is_file=False)
        row.state, row.note = "submitted", said(note) or None
        row.submitted_by, row.submitted_at = actor.user_id, now
        session.flush()
        context.passed("words.submitted")
        return note_act(session, actor, row, "submit", now)


def approve(
    context: Context, actor: Actor, ref: VersionRef, span: Span | None = None, *, reason: str = ""
) -> Acted:
    """Agree, as the second person, and put the version in force from a day on (now, unless `span` says otherwise)."""
    now = context.clock.now()
    check_compliance(actor)
    checked = _checked(context, ref, "submitted")
    with context.db.write() as session:
        lock_words(session)
        row = _unchanged(get_version(session, ref, "submitted"), checked)
        check_may_decide(actor, row)
        when = instants(context, span or Span())
        check_in_store(session, context, [checked], is_file=False)
        row.state, row.decided_by, row.decided_at = "approved", actor.user_id, now
        row.decision_reason = said(reason) or None
        row.effective_from, row.effective_until = when
        session.flush()
        context.passed("words.approved")
        put_in_force(session, actor, row, "approved", when, reason=reason, at=now)
        context.passed("words.edition_written")
        acted = note_act(session, actor, row, "approve", now, span=when)
        context.passed("words.audited")
    context.submit("planning")
    return acted


def reject(context: Context, actor: Actor, ref: VersionRef, reason: str) -> Acted:
    """Say no, with a sentence that the writer reads; another text is a new version."""
    _need(reason)
    now = context.clock.now()
    with context.db.write() as session:
        lock_words(session)
        row = get_version(session, ref, "submitted")
        check_may_decide(actor, row)
        row.state, row.decided_by, row.decided_at = "rejected", actor.user_id, now
        row.decision_reason = said(reason)
        session.flush()
        return note_act(session, actor, row, "reject", now)


def retire(context: Context, actor: Actor, ref: VersionRef, reason: str) -> Acted:
    """Take a version away for good: a draft is dropped; of an approved one what ships counts again, from now on.

    Without a number: the one in force. InputError, naming the campaign, where a live one would be left without its
    words. A retired text comes back only as a new version; to go back to an earlier one instead, see `roll_back`.
    """
    _need(reason)
    now = context.clock.now()
    with context.db.write() as session:
        lock_words(session)
        current = in_force(session, ref.key, ref.locale, now)
        if ref.number is None and current is None:
            raise Refused(_SHIPS, code="bundled")
        if ref.number is None:
            ref = replace(ref, number=number_in_force(session, ref.key, ref.locale, now))
        row = get_version(session, ref, "approved", "draft")
        if row.state == "draft":
            check_may_write(actor)
        else:
            check_compliance(actor)
            if row.origin != BANK and current != row.id:
                raise Refused(_SHIPS, code="bundled")
            take_out(session, actor, row, reason=reason, at=now)
            context.passed("words.edition_written")
        if row.origin == BANK:
            row.state, row.retired_at = "retired", now
            session.flush()
        context.passed("words.retired")
        acted = note_act(session, actor, row, "retire", now)
    context.submit("planning")
    return acted


def roll_back(
    context: Context, actor: Actor, ref: VersionRef, reason: str, *, span: Span | None = None
) -> Acted:
    """Put an earlier approved version in force again: a new decision on an old text. Needs its number and a reason."""
    _need(reason)
    if ref.number is None:
        raise InputError("say which version is to be in force again: --to N")
    now = context.clock.now()
    check_compliance(actor)
    checked = _checked(context, ref, "approved")
    with context.db.write() as session:
        lock_words(session)
        row = get_version(session, ref, "approved")
        check_may_decide(actor, row)
        when = instants(context, span or Span())
        if when[0] <= now and in_force(session, ref.key, ref.locale, now) == row.id:
            raise Refused(
                f"第 {row.number} 版正在生效 (version {row.number} is in force already)", code="in_force"
            )
        check_in_store(session, context, [checked], is_file=False)
        put_in_force(session, actor, row, "rolled_back", when, reason=reason, at=now)
        context.passed("words.edition_written")
        acted = note_act(session, actor, row, "roll_back", now, span=when)
    context.submit("planning")
    return acted


def _checked(context: Context, ref: VersionRef, state: str) -> Checked:
    """The text of a version looked at again, by today's rules, before the store's one write lock is taken."""
    with context.db.read() as session:
        given = as_text(get_version(session, ref, state))
        book = rules_in_force(session)
    return check_text(given, context.bank, book)


def _checked_all(context: Context, given: Sequence[TemplateText]) -> list[Checked]:
    """Texts without faults by the rules in force; InputError."""
    with context.db.read() as session:
        book = rules_in_force(session)
    return [check_text(one, context.bank, book) for one in given]


def _unchanged(row: Row, checked: Checked) -> Row:
    """The version, if its text is still the one that was looked at."""
    if row.digest.hex() != checked.version.digest:
        raise Refused(
            "文本刚被别人改过，请重新查看 (the text changed just now; look at it again)", code="changed"
        )
    return row


def _keep(session: Session, context: Context, actor: Actor, one: Checked, seen: str | None) -> Acted:
    version, now = one.version, context.clock.now()
    digest = hashlib.sha256(version.source.encode()).digest()
    rows = list_template_versions(session, version.key, version.locale)
    draft = next((row for row in rows if row.state == "draft"), None)
    if seen is not None and (draft.digest.hex() if draft else "") != seen:
        raise Refused(
            "草稿已被别人改过，请重新打开 (the draft changed meanwhile; open it again)", code="changed"
        )
    standing = _standing(session, one, digest)
    if standing is not None:
        return replace(standing, in_force=number_in_force(session, version.key, version.locale, now))
    outcome = "created" if draft is None else "changed"
    if draft is None:
        draft = add_draft(
            session,
            key=version.key,
            locale=version.locale,
            source=version.source,
            digest=digest,
            by=actor.user_id,
            at=now,
        )
    else:
        rewrite_draft(session, draft, source=version.source, digest=digest, by=actor.user_id)
    context.passed("words.draft_kept")
    acted = note_act(session, actor, draft, "draft", now)
    return replace(acted, outcome=outcome, remarks=one.remarks)


def _standing(session: Session, one: Checked, digest: bytes) -> Acted | None:
    """The version that says exactly this already: what ships, or one of the bank's own that is not over."""
    version = one.version
    rows = list_template_versions(session, version.key, version.locale)
    same = next(
        (row for row in rows if row.digest == digest and row.state in ("draft", "submitted", "approved")),
        None,
    )
    bundled = shipped().versions.get((version.key, version.locale))
    if same is not None:
        number, state = same.number, same.state
    elif bundled is not None and bundled.digest == digest.hex():
        number, state = bundled.version, "approved"
    else:
        return None
    return Acted(
        key=version.key,
        locale=version.locale,
        version=number,
        state=state,
        outcome="unchanged",
        remarks=one.remarks,
    )


def _need(reason: str) -> None:
    if not said(reason):
        raise InputError("请写明原因 (say why: --reason)", column="--reason")
