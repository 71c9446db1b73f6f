"""To-dos of staff: lists, and closing one with what came of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from store import access
from store.audit import record
from store.sealing import Sealer
from wenhou.core.actors import Actor
from wenhou.core.errors import Refused
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
    "confirm_opt_in": ("向客户确认是否恢复接收", "Confirm that messages are wanted again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One to-do as a list shows it. `note` None where there is none."""

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


def list_open(context: Context, actor: Actor, *, locale: str = "zh-CN", limit: int = 100) -> list[TaskRow]:
    """A person's open to-dos, the most urgent first: own, covered, their pool's."""
    now = context.clock.now()
    with context.db.read() as session:
        sealer = Sealer(session, context.vault)
        return [
            TaskRow(
                id=one.id,
                kind=one.kind,
                name=TASK_NAMES.get(one.kind, (one.kind, one.kind))[0 if locale.startswith("zh") else 1],
                due_at=one.due_at,
                is_overdue=one.due_at < now,
                customer_id=one.customer_id,
                entry_id=one.entry_id,
                case_id=one.case_id,
                message_id=one.message_id,
                assignee_id=one.assignee_id,
                note=sealer.open("tasks", "note", one.id, one.note, one.customer_id),
            )
            for one in access.list_tasks(session, actor, limit=limit)
        ]


def complete_task(
    context: Context, actor: Actor, task_id: uuid.UUID, outcome: str = "done", note: str = ""
) -> None:
    """Close a to-do with what came of it (`done`, `reached`, `not_reached` …). Refused when it is closed already."""
    now = context.clock.now()
    with context.db.write() as session:
        task = access.get_task(session, actor, task_id)
        session.refresh(task, with_for_update=True)
        if task.state != "open":
            raise Refused("这项待办已处理 (this to-do is closed already)")
        task.state, task.outcome = "done", outcome[:40]
        task.done_by, task.done_at = actor.user_id, now
        if note.strip():
            task.note = Sealer(session, context.vault).seal(
                "tasks", "note", task.id, note.strip(), task.customer_id
            )
        record(
            session,
            now,
            actor,
            "task.completed",
            "task",
            task.id,
            {"kind": task.kind, "outcome": outcome[:40]},
        )
