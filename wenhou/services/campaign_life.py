"""The life of a campaign: draft → checked → approved → live → paused → finished, who may move it, and what that does.

A version goes draft → checked → approved → live → retired; the campaign has the state of its version in force, or of
the newest one before any was live. Nobody approves what they wrote; what sells, informs or asks two persons is
approved by compliance, everything else by compliance or a supervisor.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from store.audit import record
from store.campaigns import (
    NOT_YET_LIVE,
    add_campaign,
    add_version,
    drop_tasks,
    find_campaign,
    list_campaigns,
    newest_version,
    waiting_messages,
)
from store.database import Session
from store.models.campaigns import Campaign as CampaignRow
from store.models.campaigns import CampaignVersion
from store.transitions import Change, change_status
from store.waves import close_stops
from wenhou.core.actors import SYSTEM, Actor, Role
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import Approval, Campaign, OnceTrigger, RecurringTrigger, Step
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Event, Status
from wenhou.services import opinions
from wenhou.services.calendars import calendar_in_force
from wenhou.services.campaign_files import KEY, CampaignDocument, campaign_from_document, read_campaigns
from wenhou.services.campaign_surroundings import surroundings_of
from wenhou.services.campaign_writing import digest_of
from wenhou.services.campaigns import (
    check_may_write,
    freeze_once,
    get_campaign,
    keep_version,
    live_campaigns,
    make_live,
)
from wenhou.services.context import Context
from wenhou.services.yaml_reading import load_documents, plain

FINISHED = "campaign_finished"
_BATCH = 500
"""Messages cancelled in one transaction, so that the store's one write lock is never held for long."""
_STOPPERS = (Role.OPERATIONS, Role.COMPLIANCE, Role.SUPERVISOR)


def check_text(context: Context, text: str, file: str = "") -> list[CampaignDocument]:
    """The campaigns of a text as they would stand in this store; raises InputError with every fault."""
    with context.db.read() as session:
        return read_campaigns(text, file, surroundings=surroundings_of(context, session))


def save_draft(context: Context, actor: Actor, text: str) -> tuple[str, int]:
    """Keep a text, faults and all, as a draft of the campaign it names: (key, version). Raises InputError without a key."""
    check_may_write(actor)
    documents = load_documents(text, "")
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise InputError("a draft is one campaign: a block of `field: value` lines with its key")
    document = plain(documents[0])
    key = document.get("key")
    if not isinstance(key, str) or not KEY.match(key):
        raise InputError(
            "give the campaign a key first: lower-case letters, digits and _, e.g. spring_festival"
        )
    now = context.clock.now()
    with context.db.write() as session:
        row = find_campaign(session, key)
        if row is None:
            row = add_campaign(session, key=key, name=_name(document), purpose=_purpose(document), at=now)
        version = add_version(
            session,
            row,
            document=document,
            source=text,
            digest=hashlib.sha256(text.encode()).digest(),
            state="draft",
            by=actor.user_id,
            at=now,
        )
        details = {"key": key, "version": version.number}
        record(session, now, actor, "campaign.draft", "campaign", row.id, details)
        return key, version.number


def submit_text(context: Context, actor: Actor, text: str) -> tuple[str, int]:
    """Keep a text without faults as a checked version: (key, version); the next step is its approval."""
    check_may_write(actor)
    documents = check_text(context, text)
    if len(documents) != 1:
        raise InputError("give one campaign at a time")
    with context.db.write() as session:
        row, version, outcome = keep_version(session, context, actor, documents[0], state="checked")
        if outcome != "unchanged":
            details = {"key": row.key, "version": version.number}
            record(session, context.clock.now(), actor, "campaign.check", "campaign", row.id, details)
        return row.key, version.number


def check_draft(context: Context, actor: Actor, key: str) -> int:
    """Check the newest draft: without faults it waits for approval. Raises InputError with every fault."""
    check_may_write(actor)
    with context.db.write() as session:
        row = get_campaign(session, key)
        version = newest_version(session, row.id)
        if version is None or version.state != "draft":
            raise Refused(f"活动 {key} 没有待检查的草稿 (campaign {key} has no draft to check)")
        (document,) = read_campaigns(
            version.source, f"campaign {key}", surroundings=surroundings_of(context, session)
        )
        if document.campaign.key != key:
            raise InputError(f"the draft of {key} names itself {document.campaign.key}")
        version.state, version.checked_at = "checked", context.clock.now()
        version.document, version.digest = document.document, digest_of(document.campaign)
        _follow(row, version)
        _record(session, context, actor, "campaign.check", row, version)
        return version.number


def approve(context: Context, actor: Actor, key: str) -> int:
    """Agree, as the second person, to the newest checked version; who a one-time campaign speaks to is fixed now."""
    with context.db.write() as session:
        row = get_campaign(session, key)
        version = newest_version(session, row.id)
        if version is None or version.state != "checked":
            state = version.state if version else "empty"
            raise Refused(
                f"只能批准检查过的版本 (the newest version of {key} is {state}; only a checked one is approved)"
            )
        spec = campaign_from_document(version.document, key)
        check_may_approve(actor, spec, version.created_by)
        _check_day(session, context, key, spec)
        opinions.check(session, context, spec)
        opinions.keep(session, context, actor, row, spec)
        version.state, version.approved_by = "approved", actor.user_id
        version.approved_at = context.clock.now()
        _follow(row, version)
        freeze_once(session, context, version, spec)
        _record(session, context, actor, "campaign.approve", row, version)
        return version.number


def go_live(context: Context, actor: Actor, key: str) -> int:
    """Put the newest version into force. It must be approved, where the bank asks for a second person."""
    check_may_write(actor)
    with context.db.write() as session:
        row = get_campaign(session, key)
        version = newest_version(session, row.id)
        if version is None or version.state not in NOT_YET_LIVE:
            raise Refused(
                f"活动 {key} 没有等待生效的版本 (campaign {key} has no version that waits to go live; it is {row.state})"
            )
        needed = "approved" if context.campaigns_need_two else "checked"
        if version.state == "draft" or (needed == "approved" and version.state != "approved"):
            raise Refused(
                f"这一版还不能生效 (version {version.number} of {key} is {version.state}; it must be {needed} first)"
            )
        spec = campaign_from_document(version.document, key)
        _check_day(session, context, key, spec)
        opinions.check(session, context, spec)
        make_live(session, context, actor, row, version)
    context.submit("planning")
    return version.number


def pause_campaign(context: Context, actor: Actor, key: str, reason: str) -> None:
    """Nothing of this campaign leaves until it is resumed; messages stay as they are."""
    if actor.kind != "system" and not actor.has(*_STOPPERS):
        raise AccessDenied(
            "只有运营、合规和主管能暂停活动 (only operations, compliance or a supervisor pauses campaigns)"
        )
    if not reason.strip():
        raise InputError("请写明暂停的原因 (say why the campaign is paused: --reason)")
    with context.db.write() as session:
        row = get_campaign(session, key)
        if row.state != "live":
            raise Refused(
                f"活动 {key} 不在进行中，不能暂停 (campaign {key} is {row.state}, only a live one can be paused)"
            )
        row.state, row.paused_reason = "paused", reason.strip()
        row.updated_at = context.clock.now()
        record(session, context.clock.now(), actor, "campaign.pause", "campaign", row.id, {"key": key})


def resume_campaign(context: Context, actor: Actor, key: str) -> None:
    """Let a paused campaign go on."""
    check_may_write(actor)
    with context.db.write() as session:
        row = get_campaign(session, key)
        if row.state != "paused":
            raise Refused(
                f"活动 {key} 没有暂停 (campaign {key} is {row.state}, only a paused one can be resumed)"
            )
        row.state, row.paused_reason = "live", None
        row.updated_at = context.clock.now()
        close_stops(session, row.id, by=actor.user_id, at=context.clock.now())  # its runs are measured anew
        record(session, context.clock.now(), actor, "campaign.resume", "campaign", row.id, {"key": key})


def finish_campaign(context: Context, actor: Actor, key: str) -> int:
    """End a campaign: it plans nothing more, and what still waits is cancelled; how many messages that was."""
    check_may_write(actor)
    with context.db.write() as session:
        row = get_campaign(session, key)
        if row.state == "finished":
            raise Refused(f"活动 {key} 已经结束 (campaign {key} has ended already)")
        _finish(session, context, actor, row)
        campaign_id = row.id
    return _cancel_waiting(context, actor, campaign_id)


def finish_past(context: Context) -> list[str]:
    """End campaigns whose last day is over, and cancel what an interrupted ending left; the keys that ended now.

    Cheap where there is nothing to do: for the leader, once an hour.
    """
    today = context.clock.now().astimezone(context.bank.zone).date()
    with context.db.read() as session:
        workdays = calendar_in_force(session).work_calendar()
        over = [row.key for row, spec in live_campaigns(session) if _is_over(spec, today, workdays)]
        ended = [row.id for row in list_campaigns(session, states=("finished",))]
    for key in over:
        finish_campaign(context, SYSTEM, key)
    for campaign_id in ended:
        _cancel_waiting(context, SYSTEM, campaign_id)
    return over


def check_may_approve(actor: Actor, spec: Campaign, author: uuid.UUID | None) -> None:
    """Raise AccessDenied or Refused unless this person may agree to what another one wrote."""
    if not may_approve(actor, spec):
        who = "compliance" if needs_compliance(spec) else "compliance or a supervisor"
        raise AccessDenied(f"only {who} approves campaign {spec.key}")
    if author is not None and author == actor.user_id:
        raise Refused(
            "写的人不能批准自己的活动，请另一位同事批准 (nobody approves what they wrote; ask a second person)"
        )


def may_approve(actor: Actor, spec: Campaign) -> bool:
    """Whether the person's roles allow it; whether they wrote it is another question."""
    return actor.has(Role.COMPLIANCE) or (not needs_compliance(spec) and actor.has(Role.SUPERVISOR))


def needs_compliance(spec: Campaign) -> bool:
    """What sells or informs, names a product, or is to be read by two persons."""
    return (
        spec.purpose in (Purpose.MARKETING, Purpose.INFORMATION)
        or spec.approval is Approval.TWO_PERSONS
        or spec.product is not None
    )


def _finish(session: Session, context: Context, actor: Actor, row: CampaignRow) -> None:
    now = context.clock.now()
    row.state, row.paused_reason, row.updated_at = "finished", None, now
    version = session.get(CampaignVersion, row.current_version_id) if row.current_version_id else None
    newest = newest_version(session, row.id)
    for one in (version, newest):
        if one is not None and one.state != "retired":
            one.state, one.ended_at = "retired", now
    drop_tasks(session, row.id, outcome=FINISHED, at=now)
    record(session, now, actor, "campaign.finish", "campaign", row.id, {"key": row.key})


def _cancel_waiting(context: Context, actor: Actor, campaign_id: uuid.UUID) -> int:
    """Batch by batch, until a batch finds nothing that still could be cancelled."""
    cancelled = 0
    while True:
        with context.db.read() as session:
            if not waiting_messages(session, campaign_id, most=1):
                return cancelled
        with context.db.write() as session:
            changes = [
                Change(
                    message_id=message_id,
                    was=Status(status),
                    event=Event.CANCEL,
                    actor=actor.label,
                    reason=FINISHED,
                    requires={"claim_until": None},
                )
                for message_id, status in waiting_messages(session, campaign_id, most=_BATCH)
            ]
            moved = change_status(session, changes, context.clock.now())
        cancelled += len(moved)
        if not moved:
            return cancelled


def _is_over(spec: Campaign, today: date, workdays: WorkCalendar) -> bool:
    """Whether no message of it may leave any more."""
    match spec.trigger:
        case OnceTrigger(on=on):
            return today > _last_day(spec, on, workdays)
        case RecurringTrigger(last_on=date() as last_on):
            return today > _last_day(spec, last_on, workdays)
        case _:
            return False


def _last_day(spec: Campaign, first: date, workdays: WorkCalendar) -> date:
    """The day on which the last message of a run on `first` may still leave."""

    def day_of(step: Step) -> date:
        begins = first if step.after is None else day_of(spec.step(step.after))
        return workdays.add_workdays(begins + timedelta(days=step.wait_days), step.wait_workdays)

    return max(day_of(step) + timedelta(days=step.valid_days + spec.late_days) for step in spec.steps)


def _check_day(session: Session, context: Context, key: str, spec: Campaign) -> None:
    today = context.clock.now().astimezone(context.bank.zone).date()
    if _is_over(spec, today, calendar_in_force(session).work_calendar()):
        raise Refused(
            f"活动 {key} 的最后一天已过，请先改日期 (the last day of campaign {key} is over; write a new day first)"
        )


def _follow(row: CampaignRow, version: CampaignVersion) -> None:
    """A campaign that never was live has the state of its newest version."""
    if row.state in NOT_YET_LIVE:
        row.state = version.state


def _record(
    session: Session, context: Context, actor: Actor, act: str, row: CampaignRow, version: CampaignVersion
) -> None:
    details = {"key": row.key, "version": version.number}
    record(session, context.clock.now(), actor, act, "campaign", row.id, details)


def _name(document: Mapping[str, object]) -> str:
    name = document.get("name")
    said = name.get("zh-CN") if isinstance(name, Mapping) else name
    return str(said or document["key"])[:100]


def _purpose(document: Mapping[str, object]) -> str:
    """A draft may not yet say one; a campaign has one by the time it is live."""
    said = document.get("purpose")
    return str(said) if said in set(Purpose) else Purpose.SERVICE
