"""An advisor's voice, from draft to use: written by the advisor, approved once by compliance, never by themselves.

A change is a new version: it waits while the one before stays in force. Approving is bound to the words that were read,
as with messages. What comes into force or is withdrawn makes waiting proposals of that advisor stale: the planner
renders them anew.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store import voices
from store.audit import record
from store.database import Session
from store.models.organisation import User
from store.models.voices import AdvisorVoice
from store.orgs import find_org_by_id
from store.users import find_user, find_user_by_id
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services.context import Context
from wenhou.services.voice_checks import Known, VoiceDraft, VoiceFault, check_voice
from wenhou.services.word_rules import rules_in_force
from wenhou.services.words_in_force import library_in_force

_NOBODY = "没有这个落款 (no such voice)"


class VoiceRefused(Refused):
    """A voice with faults; `faults` names field and place of each."""

    def __init__(self, faults: tuple[VoiceFault, ...]) -> None:
        zh = "；".join(f"{_where(one.field)[0]}{one.sentence_zh}" for one in faults)
        en = "; ".join(f"{_where(one.field)[1]}{one.sentence_en}" for one in faults)
        super().__init__(f"{zh} ({en.replace('(', '').replace(')', '')})", code="voice")
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version as a page shows it. `digest` names these words: an approval says it back."""

    id: uuid.UUID
    number: int
    state: str
    words: VoiceDraft
    digest: str
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    in_force_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorView:
    """An advisor's voice whole: what is in force, what is open (draft or submitted), and every version."""

    advisor_id: uuid.UUID
    login: str
    name: str
    in_force: Version | None
    open: Version | None
    versions: tuple[Version, ...]

    @property
    def last_no(self) -> Version | None:
        """The newest version if it was sent back or withdrawn: the advisor reads why."""
        newest = self.versions[0] if self.versions else None
        return newest if newest is not None and newest.state in {"returned", "withdrawn"} else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list: whose version, and where it stands."""

    advisor: str
    name: str
    version: Version


def save_draft(context: Context, actor: Actor, draft: VoiceDraft) -> AdvisorView:
    """Write one's own voice; what waited for compliance is a draft again. VoiceRefused: nothing is kept.

    AccessDenied for who is no advisor: nobody writes another's voice.
    """
    user_id = _advisor(actor)
    now = context.clock.now()
    with context.db.write() as session:
        _refuse_faults(session, now, draft)
        row = voices.find_open(session, user_id) or voices.add_version(session, user_id, now)
        row.state, row.submitted_at = "draft", None
        row.sign_off, row.tone = draft.sign_off, draft.tone
        row.phrases = voices.write_phrases(draft.phrases)
        session.flush()
        record(session, now, actor, "voice.written", "voice", row.id, {"number": row.number})
        return _view(session, user_id)


def submit(context: Context, actor: Actor) -> AdvisorView:
    """Hand the draft to compliance. Refused without a draft, or when it says what is in force already."""
    user_id = _advisor(actor)
    now = context.clock.now()
    with context.db.write() as session:
        row = voices.find_open(session, user_id)
        if row is None or row.state != "draft":
            raise Refused("没有草稿可以提交 (there is no draft to submit)", code="no_draft")
        words = _words(row)
        if words == VoiceDraft() and voices.find_in_force(session, user_id) is None:
            raise Refused("还什么都没写 (nothing is written yet)", code="empty_voice")
        standing = voices.find_in_force(session, user_id)
        if standing is not None and _words(standing) == words:
            raise Refused("与现用的一样，不用提交 (the same as what is in force)", code="same_voice")
        _refuse_faults(session, now, words)
        row.state, row.submitted_at = "submitted", now
        session.flush()
        record(session, now, actor, "voice.submitted", "voice", row.id, {"number": row.number})
        return _view(session, user_id)


def approve(context: Context, actor: Actor, voice_id: uuid.UUID, digest: str) -> AdvisorView:
    """Let a version come into force; the one before ends. `digest`: of the words that were read.

    Refused: one's own, not waiting any longer, changed since it was read, or a rule came that it breaks.
    """
    now = context.clock.now()
    with context.db.write() as session:
        row = _to_decide(session, actor, voice_id, digest)
        _refuse_faults(session, now, _words(row))
        before = voices.find_in_force(session, row.advisor_id)
        if before is not None:
            before.state, before.ended_at = "replaced", now
            session.flush()
        row.state, row.decided_by, row.decided_at, row.in_force_at = "approved", actor.user_id, now, now
        session.flush()
        record(session, now, actor, "voice.approved", "voice", row.id, {"number": row.number})
        view = _view(session, row.advisor_id)
    context.submit("planning")
    return view


def send_back(context: Context, actor: Actor, voice_id: uuid.UUID, reason: str) -> AdvisorView:
    """Say no to a version that waits, with a reason the advisor reads; what is in force stays."""
    now = context.clock.now()
    said = _reason(reason)
    with context.db.write() as session:
        row = _to_decide(session, actor, voice_id, None)
        row.state, row.decided_by, row.decided_at, row.reason = "returned", actor.user_id, now, said
        session.flush()
        record(session, now, actor, "voice.returned", "voice", row.id, {"number": row.number})
        return _view(session, row.advisor_id)


def withdraw(context: Context, actor: Actor, advisor_id: uuid.UUID, reason: str) -> AdvisorView:
    """Take an advisor's voice out of use at once; their words are the bank's again. Refused when none is in force."""
    now = context.clock.now()
    said = _reason(reason)
    with context.db.write() as session:
        _check_compliance(session, actor, advisor_id)
        row = voices.find_in_force(session, advisor_id)
        if row is None:
            raise Refused("没有在用的落款 (no voice is in force)", code="no_voice")
        row.state, row.ended_at, row.reason = "withdrawn", now, said
        session.flush()
        record(session, now, actor, "voice.withdrawn", "voice", row.id, {"number": row.number})
        view = _view(session, advisor_id)
    context.submit("planning")
    return view


def list_voices(context: Context, actor: Actor, *, state: str | None = None) -> list[Line]:
    """Versions that are open or in force: all of compliance's part of the tree, what waits first; else one's own."""
    with context.db.read() as session:
        sees_part = actor.kind == "system" or actor.has(Role.COMPLIANCE)
        part = (actor.org_path or "/") if sees_part else None
        found = voices.list_current(session, org_path=part, of=actor.user_id, state=state)
        names = _names(session, [row for row, _ in found])
        return [Line(advisor=user.login, name=user.name, version=_version(row, names)) for row, user in found]


def read_voice(context: Context, actor: Actor, login: str | None = None) -> AdvisorView:
    """One's own voice, or for compliance that of an advisor of their part; AccessDenied otherwise."""
    with context.db.read() as session:
        user = find_user(session, login) if login else None
        user_id = user.id if user is not None else actor.user_id
        if user_id is None or (login and user is None):
            raise AccessDenied(_NOBODY)
        if user_id != actor.user_id:
            _check_compliance(session, actor, user_id, may_be_own=True)
        return _view(session, user_id)


def find_waiting(context: Context, actor: Actor, login: str) -> Version:
    """The version of an advisor that waits for compliance; Refused when none does."""
    view = read_voice(context, actor, login)
    if view.open is None or view.open.state != "submitted":
        raise Refused("没有待审批的落款 (nothing of this advisor waits)", code="nothing_waits")
    return view.open


def digest_of(words: VoiceDraft) -> str:
    """A short name of these words: an approval is bound to it."""
    plain = [words.sign_off, words.tone, voices.write_phrases(words.phrases)]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]


def _refuse_faults(session: Session, now: datetime, draft: VoiceDraft) -> None:
    library = library_in_force(session, now)
    known = Known(
        templates=frozenset(library.keys()),
        products=voices.product_names(session),
        rules=rules_in_force(session),
    )
    if faults := check_voice(draft, known):
        raise VoiceRefused(faults)


def _to_decide(session: Session, actor: Actor, voice_id: uuid.UUID, digest: str | None) -> AdvisorVoice:
    row = voices.find_version(session, voice_id, lock=session.get_bind().dialect.name == "postgresql")
    if row is None:
        raise AccessDenied(_NOBODY)
    _check_compliance(session, actor, row.advisor_id)
    if row.state != "submitted":
        raise Refused("这一版已不在待审批 (this version does not wait any longer)", code="decided")
    if digest is not None and digest != digest_of(_words(row)):
        raise Refused("内容已有变化，请重新查看后再批准 (the words changed; look again)", code="changed")
    return row


def _check_compliance(
    session: Session, actor: Actor, advisor_id: uuid.UUID, *, may_be_own: bool = False
) -> None:
    user = find_user_by_id(session, advisor_id)
    org = find_org_by_id(session, user.org_id) if user is not None else None
    below = org is not None and bool(actor.org_path) and org.path.startswith(actor.org_path)
    if not (actor.has(Role.COMPLIANCE) and below):
        raise AccessDenied(_NOBODY)
    if advisor_id == actor.user_id and not may_be_own:
        raise Refused("自己的落款须由别人审批 (nobody approves their own voice)", code="own_voice")


def _advisor(actor: Actor) -> uuid.UUID:
    if actor.user_id is None or not actor.has(Role.ADVISOR):
        raise AccessDenied("只有客户经理写自己的落款 (only advisors have a voice, each their own)")
    return actor.user_id


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise InputError("请写明原因 (say why)", column="--reason")
    return said[:500]


def _view(session: Session, advisor_id: uuid.UUID) -> AdvisorView:
    user = find_user_by_id(session, advisor_id)
    if user is None:
        raise AccessDenied(_NOBODY)
    rows = voices.list_versions(session, advisor_id)
    names = _names(session, rows)
    versions = tuple(_version(row, names) for row in rows)
    return AdvisorView(
        advisor_id=advisor_id,
        login=user.login,
        name=user.name,
        in_force=next((one for one in versions if one.state == "approved"), None),
        open=next((one for one in versions if one.state in voices.OPEN), None),
        versions=versions,
    )


def _names(session: Session, rows: Sequence[AdvisorVoice]) -> dict[uuid.UUID, str]:
    ids = {row.decided_by for row in rows if row.decided_by is not None}
    found = (session.get(User, one) for one in sorted(ids))
    return {user.id: user.name for user in found if user is not None}


def _version(row: AdvisorVoice, names: dict[uuid.UUID, str]) -> Version:
    words = _words(row)
    return Version(
        id=row.id,
        number=row.number,
        state=row.state,
        words=words,
        digest=digest_of(words),
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        decided_by=names.get(row.decided_by) if row.decided_by else None,
        reason=row.reason,
        in_force_at=row.in_force_at,
        ended_at=row.ended_at,
    )


def _words(row: AdvisorVoice) -> VoiceDraft:
    return VoiceDraft(sign_off=row.sign_off, tone=row.tone, phrases=voices.read_phrases(row.phrases))


def _where(field: str) -> tuple[str, str]:
    """The field as a person calls it, before the sentence."""
    if field.startswith("phrases."):
        number = field.partition(".")[2]
        return f"第{number}句：", f"sentence {number}: "
    return {"sign_off": ("落款：", "sign-off: "), "tone": ("语气：", "tone: ")}.get(field, ("", ""))
