"""Today and the queue: what an advisor opens in the morning."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.presenting import is_id, locale, now, refusal, tr, zone
from console.security import MAIL_POLICY
from console.sessions import actor, context, require_sign_in
from wenhou.core.errors import InputError, Refused
from wenhou.services import approvals, desk_notices, queue_items
from wenhou.services import today as days
from wenhou.services.approvals import Edit
from wenhou.services.desk_notices import MourningLine, Notice
from wenhou.services.edit_faults import EditRefused
from wenhou.services.queue_items import Page, Preview

desk = Blueprint("desk", __name__)
desk.before_request(require_sign_in)
_TOP = 50


@desk.get("/")
def today() -> str:
    """今天: how much waits, about how long, in the order of its clocks."""
    return render_template("today.html", **_today())


@desk.get("/fragments/nav")
def nav() -> AnyResponse | str:
    """The navigation's counts; nothing when they are as the page knows them."""
    waiting = days.count_waiting(context(), actor())
    seen = f"{waiting.approvals}-{waiting.replies}-{waiting.cases}-{waiting.tasks}"
    if request.args.get("seen") == seen:
        return Response(status=204)
    return render_template("_nav.html", waiting=waiting, at=request.args.get("at", ""))


@desk.get("/fragments/today")
def today_fragment() -> AnyResponse | str:
    """Today's lists again when something moved."""
    found = _today()
    if request.args.get("seen") == fingerprint(**found):
        return Response(status=204)
    return render_template("_today.html", **found)


@desk.get("/queue")
def queue() -> AnyResponse | str:
    """The list, its first message open beside it on a desk."""
    return _queue_page(None)


@desk.get("/queue/<uuid:message_id>")
def item(message_id: uuid.UUID) -> AnyResponse | str:
    """One message beside the list."""
    return _queue_page(message_id)


@desk.get("/queue/<uuid:message_id>/pane")
def pane(message_id: uuid.UUID) -> str:
    """One message alone, for moving through the list."""
    return render_template("_item.html", item=queue_items.read_item(context(), actor(), message_id))


@desk.get("/queue/<uuid:message_id>/mail")
def mail(message_id: uuid.UUID) -> Response:
    """A mail as its reader sees it, locked in."""
    html = queue_items.mail_html(context(), actor(), message_id) or ""
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@desk.post("/queue/<uuid:message_id>/approve")
def approve(message_id: uuid.UUID) -> AnyResponse:
    """Agree to the words that were on the screen."""
    following = _after(message_id)
    try:
        done = approvals.approve(context(), actor(), message_id, _hash(request.form.get("hash")))
    except Refused as error:
        return _say_no(error, url_for("desk.item", message_id=message_id))
    if done.status == "proposed":
        flash(tr("已批准，等第二位同事。", "Approved; a second person is needed."), "ok")
    else:
        session["undo"] = [str(message_id)]
        flash(tr("已批准。", "Approved."), "ok")
    return _on(following)


@desk.post("/queue/<uuid:message_id>/undo")
def undo(message_id: uuid.UUID) -> AnyResponse:
    """Take an approval back while it can be."""
    session.pop("undo", None)
    try:
        approvals.undo(context(), actor(), message_id)
    except Refused as error:
        return _say_no(error, url_for("desk.queue"))
    flash(tr("已撤回，这条回到待审批。", "Taken back; it waits again."), "ok")
    return redirect(url_for("desk.item", message_id=message_id), 303)


@desk.post("/queue/<uuid:message_id>/reject")
def reject(message_id: uuid.UUID) -> AnyResponse:
    """Say no with a reason; having greeted in person is one."""
    following, reason = _after(message_id), request.form.get("reason", "")
    try:
        if reason == "already_greeted":
            approvals.greeted_in_person(context(), actor(), message_id)
        else:
            approvals.reject(context(), actor(), message_id, reason)
    except Refused as error:
        return _say_no(error, url_for("desk.item", message_id=message_id))
    flash(tr("已退回，不会发送。", "Rejected; it will not be sent."), "ok")
    return _on(following)


@desk.post("/queue/<uuid:message_id>/snooze")
def snooze(message_id: uuid.UUID) -> AnyResponse:
    """Look at it again in two hours, or tomorrow morning."""
    following = _after(message_id)
    until = now() + timedelta(hours=2)
    if request.form.get("until") == "tomorrow":
        local = now().astimezone(zone()) + timedelta(days=1)
        until = datetime.combine(local.date(), time(9, 0), tzinfo=zone())
    try:
        approvals.snooze(context(), actor(), message_id, until)
    except Refused as error:
        return _say_no(error, url_for("desk.item", message_id=message_id))
    flash(tr("已推迟。", "Put off."), "ok")
    return _on(following)


@desk.post("/queue/<uuid:message_id>/edit")
def edit(message_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    """Change the words; a refusal keeps what was typed on the page."""
    item = queue_items.read_item(context(), actor(), message_id)
    typed = {
        preview.channel: _typed(preview) for preview in item.previews if preview.may_edit or preview.choices
    }
    changed = {
        preview.channel: typed[preview.channel]
        for preview in item.previews
        if preview.channel in typed and _differs(preview, typed[preview.channel])
    }
    if not changed:
        flash(tr("没有改动。", "Nothing was changed."), "ok")
        return redirect(url_for("desk.item", message_id=message_id), 303)
    try:
        approvals.edit(context(), actor(), message_id, changed, _hash(request.form.get("hash")))
    except (Refused, InputError) as error:
        faults = error.faults if isinstance(error, EditRefused) else ()
        unsaved = tr(
            "没有保存，哪里不行写在上面。", "Nothing was saved; what is wrong stands above the words."
        )
        flash(unsaved if faults else refusal(error), "error")
        page = queue_items.list_rows(context(), actor(), limit=_TOP)
        return render_template(
            "queue.html", page=page, item=item, typed=typed, faults=faults, alone=True
        ), 409
    flash(tr("已修改，请再看一遍后批准。", "Changed; look once more and approve."), "ok")
    return redirect(url_for("desk.item", message_id=message_id), 303)


@desk.post("/queue/approve-many")
def approve_many() -> AnyResponse:
    """Agree to the selected ones, each to the words of its hash."""
    chosen = [value.partition(":") for value in request.form.getlist("item")]
    pairs = [(uuid.UUID(key), _hash(digest)) for key, _, digest in chosen if is_id(key)]
    done = approvals.approve_many(context(), actor(), pairs)
    flash(tr(f"已批准 {len(done.approved)} 条。", f"{len(done.approved)} approved."), "ok")
    for sentence in sorted({refusal(text) for text in done.refused.values()}):
        flash(sentence, "error")
    return redirect(url_for("desk.queue"), 303)


@desk.get("/queue/approve-all")
def confirm_all() -> str:
    """One honest sentence before many are approved at once."""
    return render_template("approve_all.html", bulk=queue_items.bulk_preview(context(), actor()))


@desk.post("/queue/approve-all")
def approve_all() -> AnyResponse:
    """Agree to every green one, if there are as many as the sentence said."""
    bulk = queue_items.bulk_preview(context(), actor())
    if request.form.get("green") != str(bulk.green):
        flash(tr("数量刚刚变了，请再看一眼。", "The number changed just now; look again."), "error")
        return redirect(url_for("desk.confirm_all"), 303)
    done = approvals.approve_all(context(), actor())
    flash(tr(f"已批准 {done.approved} 条。", f"{done.approved} approved."), "ok")
    return redirect(url_for("desk.queue"), 303)


def _queue_page(message_id: uuid.UUID | None) -> AnyResponse | str:
    campaign = request.args.get("campaign") or None
    page = queue_items.list_rows(context(), actor(), campaign=campaign, after=_cursor(), limit=_TOP)
    shown = message_id or (page.rows[0].id if page.rows else None)
    item = queue_items.read_item(context(), actor(), shown) if shown else None
    return render_template("queue.html", page=page, item=item, typed={}, alone=message_id is not None)


def _cursor() -> tuple[datetime, uuid.UUID] | None:
    at, key = request.args.get("after", ""), request.args.get("id", "")
    try:
        instant = datetime.fromisoformat(at)
        return (instant.astimezone(UTC), uuid.UUID(key)) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _after(message_id: uuid.UUID) -> uuid.UUID | None:
    """The message below this one in the list, or the one above."""
    page: Page = queue_items.list_rows(context(), actor(), limit=_TOP)
    ids = [row.id for row in page.rows]
    if message_id not in ids:
        return ids[0] if ids else None
    place = ids.index(message_id)
    rest = ids[place + 1 :] or ids[:place][-1:]
    return rest[0] if rest else None


def _on(following: uuid.UUID | None) -> AnyResponse:
    if following is None:
        return redirect(url_for("desk.queue"), 303)
    return redirect(url_for("desk.item", message_id=following), 303)


def _say_no(error: Exception, back: str) -> AnyResponse:
    flash(refusal(error), "error")
    return redirect(back, 303)


def _hash(text: str | None) -> bytes:
    try:
        return bytes.fromhex(text or "")
    except ValueError:
        return b""


def _typed(preview: Preview) -> Edit:
    """What the form says of one channel: free words, or a filed text and its variables."""
    channel = preview.channel
    if not preview.choices:
        return Edit(
            text=request.form.get(f"text-{channel}", preview.body),
            subject=request.form.get(f"subject-{channel}"),
        )
    now = next((one.code for one in preview.choices if one.is_now), None)
    code = request.form.get(f"filed-{channel}", now or "")
    chosen = next((one for one in preview.choices if one.code == code), None)
    gaps = chosen.gaps if chosen else ()
    values = {gap.name: request.form.get(f"gap-{channel}-{code}-{gap.name}", gap.value) for gap in gaps}
    return Edit(filed=code, values=values)


def _differs(preview: Preview, typed: Edit) -> bool:
    if preview.choices:
        chosen = next((one for one in preview.choices if one.code == typed.filed), None)
        if chosen is None or not chosen.is_now:
            return True
        return any(typed.values.get(gap.name, "").strip() != gap.value for gap in chosen.gaps)
    words = typed.text.replace("\r\n", "\n").strip()
    subject = preview.subject or ""
    return words != preview.body.strip() or (typed.subject is not None and typed.subject.strip() != subject)


def fingerprint(
    today: days.Today, notices: Sequence[Notice] = (), mourning: Sequence[MourningLine] = ()
) -> str:
    """Changes with any count of the page, any notice and any day of mourning."""
    waiting = today.waiting
    counts = (waiting.approvals, waiting.replies, waiting.cases, waiting.tasks, len(today.held))
    told = "".join(one.id.hex[-6:] if one.id else one.kind for one in notices)
    rest = "".join(f"{one.from_on:%m%d}{one.is_in_force:d}" for one in mourning)
    return "-".join([*map(str, counts), told, rest])


def _today() -> dict[str, Any]:
    return {
        "today": days.read_today(context(), actor(), locale=locale()),
        "notices": desk_notices.list_notices(context(), actor(), locale=locale()),
        "mourning": desk_notices.list_mourning(context(), actor()),
    }
