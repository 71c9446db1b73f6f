"""Conversations, complaints and to-dos: what customers said and what staff owe them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.presenting import is_id, locale, refusal, today, tr, zone
from console.sessions import actor, context, require_sign_in
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.ids import new_id
from wenhou.services import audit, delivery, tasks
from wenhou.services import cases as case_acts
from wenhou.services import conversations as threads
from wenhou.services import today as days
from wenhou.services.task_answers import ANSWERS, answer_task
from wenhou.services.tasks import TaskRow

hearing = Blueprint("hearing", __name__)
hearing.before_request(require_sign_in)
_WEEK = 7


@hearing.get("/conversations")
def conversations() -> str:
    """Every thread in sight, the last spoken in first."""
    return render_template("conversations.html", rows=threads.list_threads(context(), actor()), thread=None)


@hearing.get("/conversations/<uuid:conversation_id>")
def conversation(conversation_id: uuid.UUID) -> str:
    """One thread, and the box to answer in."""
    thread = threads.read_thread(context(), actor(), conversation_id)
    threads.mark_read(context(), actor(), conversation_id)
    rows = threads.list_threads(context(), actor())
    return render_template("conversations.html", rows=rows, thread=thread, reply_id=new_id(), typed="")


@hearing.get("/fragments/conversations/<uuid:conversation_id>")
def thread_fragment(conversation_id: uuid.UUID) -> AnyResponse | str:
    """The words of a thread, when there are new ones or one's fate changed."""
    thread = threads.read_thread(context(), actor(), conversation_id)
    if request.args.get("seen") == fingerprint(thread):
        return Response(status=204)
    threads.mark_read(context(), actor(), conversation_id)
    return render_template("_thread.html", thread=thread)


@hearing.post("/conversations/<uuid:conversation_id>/reply")
def reply(conversation_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    """Answer the customer; a refusal keeps what was typed."""
    text = request.form.get("text", "")
    try:
        if request.form.get("as") == "note":
            threads.add_note(context(), actor(), conversation_id, text)
        else:
            key = uuid.UUID(request.form.get("reply_id") or str(new_id()))
            threads.reply_to_customer(context(), actor(), conversation_id, text, reply_id=key)
    except (Refused, InputError, ValueError) as error:
        flash(refusal(error), "error")
        thread = threads.read_thread(context(), actor(), conversation_id)
        rows = threads.list_threads(context(), actor())
        page = render_template("conversations.html", rows=rows, thread=thread, reply_id=new_id(), typed=text)
        return page, 409
    return redirect(url_for("hearing.conversation", conversation_id=conversation_id), 303)


@hearing.post("/conversations/entries/<uuid:entry_id>/speaker")
def name_speaker(entry_id: uuid.UUID) -> AnyResponse:
    """Say which customer's words these are; on to that customer's thread."""
    back = request.form.get("thread", "")
    ref = request.form.get("customer", "").strip()
    try:
        thread_id = threads.attribute(context(), actor(), entry_id, ref)
    except Refused as error:
        flash(refusal(error), "error")
    except AccessDenied:
        audit.record_denial(context(), actor(), "hearing.name_speaker", ref)
        flash(tr("没有这位客户，或不在您的范围内。", "No such customer in your scope."), "error")
    else:
        flash(
            tr("已记到这位客户名下；其中的退订、投诉也归其本人。", "Noted as this customer's own words."),
            "ok",
        )
        return redirect(url_for("hearing.conversation", conversation_id=thread_id), 303)
    if is_id(back):
        return redirect(url_for("hearing.conversation", conversation_id=back), 303)
    return redirect(url_for("hearing.conversations"), 303)


@hearing.get("/cases")
def cases() -> str:
    """Open complaints, the shortest clock first."""
    return render_template("cases.html", cases=days.list_cases(context(), actor()))


@hearing.get("/cases/<uuid:case_id>")
def case(case_id: uuid.UUID) -> str:
    """One case, its clocks and steps."""
    return render_template("case.html", case=delivery.read_case(context(), actor(), case_id), typed="")


@hearing.post("/cases/<uuid:case_id>")
def act_on_case(case_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    """Write progress (public or internal), or close with a resolution."""
    text, act = request.form.get("text", ""), request.form.get("act", "note")
    try:
        if act == "close":
            case_acts.close_case(context(), actor(), case_id, text)
            flash(tr("已结案，回访任务已建。", "Closed; a call-back is due."), "ok")
        else:
            case_acts.add_note(context(), actor(), case_id, text, public=act == "public")
            flash(tr("已记录。", "Written down."), "ok")
    except (Refused, InputError) as error:
        flash(refusal(error), "error")
        found = delivery.read_case(context(), actor(), case_id)
        return render_template("case.html", case=found, typed=text), 409
    return redirect(url_for("hearing.case", case_id=case_id), 303)


@hearing.get("/tasks")
def task_list() -> str:
    """To-dos, the most urgent first."""
    rows = tasks.list_open(context(), actor(), locale=locale())
    return render_template(
        "tasks.html", groups=_by_time(rows), people=days.people_of_tasks(context(), rows), answers=ANSWERS
    )


@hearing.post("/tasks/<uuid:task_id>/answer")
def task_answer(task_id: uuid.UUID) -> AnyResponse:
    """Give a to-do that asks its answer."""
    try:
        answer_task(context(), actor(), task_id, request.form.get("answer", ""))
    except (Refused, InputError) as error:
        flash(refusal(error), "error")
    else:
        flash(tr("已记下，今后照此办理。", "Noted; it counts from now on."), "ok")
    return redirect(url_for("hearing.task_list"), 303)


@hearing.post("/tasks/<uuid:task_id>/done")
def task_done(task_id: uuid.UUID) -> AnyResponse:
    """Close a to-do with what came of it."""
    outcome = request.form.get("outcome", "done")
    try:
        tasks.complete_task(context(), actor(), task_id, outcome, request.form.get("note", ""))
    except Refused as error:
        flash(refusal(error), "error")
    else:
        is_missed = outcome == tasks.NOT_REACHED
        flash(
            tr("已记为没联系上。", "Noted as not reached.") if is_missed else tr("已完成。", "Done."),
            "ok",
        )
    return redirect(url_for("hearing.task_list"), 303)


def _by_time(rows: Sequence[TaskRow]) -> list[tuple[str, list[TaskRow]]]:
    """To-dos under what their clocks say: overdue, today, within a week, later; nothing for an empty part."""
    groups: dict[str, list[TaskRow]] = {}
    for row in rows:
        ahead = (row.due_at.astimezone(zone()).date() - today()).days
        if row.is_overdue:
            title = tr("已超时", "Overdue")
        elif ahead <= 0:
            title = tr("今天", "Today")
        else:
            title = tr("七天内", "Within a week") if ahead < _WEEK else tr("以后", "Later")
        groups.setdefault(title, []).append(row)
    return list(groups.items())


def fingerprint(thread: threads.Thread) -> str:
    """Changes with each new word and each change of a message's fate."""
    last = thread.items[-1] if thread.items else None
    fates = "".join(str(item.status or "")[:2] for item in thread.items[-20:])
    return f"{len(thread.items)}{fates}{last.at.timestamp() if last else ''}"
