"""Cases: opened by a customer's word, carried by somebody it is not about, noted in public or inside, closed with a call.

An open complaint holds the customer's care and marketing; the transaction that closes it lets them go.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

from store import access, cases, pending, tasks
from store.audit import record
from store.cases import NewCaseEvent
from store.database import Session
from store.models.customers import ContactPoint, Customer
from store.models.hearing import Case, Conversation, ConversationEntry
from store.models.organisation import User
from store.sealing import Sealer
from wenhou.core.actors import CUSTOMER, Actor
from wenhou.core.channels import EMAIL, Content
from wenhou.core.dedupe import origin_key
from wenhou.core.errors import InputError, Refused
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.services.answers import (
    Answer,
    own_words,
    plan_answer,
    require_lawful,
    salutation_of,
    system_words,
)
from wenhou.services.clocks import case_clocks, spoken
from wenhou.services.context import Context

HELD = (Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING)
_CALL_AFTER_CLOSING = timedelta(hours=24)
_DESK = ("客户服务中心", "our service desk")
_OPTED_OUT_TOO = ("退订已同时生效。", " Your opt-out is in effect, too.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What opens a case. `customers`: whose messages it holds; `customer` None while nobody knows who spoke.

    `likely` is whom the first answer is filed under when the number is shared; it then names nobody.
    """

    kind: str
    severity: str
    category: str | None
    customer: Customer | None
    customers: tuple[Customer, ...]
    likely: Customer | None
    point: ContactPoint
    conversation: Conversation
    entry: ConversationEntry
    about_message_id: uuid.UUID | None
    opted_out_too: bool = False
    answer_at_once: bool = True


def open_case(session: Session, sealer: Sealer, context: Context, heard: Complaint) -> Case:
    """Open a case, or add to the open one of its kind: number, owner, clocks, holds, first answer, task."""
    now = context.clock.now()
    found = _find_open(session, heard)
    if found is not None:
        _add_words(session, sealer, found, heard)
        return found
    # Of a shared number nobody knows yet whom it is about: none of the advisors it may be about carries it.
    never = {one.main_advisor_id for one in heard.customers if one.main_advisor_id is not None}
    handler = cases.find_handler(session, heard.likely, never)
    case = _new_case(session, context, heard, handler)
    session.add(case)
    session.flush()
    _add_words(session, sealer, case, heard)
    if heard.kind == "complaint":
        ids = [one.id for one in heard.customers]
        pending.hold_pending(session, ids, HELD, hold_key=hold_key(case), actor=CUSTOMER.label, at=now)
    tasks.add_task(
        session,
        sealer,
        tasks.NewTask(
            kind="answer_case",
            dedupe_key=f"answer_case:{case.id}",
            due_at=case.first_answer_due_at,
            customer_id=case.customer_id,
            org_id=case.org_id,
            assignee_id=case.assignee_id,
            entry_id=heard.entry.id,
            case_id=case.id,
        ),
        now,
    )
    if heard.answer_at_once:
        _acknowledge(session, sealer, context, case, heard, handler)
    record(
        session, now, CUSTOMER, "case.opened", "case", case.id, {"kind": case.kind, "severity": case.severity}
    )
    return case


def hold_key(case: Case) -> str:
    """What holds a customer's messages while the case is open; the gate names it the same."""
    return f"case:{case.id}"


def add_note(
    context: Context, actor: Actor, case_id: uuid.UUID, text: str, *, public: bool = False
) -> uuid.UUID:
    """Write progress. A public note reaches the customer as a message and is the first answer when it is the first."""
    now = context.clock.now()
    if not text.strip():
        raise InputError("请填写内容 (write something)", column="text")
    with context.db.write() as session:
        case = _load(session, actor, case_id)
        sealer = Sealer(session, context.vault)
        new = NewCaseEvent(
            case_id=case.id,
            customer_id=case.customer_id,
            kind="note",
            at=now,
            text=text.strip(),
            is_public=public,
            actor_id=actor.user_id,
        )
        if public:
            new = replace(new, message_id=_send_note(session, context, case, new, actor))
            case.first_answered_at = case.first_answered_at or now
            case.state = "answered" if case.state == "open" else case.state
            tasks.close_of(session, f"answer_case:{case.id}", outcome="answered", by=actor.user_id, at=now)
        cases.add_case_event(session, sealer, new)
        record(session, now, actor, "case.noted", "case", case.id, {"public": public})
    if public:
        context.submit("dispatch")
    return new.id


def close_case(context: Context, actor: Actor, case_id: uuid.UUID, resolution: str) -> None:
    """Close with a resolution: what was held is let go and decided anew, and somebody calls the customer back.

    Refused: closed already, or the actor is whom it is about.
    """
    now = context.clock.now()
    if not resolution.strip():
        raise InputError("请填写处理结果 (say how it was solved)", column="resolution")
    with context.db.write() as session:
        case = _load(session, actor, case_id)
        if case.state == "closed":
            raise Refused("工单已结案 (the case is closed already)")
        sealer = Sealer(session, context.vault)
        case.resolution = sealer.seal("cases", "resolution", case.id, resolution.strip(), case.customer_id)
        case.solved_at = case.solved_at or now
        case.closed_at, case.state = now, "closed"
        cases.add_case_event(
            session,
            sealer,
            NewCaseEvent(
                case_id=case.id, customer_id=case.customer_id, kind="closed", at=now, actor_id=actor.user_id
            ),
        )
        pending.release_held(session, hold_key(case), actor=actor.label, at=now)
        tasks.close_of(session, f"answer_case:{case.id}", outcome="closed", by=actor.user_id, at=now)
        call_back = tasks.NewTask(
            kind="call_back",
            dedupe_key=f"case_closed:{case.id}",
            due_at=now + _CALL_AFTER_CLOSING,
            customer_id=case.customer_id,
            org_id=case.org_id,
            assignee_id=case.assignee_id,
            case_id=case.id,
        )
        tasks.add_task(session, sealer, call_back, now)
        record(session, now, actor, "case.closed", "case", case.id, None)
    context.submit("dispatch")


def claim_for(session: Session, case: Case, customer: Customer, *, actor: Actor, context: Context) -> None:
    """A case of a shared number turns out to be this customer's: the others' messages are let go."""
    case.customer_id, case.org_id = customer.id, customer.managing_org_id
    case.about_user_id = customer.main_advisor_id
    if case.assignee_id is not None and case.assignee_id == customer.main_advisor_id:
        handler = cases.find_handler(session, customer, {customer.main_advisor_id})
        case.assignee_id = handler.id if handler else None
    now = context.clock.now()
    pending.release_held(session, hold_key(case), actor=actor.label, at=now, but={customer.id})


def _find_open(session: Session, heard: Complaint) -> Case | None:
    if heard.customer is not None:
        return cases.find_open(session, heard.customer.id, heard.kind)
    return cases.find_open_of_thread(session, heard.conversation.id, heard.kind)


def _new_case(session: Session, context: Context, heard: Complaint, handler: User | None) -> Case:
    now = context.clock.now()
    clocks = case_clocks(context, now)
    owner = heard.likely
    return Case(
        id=new_id(),
        number=cases.next_number(session, now.astimezone(context.bank.zone).date()),
        customer_id=heard.customer.id if heard.customer else None,
        conversation_id=heard.conversation.id,
        kind=heard.kind,
        category=heard.category,
        severity=heard.severity,
        state="open",
        origin_entry_id=heard.entry.id,
        origin_message_id=heard.about_message_id,
        org_id=owner.managing_org_id if owner else None,
        assignee_id=handler.id if handler else None,
        about_user_id=heard.customer.main_advisor_id if heard.customer else None,
        opened_at=now,
        first_answer_due_at=clocks.first_answer_at,
        solution_due_at=clocks.solution_at,
        regulator_due_on=clocks.regulator_on,
    )


def _add_words(session: Session, sealer: Sealer, case: Case, heard: Complaint) -> None:
    words = sealer.open(
        "conversation_entries", "text", heard.entry.id, heard.entry.text, heard.entry.customer_id
    )
    cases.add_case_event(
        session,
        sealer,
        NewCaseEvent(
            case_id=case.id, customer_id=case.customer_id, kind="said", at=heard.entry.at, text=words or ""
        ),
    )


def _acknowledge(
    session: Session, sealer: Sealer, context: Context, case: Case, heard: Complaint, handler: User | None
) -> None:
    """The first words at once: apology, owner, time, number. The clock runs on until a person answers."""
    if heard.likely is None:
        return
    speaks_english = not heard.likely.locale.startswith("zh")
    values = {
        "salutation": salutation_of(heard.customer),
        "handler": handler.name if handler else _DESK[speaks_english],
        "answer_by": spoken(context, case.first_answer_due_at, heard.likely.locale),
        "case_no": case.number,
        "hotline": context.bank.hotline,
    }
    words = system_words(session, context, heard.likely, heard.point.channel, "case_first_answer", values)
    if words is None:
        return
    content = words.content
    if heard.opted_out_too:
        content = _with_opt_out(content, _OPTED_OUT_TOO[speaks_english])
    event_id = new_id()
    answer = Answer(
        customer=heard.likely,
        point=heard.point,
        origin="case_note",
        origin_id=event_id,
        dedupe_key=f"case_opened:{case.id}",
        content=content,
        template_version_id=words.template_version_id,
        variant=words.variant,
    )
    message_id = plan_answer(session, context, answer)
    cases.add_case_event(
        session,
        sealer,
        NewCaseEvent(
            id=event_id,
            case_id=case.id,
            customer_id=case.customer_id,
            kind="acknowledged",
            at=context.clock.now(),
            is_public=True,
            message_id=message_id,
        ),
    )


def _with_opt_out(content: Content, words: str) -> Content:
    """One message instead of two to somebody who wants fewer."""
    return content if content.channel == EMAIL else replace(content, text=content.text + words)


def _load(session: Session, actor: Actor, case_id: uuid.UUID) -> Case:
    """The case, locked, if this person may see it: never one about themselves. Raises AccessDenied."""
    case = access.get_case(session, actor, case_id)
    session.refresh(case, with_for_update=True)
    return case


def _send_note(
    session: Session, context: Context, case: Case, new: NewCaseEvent, actor: Actor
) -> uuid.UUID | None:
    entry = session.get(ConversationEntry, case.origin_entry_id) if case.origin_entry_id else None
    customer = session.get(Customer, case.customer_id) if case.customer_id else None
    point = session.get(ContactPoint, entry.contact_point_id) if entry and entry.contact_point_id else None
    if customer is None or point is None:
        raise Refused("还不知道是哪位客户，先认领这条会话 (say first which customer it is)")
    content = own_words(context, point.channel, new.text)
    require_lawful(session, context, content)
    answer = Answer(
        customer=customer,
        point=point,
        origin="case_note",
        origin_id=new.id,
        dedupe_key=origin_key("case_note", new.id),
        content=content,
        actor=actor.label,
    )
    return plan_answer(session, context, answer)
