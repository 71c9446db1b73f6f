"""What an approver reads: the list, one message with every channel's words, its gates and its votes."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from store import access, overview
from store import approvals as votes
from store.access import Cursor
from store.database import Session
from store.models.customers import Customer, PersonalDate
from store.models.messages import Message
from store.orgs import paths_of
from wenhou.core import sms_text
from wenhou.core.actors import Actor
from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.calendars.festivals import FestivalDay
from wenhou.core.calendars.lunar import format_lunar, name_month_day, to_lunar
from wenhou.core.channels import EMAIL, SMS, Content
from wenhou.core.errors import AccessDenied
from wenhou.core.policy.gates import GateResult
from wenhou.core.policy.trace import decode_trace
from wenhou.core.statuses import Status
from wenhou.services.approvals import why_not_in_bulk
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context
from wenhou.services.deciding import refusal_to_vote
from wenhou.services.editing import filed_choices
from wenhou.services.wording import complete, editable, is_filed

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the queue. `amber`: the code of why it wants a look of its own, None when it is green."""

    id: uuid.UUID
    content_hash: str
    customer_ref: str
    customer_name: str
    tier: str
    campaign: str
    occasion: str
    occasion_en: str
    channel: str
    due_at: datetime
    level: int
    approvals: int
    amber: str | None
    first_line: str
    is_edited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the queue; `following` is the cursor of the next one."""

    rows: tuple[Row, ...]
    following: Cursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The stored words of one channel as a customer would read them. `body` is the part a person may change.

    `choices`: on a line that carries only filed texts, those that may be chosen instead, this one first.
    """

    channel: str
    sender: str
    subject: str | None
    text: str
    body: str
    parts: int
    units: int
    may_edit: bool
    choices: tuple[FiledOption, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One variable of a filed text: what it is called, its longest value (0: not stated) and its value now."""

    name: str
    label: str
    most: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledOption:
    """A filed text that may be chosen. `text` as it was filed, gaps and all."""

    code: str
    wording: str
    text: str
    gaps: tuple[Gap, ...]
    is_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An earlier message to this customer."""

    id: uuid.UUID
    campaign: str
    planned_for: date
    channel: str
    status: Status
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message whole. `refusal`: why this person cannot give the next approval, None when they can."""

    row: Row
    status: Status
    reason: str | None
    purpose: str
    previews: tuple[Preview, ...]
    gates: tuple[GateResult, ...]
    voters: tuple[tuple[str, datetime], ...]
    past: tuple[Past, ...]
    refusal: str | None
    expires_at: datetime
    not_before: datetime
    editor: str | None
    risk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPreview:
    """What approving all green ones would do: how many, and what stays behind or was left out, by code."""

    green: int
    left: Mapping[str, int]
    stopped: Mapping[str, int]


def list_rows(
    context: Context,
    actor: Actor,
    *,
    campaign: str | None = None,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> Page:
    """What waits for this person, the nearest window first. Empty for who approves nothing."""
    try:
        with context.db.read() as session:
            found = access.list_queue(session, actor, campaign=campaign, after=after, limit=limit)
            rows = tuple(_rows(session, context, found))
    except AccessDenied:
        return Page(rows=(), following=None)
    last = found[-1][0] if len(found) == limit else None
    return Page(rows=rows, following=(last.due_at, last.id) if last is not None else None)


def read_item(context: Context, actor: Actor, message_id: uuid.UUID) -> Item:
    """One message with everything an approver needs; AccessDenied out of sight."""
    with context.db.read() as session:
        standing = votes.load_standing(session, actor, message_id, lock=False)
        message = access.find_message(session, actor, message_id)
        if message is None and (standing is None or not standing.may_see):
            raise AccessDenied("没有这条消息 (no such message)")
        message = message or standing.message if standing else message
        if message is None or standing is None:
            raise AccessDenied("没有这条消息 (no such message)")
        customer = session.get_one(Customer, message.customer_id)
        contents = access.open_contents(session, context.vault, message.id)
        given = votes.list_votes(session, message.id)
        refusal = refusal_to_vote(actor, standing, [vote.user_id for vote in given])
        _, gates = decode_trace(message.trace) if message.trace else (0, ())
        return Item(
            row=next(iter(_rows(session, context, [(message, customer)]))),
            status=Status(message.status),
            reason=message.reason,
            purpose=message.purpose,
            previews=tuple(_preview(session, content, message) for content in contents),
            gates=gates,
            voters=tuple((vote.name, vote.at) for vote in given),
            past=tuple(_past(session, message)),
            refusal=refusal,
            expires_at=message.expires_at,
            not_before=message.not_before,
            editor=overview.user_names(session, [message.edited_by]).get(message.edited_by)
            if message.edited_by
            else None,
            risk=message.risk,
        )


def mail_html(context: Context, actor: Actor, message_id: uuid.UUID) -> str | None:
    """The HTML of a message's mail, made from its skeleton; None when it has none."""
    with context.db.read() as session:
        standing = votes.load_standing(session, actor, message_id, lock=False)
        if access.find_message(session, actor, message_id) is None and not (standing and standing.may_see):
            raise AccessDenied("没有这条消息 (no such message)")
        contents = access.open_contents(session, context.vault, message_id)
    mail = next((content for content in contents if content.channel == EMAIL), None)
    return complete(mail).html if mail is not None else None


def bulk_preview(context: Context, actor: Actor) -> BulkPreview:
    """The counts behind the one honest sentence before many are approved at once."""
    today = context.clock.now().astimezone(context.bank.zone).date()
    with context.db.read() as session:
        found = votes.list_waiting(session, actor)
        left = Counter(why for message in found if (why := why_not_in_bulk(message)) is not None)
        stopped = overview.count_stopped(session, actor, since=today)
    return BulkPreview(green=len(found) - left.total(), left=dict(left), stopped=stopped)


def festivals_near(
    calendar: DatedCalendar, day: date, dedupe_key: str, org_path: str | None
) -> tuple[FestivalDay, ...]:
    """What is kept that day or the next in a part of the bank: a greeting may leave on the eve.

    A festival that only those keep who chose it is named by its own greetings alone: beside other words it would
    say of a customer what nobody knows.
    """
    return tuple(
        found
        for ahead in (0, 1)
        for found in calendar.festivals_on(day + timedelta(days=ahead), org_path)
        if not calendar.is_chosen_only(found.key) or dedupe_key.startswith(found.key)
    )


def occasion_words(day: date, dedupe_key: str, near: Sequence[FestivalDay] = ()) -> str:
    """The day in words: 农历八月初三 → 9月13日, 春节, or plainly the date. `near`: as `festivals_near` found."""
    plain = f"{day.month}月{day.day}日"
    if ":lunar:" in dedupe_key:
        return f"{format_lunar(day)} → {plain}"
    if dedupe_key.startswith("birthday"):
        return f"公历{plain}"
    return f"{near[0].name} → {plain}" if near else plain


def occasion_in_english(day: date, dedupe_key: str, near: Sequence[FestivalDay] = ()) -> str:
    """The day in words: lunar birthday → 13 Sep, Spring Festival → 6 Feb."""
    plain = f"{day.day} {day:%b}"
    if ":lunar:" in dedupe_key:
        lunar = to_lunar(day)
        return f"{lunar_in_english(lunar.month, lunar.day, leap=lunar.is_leap_month)} → {plain}"
    if dedupe_key.startswith("birthday"):
        return plain
    return f"{near[0].name_en} → {plain}" if near else plain


def lunar_words(month: int, day: int, *, leap: bool) -> str:
    """A lunar month and day: 闰四月初五."""
    return name_month_day(month, day, leap=leap)


def lunar_in_english(month: int, day: int, *, leap: bool) -> str:
    """A lunar month and day: lunar 4/5, leap month."""
    return f"lunar {month}/{day}{', leap month' if leap else ''}"


def birthday_words(row: PersonalDate) -> tuple[str, str]:
    """A day as the customer keeps it, in Chinese and English."""
    if row.calendar == "lunar":
        zh = lunar_words(row.month, row.day, leap=row.is_leap_month)
        return f"农历{zh}", lunar_in_english(row.month, row.day, leap=row.is_leap_month)
    return f"公历{row.month}月{row.day}日", f"{row.day} {date(2000, row.month, row.day):%b}"


def _rows(session: Session, context: Context, found: Sequence[tuple[Message, Customer]]) -> list[Row]:
    campaigns = overview.campaigns_of(session, [message.campaign_id for message, _ in found])
    contents = access.open_many_contents(session, context.vault, [message for message, _ in found])
    calendar = calendar_in_force(session)
    paths = paths_of(session, [message.org_id for message, _ in found])
    rows = []
    for message, customer in found:
        words = contents[message.id]
        path = paths.get(message.org_id) if message.org_id else None
        near = festivals_near(calendar, message.planned_for, message.dedupe_key, path)
        campaign = campaigns.get(message.campaign_id) if message.campaign_id else None
        rows.append(
            Row(
                id=message.id,
                content_hash=(message.content_hash or b"").hex(),
                customer_ref=customer.external_ref,
                customer_name=customer.name,
                tier=customer.tier or "",
                campaign=campaign.name if campaign else "",
                occasion=occasion_words(message.planned_for, message.dedupe_key, near),
                occasion_en=occasion_in_english(message.planned_for, message.dedupe_key, near),
                channel=message.channel or "",
                due_at=message.due_at,
                level=message.level,
                approvals=message.approvals,
                amber=why_not_in_bulk(message),
                first_line=_first_line(words, message),
                is_edited=message.edited_by is not None,
            )
        )
    return rows


def _first_line(contents: Sequence[Content], message: Message) -> str:
    chosen = next(
        (one for one in contents if one.channel == message.channel), contents[0] if contents else None
    )
    if chosen is None:
        return ""
    return editable(chosen, message.purpose).replace("\n", " ")[:60]


def _options(session: Session, content: Content, message: Message) -> tuple[FiledOption, ...]:
    """What may stand in place of a filed text, with the values known now; the one in place first."""
    if not is_filed(content) or message.status != Status.PROPOSED:
        return ()
    options = [
        FiledOption(
            code=one.filed.code,
            wording=one.wording,
            text=one.filed.text,
            gaps=tuple(
                Gap(
                    name=name,
                    label=one.labels.get(name, name),
                    most=one.filed.most(name),
                    value=content.parameters.get(name, ""),
                )
                for name in one.filed.names
            ),
            is_now=one.filed.code == content.provider_template,
        )
        for one in filed_choices(session, content, message).values()
    ]
    return tuple(sorted(options, key=lambda one: (not one.is_now, one.code)))


def _preview(session: Session, content: Content, message: Message) -> Preview:
    purpose = message.purpose
    is_sms = content.channel == SMS
    segments = sms_text.split_text(content.text) if is_sms else None
    shown = complete(content)
    return Preview(
        channel=content.channel,
        sender=content.sender,
        subject=content.subject,
        text=shown.text,
        body=editable(content, purpose),
        parts=len(segments.parts) if segments else 1,
        units=segments.units if segments else len(content.text),
        may_edit=content.channel == EMAIL or content.provider_template is None,
        choices=_options(session, content, message),
    )


def _past(session: Session, message: Message) -> list[Past]:
    found = [
        one for one in overview.last_messages(session, message.customer_id, limit=6) if one.id != message.id
    ][:5]
    campaigns = overview.campaigns_of(session, [one.campaign_id for one in found])
    return [
        Past(
            id=one.id,
            campaign=campaigns[one.campaign_id].name if one.campaign_id in campaigns else one.origin,
            planned_for=one.planned_for,
            channel=one.channel or "",
            status=Status(one.status),
            reason=one.reason,
        )
        for one in found
    ]
