"""To-dos of staff: lists, and closing one with what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from store import access
from store.audit import record
from store.database import Session
from store.ledger import PERSONAL, NewContact, note_contact
from store.models.hearing import Task
from store.runs import current_versions
from store.sealing import Sealer
from wenhou.core.actors import Actor
from wenhou.core.campaigns import Campaign
from wenhou.core.errors import Refused
from wenhou.core.purposes import Purpose
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context

TASK_NAMES: dict[str, tuple[str, str]] = {
    "severe": ("紧急：请立即处理", "Urgent: act now"),
    "answer_case": ("答复投诉", "Answer a complaint"),
    "call_back": ("给客户回电", "Call the customer back"),
    "call_after_rating": ("低分回访", "Call after a low rating"),
    "answer_question": ("回答客户的问题", "Answer a question"),
    "tell_progress": ("告知办理进度", "Tell the progress"),
    "read_reply": ("看看客户的回复", "Read a reply"),
    "attribute_reply": ("认领：是哪位客户的回复", "Say which customer replied"),
    "condolence": ("慰问并了解情况", "Condole and find out"),
    "verify_contact": ("核实联系方式", "Verify an address"),
    "verify_number": ("核实客户号码", "Verify the customer's number"),
    "ask_new_contact": ("向客户要新的联系方式", "Ask for a new number or address"),
    "ask_calendar": ("问清生日：公历还是农历？", "Ask: is the birthday solar or lunar?"),
    "came_of_age": ("客户满18岁，重新征求联系方式和同意", "Now 18: ask for contact and consent anew"),
    "confirm_opt_in": ("向客户确认是否恢复接收", "Confirm that messages are wanted again"),
    "call": ("致电客户", "Call the customer"),
    "visit": ("拜访客户", "Visit the customer"),
    "card": ("手写贺卡", "Write a card by hand"),
    "gift": ("送上礼品", "Bring a gift"),
    "plan_contact": ("按服务计划联系客户", "Keep in touch, as the service plan says"),
}
NOT_REACHED = "not_reached"
"""The outcome of a contact that did not come about: the to-do is dropped, and what waits for it goes on without it."""

_CONTACTS = {"call": "call", "visit": "visit", "card": "card", "gift": "gift", "plan_contact": "call"}
"""To-dos that are contacts of care once done, and how the ledger calls them."""
_ANSWERS = {"call_back": "call", "call_after_rating": "call", "condolence": "call"}
"""Contacts that the customer asked for or that a promise needs: service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One to-do as a list shows it. `note` None where there is none.

    `campaign`, `step_key`, `planned_for`: of a campaign's step that a person does.
    """

    id: uuid.UUID
    kind: str
    name: str
    due_at: datetime
    is_overdue: bool
    customer_id: uuid.UUID | None
    entry_id: uuid.UUID | None
    case_id: uuid.UUID | None
    message_id: uuid.UUID | None
    assignee_id: uuid.UUID | None
    note: str | None
    org_id: uuid.UUID | None = None
    campaign: str | None = None
    step_key: str | None = None
    planned_for: date | None = None
    state: str = "open"

    @property
    def is_contact(self) -> bool:
        """Whether doing it is a contact, which may also not come about."""
        return self.kind in _CONTACTS


def list_open(context: Context, actor: Actor, *, locale: str = "zh-CN", limit: int = 100) -> list[TaskRow]:
    """A person's open to-dos, the most urgent first: own, covered, their pool's."""
    return list_all(context, actor, state="open", locale=locale, limit=limit)


def list_all(
    context: Context, actor: Actor, *, state: str, locale: str = "zh-CN", limit: int = 100
) -> list[TaskRow]:
    """As `list_open`, for any state: `open`, `done`, `dropped`."""
    now = context.clock.now()
    with context.db.read() as session:
        sealer = Sealer(session, context.vault)
        found = access.list_tasks(session, actor, state=state, limit=limit)
        sealer.preload({one.customer_id for one in found if one.customer_id is not None})
        campaigns = _campaigns(session, found)
        return [
            TaskRow(
                id=one.id,
                kind=one.kind,
                name=_name(one, campaigns.get(one.campaign_id) if one.campaign_id else None, locale),
                due_at=one.due_at,
                is_overdue=one.due_at < now,
                customer_id=one.customer_id,
                entry_id=one.entry_id,
                case_id=one.case_id,
                message_id=one.message_id,
                assignee_id=one.assignee_id,
                note=sealer.open("tasks", "note", one.id, one.note, one.customer_id),
                org_id=one.org_id,
                campaign=campaigns[one.campaign_id].key if one.campaign_id in campaigns else None,
                step_key=one.step_key,
                planned_for=one.planned_for,
                state=one.state,
            )
            for one in found
        ]


def complete_task(
    context: Context, actor: Actor, task_id: uuid.UUID, outcome: str = "done", note: str = ""
) -> None:
    """Close a to-do with what came of it (`done`, `reached`, `not_reached` …). Refused when it is closed already.

    A call, visit, card or gift that came about is a contact: it counts in the customer's caps and service plan.
    """
    now = context.clock.now()
    with context.db.write() as session:
        task = access.get_task(session, actor, task_id)
        session.refresh(task, with_for_update=True)
        if task.state != "open":
            raise Refused("这项待办已处理 (this to-do is closed already)")
        missed = outcome == NOT_REACHED and task.kind in _CONTACTS
        task.state, task.outcome = "dropped" if missed else "done", outcome[:40]
        task.done_by, task.done_at = actor.user_id, now
        if note.strip():
            task.note = Sealer(session, context.vault).seal(
                "tasks", "note", task.id, note.strip(), task.customer_id
            )
        if outcome != NOT_REACHED:
            _note_contact(session, context, task, now)
        record(
            session,
            now,
            actor,
            "task.completed",
            "task",
            task.id,
            {"kind": task.kind, "outcome": outcome[:40]},
        )


def _note_contact(session: Session, context: Context, task: Task, now: datetime) -> None:
    if task.customer_id is None:
        return
    purpose, kind = Purpose.CARE, _CONTACTS.get(task.kind)
    if kind is None:
        purpose, kind = Purpose.SERVICE, _ANSWERS.get(task.kind)
    elif task.step_key in PERSONAL:  # a service plan says how its contacts are made
        kind = task.step_key
    if kind is not None:
        note_contact(
            session,
            NewContact(
                id=task.id,
                customer_id=task.customer_id,
                purpose=purpose,
                kind=kind,
                at=now,
                on_day=now.astimezone(context.bank.zone).date(),
            ),
        )


def _campaigns(session: Session, tasks: Sequence[Task]) -> dict[uuid.UUID, Campaign]:
    """The campaigns that made these to-dos, as they are today."""
    current = current_versions(session, {one.campaign_id for one in tasks if one.campaign_id is not None})
    specs = specs_of(session, list(current.values()))
    return {campaign_id: specs[version] for campaign_id, version in current.items() if version in specs}


def _name(task: Task, campaign: Campaign | None, locale: str) -> str:
    """The step's own words where a campaign made it, else those of its kind."""
    zh, en = TASK_NAMES.get(task.kind, (task.kind, task.kind))
    if campaign is not None and task.step_key is not None:
        step = next((one for one in campaign.steps if one.key == task.step_key), None)
        if step is not None and step.task is not None:
            zh, en = step.task.title_zh, step.task.title_en
    return zh if locale.startswith("zh") else en
