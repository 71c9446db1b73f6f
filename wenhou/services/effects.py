"""What a customer's words do: each intent has an effect somebody can see, in the transaction that keeps the words.

An opt-out never hides a complaint, nor a rating its comment; whatever the rules are unsure of also goes to a person.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from store import pending, tasks
from store.audit import record
from store.database import Session
from store.feedback import restrict_care
from store.models.hearing import Conversation, ConversationEntry
from store.sealing import Sealer
from store.speakers import Speaker
from wenhou.core.actors import CUSTOMER
from wenhou.core.channels import EMAIL
from wenhou.core.contact_quality import Evidence
from wenhou.core.inbound import Intent, Kind, Understanding
from wenhou.services import cases, feedback, preferences
from wenhou.services.clocks import in_service_hours
from wenhou.services.contact_quality import Told, learn
from wenhou.services.context import Context
from wenhou.services.preferences import Word

_BEREAVEMENT_DAYS = 14
_HOT = frozenset({"opt_out", "rating", "complaint", "severe", "bereavement", "wrong_person"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One thing said, with all its effects need."""

    context: Context
    session: Session
    sealer: Sealer
    speaker: Speaker
    conversation: Conversation
    entry: ConversationEntry
    understanding: Understanding

    @property
    def evidence(self) -> dict[str, str]:
        """What proves the customer's word: the entry, never its text."""
        return {"via": "reply", "entry": str(self.entry.id), "channel": self.entry.channel}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """A to-do an intent makes: its kind, service time until due."""

    kind: str
    within: timedelta


_ERRANDS: dict[Kind, _Errand] = {
    "severe": _Errand(kind="severe", within=timedelta(minutes=15)),
    "bereavement": _Errand(kind="condolence", within=timedelta(hours=4)),
    "wrong_person": _Errand(kind="verify_contact", within=timedelta(hours=8)),
    "call_back": _Errand(kind="call_back", within=timedelta(hours=2)),
    "question": _Errand(kind="answer_question", within=timedelta(hours=2)),
    "progress": _Errand(kind="tell_progress", within=timedelta(hours=2)),
    "opt_in": _Errand(kind="confirm_opt_in", within=timedelta(hours=8)),
    "thanks": _Errand(kind="read_reply", within=timedelta(hours=8)),
    "plain": _Errand(kind="read_reply", within=timedelta(hours=8)),
}
_UNSURE = _Errand(kind="read_reply", within=timedelta(hours=4))
_WHOSE = _Errand(kind="attribute_reply", within=timedelta(hours=4))


def apply_words(heard: Heard) -> None:
    """Give every intent its effect, then see that a person gets what the rules do not settle."""
    for intent in heard.understanding.intents:
        effect = _EFFECTS.get(intent.kind)
        if effect is not None:
            effect(heard, intent)
    kinds = heard.understanding.kinds
    errands = {_ERRANDS[kind] for kind in kinds if kind in _ERRANDS and not _is_settled(heard, kind)}
    unsure = heard.understanding.needs_person or len(kinds & _HOT) > 1
    if unsure and not errands and not kinds & {"complaint"}:
        errands.add(_UNSURE)
    if heard.speaker.certain is None:
        errands.add(_WHOSE)
    for kind in sorted({errand.kind for errand in errands}):
        within = min(errand.within for errand in errands if errand.kind == kind)
        _add_task(heard, _Errand(kind=kind, within=within))


def stop_by_platform(heard: Heard, word: Word) -> None:
    """The platform took the refusal itself and told the customer so: no confirmation of ours."""
    preferences.stop(heard.session, heard.context, heard.speaker, word)


def _opt_out(heard: Heard, intent: Intent) -> None:
    word = Word(purposes=intent.purposes, source="customer", evidence=heard.evidence | {"rule": intent.rule})
    changed = preferences.stop(heard.session, heard.context, heard.speaker, word)
    told_otherwise = "complaint" in heard.understanding.kinds and heard.entry.channel != EMAIL
    if changed and not heard.understanding.no_auto_answer and not told_otherwise:
        preferences.confirm_stop(heard.session, heard.context, heard.speaker, word, heard.entry.id)


def _opt_in(heard: Heard, intent: Intent) -> None:
    """A code typed by the one who uses the address is their own later word; anything vaguer goes to a person."""
    if _is_settled(heard, "opt_in") and heard.speaker.certain is not None:
        word = Word(
            purposes=intent.purposes, source="customer", evidence=heard.evidence | {"rule": intent.rule}
        )
        preferences.allow(heard.session, heard.context, heard.speaker.certain, heard.speaker.point, word)


def _rating(heard: Heard, intent: Intent) -> None:
    message = heard.speaker.answered
    if message is None or intent.score is None or message.asks is None:
        return
    first = feedback.take_rating(
        heard.session,
        heard.sealer,
        heard.context,
        message,
        heard.speaker.point,
        score=intent.score,
        comment=intent.comment,
        entry_id=heard.entry.id,
        thank=not heard.understanding.no_auto_answer and "complaint" not in heard.understanding.kinds,
    )
    if not first:
        _add_task(heard, _UNSURE)
    elif intent.score <= feedback.CASE_AT[message.asks] and "complaint" not in heard.understanding.kinds:
        _open_case(heard, kind="service", severity="normal", category="low_rating", at_once=False)


def _complaint(heard: Heard, intent: Intent) -> None:
    severe = "severe" in heard.understanding.kinds
    _open_case(
        heard,
        kind="complaint",
        severity="critical" if severe else "high" if "regulator" in intent.rule else "normal",
        category=None,
        at_once=not heard.understanding.no_auto_answer,
    )


def _wrong_person(heard: Heard, _intent: Intent) -> None:
    """Nobody writes there until somebody has verified whose it is; the gates take other channels of a plan."""
    now = heard.context.clock.now()
    told = Told(
        evidence=Evidence.NOT_THEIRS, by=str(heard.entry.id), at=now, cause="wrong_person", actor=CUSTOMER
    )
    learn(heard.session, heard.context, heard.speaker.point, told)


def _bereavement(heard: Heard, _intent: Intent) -> None:
    """Everything but service stops for a fortnight; a person finds out, condoles, and says for how long."""
    now = heard.context.clock.now()
    today = now.astimezone(heard.context.bank.zone).date()
    purposes = [purpose.value for purpose in preferences.STOPPABLE]
    for customer in heard.speaker.everybody:
        if restrict_care(
            heard.session, customer.id, "bereavement", purposes, today=today, days=_BEREAVEMENT_DAYS, at=now
        ):
            record(
                heard.session,
                now,
                CUSTOMER,
                "care.restricted",
                "customer",
                customer.id,
                {"kind": "bereavement"},
            )
    pending.skip_pending(
        heard.session,
        [customer.id for customer in heard.speaker.everybody],
        preferences.STOPPABLE,
        reason="care_restricted",
        actor=CUSTOMER.label,
        at=now,
    )


_EFFECTS: dict[Kind, Callable[[Heard, Intent], None]] = {
    "opt_out": _opt_out,
    "opt_in": _opt_in,
    "rating": _rating,
    "complaint": _complaint,
    "wrong_person": _wrong_person,
    "bereavement": _bereavement,
}


def _is_settled(heard: Heard, kind: Kind) -> bool:
    """Whether an errand of this kind is needless: only a typed code opens the messages again by itself."""
    intent = heard.understanding.find(kind)
    return (
        kind == "opt_in"
        and intent is not None
        and intent.rule == "opt_in.code"
        and heard.speaker.certain is not None
    )


def _open_case(heard: Heard, *, kind: str, severity: str, category: str | None, at_once: bool) -> None:
    speaker = heard.speaker
    cases.open_case(
        heard.session,
        heard.sealer,
        heard.context,
        cases.Complaint(
            kind=kind,
            severity=severity,
            category=category,
            customer=speaker.certain,
            customers=speaker.everybody,
            likely=speaker.likely,
            point=speaker.point,
            conversation=heard.conversation,
            entry=heard.entry,
            about_message_id=speaker.answered.id if speaker.answered else None,
            opted_out_too="opt_out" in heard.understanding.kinds,
            answer_at_once=at_once,
        ),
    )


def _add_task(heard: Heard, errand: _Errand) -> uuid.UUID | None:
    """A to-do for the advisor of whoever spoke; for a shared number, of whom we last wrote to there."""
    now = heard.context.clock.now()
    whose = heard.speaker.likely
    new = tasks.NewTask(
        kind=errand.kind,
        dedupe_key=f"{errand.kind}:{heard.entry.id}",
        due_at=in_service_hours(heard.context, now, errand.within),
        customer_id=whose.id if whose else None,
        org_id=whose.managing_org_id if whose else heard.conversation.org_id,
        assignee_id=whose.main_advisor_id if whose else None,
        entry_id=heard.entry.id,
    )
    return tasks.add_task(heard.session, heard.sealer, new, now)
