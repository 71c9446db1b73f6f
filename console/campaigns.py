"""Campaigns as operations and compliance see them: what each does, its versions, and its text to change and approve."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from console.faults import divided, in_chinese
from console.presenting import is_chinese, refusal, tr
from console.sessions import actor, context, require_sign_in
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import InputError, Refused
from wenhou.services import campaign_life, campaign_views
from wenhou.services.campaign_reading import faults_of
from wenhou.services.campaigns import check_may_write
from wenhou.services.context import Context

campaigns = Blueprint("campaigns", __name__)
campaigns.before_request(require_sign_in)

_Fault = tuple[object, object, str]
"""Line and column, None where a fault has no place, and what is wrong in the page's language."""
_STARTER = """\
key: my_campaign
name: {zh-CN: 活动名称, en: Name of the campaign}
purpose: care
trigger: {type: festival, festival: mid_autumn, days_before: 1}
audience:
  all:
    - {field: state, is: [active]}
    - {field: is_staff, is: false}
template: mid_autumn
channels: [wechat, wecom, sms]
approval: advisor
"""
_ACTS: dict[str, tuple[Callable[[Context, Actor, str], object], str, str]] = {
    "check": (
        campaign_life.check_draft,
        "草稿检查通过，等待审批。",
        "The draft is sound; it waits for approval.",
    ),
    "approve": (campaign_life.approve, "已批准。", "Approved."),
    "live": (campaign_life.go_live, "已生效。", "Live."),
    "resume": (campaign_life.resume_campaign, "已恢复。", "It goes on."),
    "finish": (
        campaign_life.finish_campaign,
        "活动已结束，没发出的已取消。",
        "Ended; what waited is cancelled.",
    ),
}


@campaigns.get("/campaigns")
def index() -> str:
    """Every campaign: when it comes, where it stands, and whether a version waits."""
    lines = campaign_views.list_lines(context(), actor())
    return render_template("campaigns.html", lines=lines, may_write=actor().has(Role.OPERATIONS))


@campaigns.get("/campaigns/new")
def new() -> str:
    """A text to begin with."""
    check_may_write(actor())
    return _page(None, _STARTER)


@campaigns.get("/campaigns/<key>")
def one(key: str) -> str:
    """One campaign whole."""
    return _page(_found(key))


@campaigns.get("/campaigns/<key>/versions/<int:before>/<int:after>")
def versions(key: str, before: int, after: int) -> str:
    """What differs in meaning between two versions."""
    try:
        said = campaign_views.diff_versions(context(), actor(), key, before, after)
    except InputError:
        raise NotFound from None
    return _page(_found(key), difference=(before, after, said.splitlines()))


@campaigns.post("/campaigns/text")
def write() -> AnyResponse | str:
    """Check the text as it stands, keep it as a draft, or hand it on for approval."""
    check_may_write(actor())
    text = request.form.get("text", "").replace("\r\n", "\n")
    act, key = request.form.get("act", "check"), request.form.get("key", "")
    try:
        if act == "draft":
            key, number = campaign_life.save_draft(context(), actor(), text)
            flash(tr(f"已存为草稿，第 {number} 版。", f"Kept as a draft, version {number}."), "ok")
        elif act == "submit":
            key, number = campaign_life.submit_text(context(), actor(), text)
            flash(tr(f"第 {number} 版检查通过。", f"Version {number} is sound."), "ok")
        else:
            found = campaign_life.check_text(context(), text)
            remarks = [_said(*divided(said)) for one in found for said in one.remarks]
            return _page(_found(key) if key else None, text, checked=True, remarks=remarks)
    except InputError as error:
        faults = [_said(fault.line, fault.column, fault.sentence) for fault in faults_of(error)]
        return _page(_found(key) if key else None, text, faults=faults)
    return redirect(url_for("campaigns.one", key=key), 303)


@campaigns.post("/campaigns/<key>/pause")
def pause(key: str) -> AnyResponse:
    """Let nothing of it leave."""
    return _do(
        key,
        lambda: campaign_life.pause_campaign(context(), actor(), key, request.form.get("reason", "")),
        tr("已暂停，消息留在原处。", "Paused; its messages stay."),
    )


@campaigns.post("/campaigns/<key>/<word>")
def act(key: str, word: str) -> AnyResponse:
    """Check, approve, put into force, resume or end."""
    if word not in _ACTS:
        raise NotFound
    do, zh, en = _ACTS[word]
    return _do(key, lambda: do(context(), actor(), key), tr(zh, en))


def _do(key: str, do: Callable[[], object], said: str) -> AnyResponse:
    try:
        do()
    except Refused as error:
        flash(refusal(error), "error")
    except InputError as error:
        for fault in faults_of(error):
            line, column, said = _said(fault.line, fault.column, refusal(fault.sentence))
            place = tr(f"第 {line} 行第 {column} 列：", f"line {line}, column {column}: ") if line else ""
            flash(f"{place}{said}", "error")
    else:
        flash(said, "ok")
    return redirect(url_for("campaigns.one", key=key), 303)


def _said(line: object, column: object, sentence: str) -> _Fault:
    return line, column, in_chinese(sentence) if is_chinese() else sentence


def _found(key: str) -> campaign_views.Whole:
    try:
        return campaign_views.show_campaign(context(), actor(), key)
    except InputError:
        raise NotFound from None


def _page(
    found: campaign_views.Whole | None,
    text: str | None = None,
    *,
    faults: Sequence[_Fault] = (),
    remarks: Sequence[_Fault] = (),
    checked: bool = False,
    difference: tuple[int, int, list[str]] | None = None,
) -> str:
    """The page of a campaign, or of a text that is none yet."""
    return render_template(
        "campaign.html",
        found=found,
        text=text if text is not None else found.text if found else "",
        faults=faults,
        remarks=remarks,
        checked=checked,
        difference=difference,
        may_write=actor().has(Role.OPERATIONS),
        may_pause=actor().has(Role.OPERATIONS, Role.COMPLIANCE, Role.SUPERVISOR),
    )
