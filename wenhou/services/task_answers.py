"""Answering a to-do that asks a question: the one place that knows which answers each kind takes."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from store import access
from wenhou.core.actors import Actor
from wenhou.core.errors import Refused
from wenhou.services import calendar_questions, contact_checks
from wenhou.services.context import Context

ANSWERS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "ask_calendar": (("solar", "公历", "Solar"), ("lunar", "农历", "Lunar")),
    "verify_number": (("right", "是本人号码", "It is theirs"), ("wrong", "不是本人号码", "It is not theirs")),
}
"""Kind of to-do → its answers, each with the words of its button (zh, en)."""
_ACTS: dict[str, Callable[[Context, Actor, uuid.UUID, str], None]] = {
    "ask_calendar": calendar_questions.answer_calendar,
    "verify_number": contact_checks.answer_number,
}


def answer_task(context: Context, actor: Actor, task_id: uuid.UUID, answer: str) -> None:
    """Give a to-do its answer, which closes it and has its effect. Refused for a kind that asks nothing."""
    with context.db.read() as session:
        kind = access.get_task(session, actor, task_id).kind
    act = _ACTS.get(kind)
    if act is None:
        raise Refused(f"这项待办不是提问 (a to-do of the kind {kind} asks no question)")
    act(context, actor, task_id, answer)
