"""A test send: a template's sample words to one's own phone, through the real line. Never to a customer, never counted.

The only trace is the audit, written and committed before the call; at most `MOST_A_DAY` a person and day. Orders to
stop, paused accounts and the shared rate hold for tests as for customers.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from store.accounts import paused_accounts, take_tokens
from store.audit import record
from store.stops import current_stops
from store.test_sends import ACT, count_test_sends
from store.users import find_user_by_id
from wenhou.core.actors import Actor
from wenhou.core.addresses import AddressInvalid, mask_phone, normalise_phone
from wenhou.core.channels import (
    CHANNEL_NAMES,
    SMS,
    Accepted,
    ChannelFault,
    Content,
    Outcome,
    OutgoingMessage,
    Permanent,
    Sender,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.errors import AccessDenied, Refused, SendError
from wenhou.core.ids import new_id
from wenhou.services.context import Context
from wenhou.services.preview_types import ChannelLook, Preview, Wanted
from wenhou.services.template_preview import preview
from wenhou.services.wording import Edit, apply_edit, editable

MARK, SMS_MARK = "【测试】", "（测试）"
"""Put before a test's words; an SMS may hold 【】 only as its signature."""
MOST_A_DAY = 20
_VALID = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSent:
    """What became of a test. `outcome`: accepted, refused (with the line's `code`) or unknown; the address masked."""

    template: str
    version: int
    wording: str
    channel: str
    to: str
    outcome: str
    code: str
    left_today: int


def send_test(context: Context, actor: Actor, wanted: Wanted, channel: str, sender: Sender) -> TestSent:
    """Send sample words to oneself. Refused: no address of one's own there, too many today, the line stands still."""
    if actor.user_id is None:
        raise AccessDenied("测试只能发给本人 (a test goes to the person who asks for it)")
    address, name = _own_address(context, actor.user_id, channel)
    shown = preview(context, actor, replace(wanted, customer=None))
    content = _content(shown, _look(shown, channel))
    attempt = new_id()
    left = _open(context, actor, shown, sender, attempt)
    outgoing = OutgoingMessage(
        message_id=new_id(),
        attempt_id=attempt,
        reference=context.vault.reference_of(attempt),
        address=address,
        display_name=name,
        content=content,
        purpose=shown.purpose,
        deadline=context.clock.now() + _VALID,
    )
    try:
        outcome: Outcome = sender.send([outgoing]).get(attempt, Unknown(code="not_in_answer"))
    except SendError as error:
        outcome = Unknown(code=error.code)
    word, code = _said(outcome)
    with context.db.write() as session:
        details = {"attempt": attempt.hex, "outcome": word, "code": code}
        record(session, context.clock.now(), actor, "template.test_outcome", "user", actor.user_id, details)
    return TestSent(
        template=shown.key,
        version=shown.number,
        wording=shown.wording,
        channel=channel,
        to=mask_phone(address),
        outcome=word,
        code=code,
        left_today=left,
    )


def _own_address(context: Context, user_id: uuid.UUID, channel: str) -> tuple[str, str]:
    """The person's address on a channel, and their name. A user's record holds a phone and nothing else."""
    with context.db.read() as session:
        user = find_user_by_id(session, user_id)
        phone, name = (user.phone or "", user.name) if user else ("", "")
    zh, en = CHANNEL_NAMES.get(channel, (channel, channel))
    if channel != SMS or not phone:
        what_zh, what_en = ("手机号", "phone number") if channel == SMS else (f"{zh}地址", f"{en} address")
        raise Refused(
            f"您的用户资料里没有{what_zh}，不能发测试 (your user record holds no {what_en}; no test is sent)",
            code="no_own_address",
        )
    try:
        return normalise_phone(phone).e164, name
    except AddressInvalid:
        raise Refused(
            "您的用户资料里的手机号不能收短信 (the phone number of your user record takes no SMS)",
            code="no_own_address",
        ) from None


def _look(shown: Preview, channel: str) -> ChannelLook:
    found = next((one for one in shown.channels if one.channel == channel), None)
    if found is None or not found.may_go:
        zh, en = CHANNEL_NAMES.get(channel, (channel, channel))
        raise Refused(f"{zh}没有能发出的文字，请先看预览 (no words that could go by {en})", code="no_words")
    return found


def _content(shown: Preview, look: ChannelLook) -> Content:
    content = Content(channel=look.channel, sender=look.sender, text=look.text)
    words = SMS_MARK + editable(content, shown.purpose)
    if look.channel != SMS:
        return replace(content, text=MARK + look.text)
    return apply_edit(content, Edit(text=words), shown.purpose)


def _open(context: Context, actor: Actor, shown: Preview, sender: Sender, attempt: uuid.UUID) -> int:
    """Count, look whether the line runs, and write the test down; how many are left today."""
    now, zone = context.clock.now(), context.bank.zone
    midnight = datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)
    channel = sender.capabilities.channel
    if actor.user_id is None:
        raise AccessDenied("测试只能发给本人 (a test goes to the person who asks for it)")
    with context.db.write() as session:
        made = count_test_sends(session, actor.user_id, midnight)
        if made >= MOST_A_DAY:
            raise Refused(
                f"今天已发{MOST_A_DAY}次测试，请明天再发 ({MOST_A_DAY} tests today; go on tomorrow)",
                code="too_many_tests",
            )
        stops = current_stops(session)
        is_stopped = stops.covers(purpose=shown.purpose, channel=channel, campaign_id=None, org_id=None)
        if is_stopped or (sender.provider, sender.account) in paused_accounts(session):
            raise Refused("这条通道现在停发 (this line stands still now)", code="stopped")
        if not take_tokens(
            session, provider=sender.provider, account=sender.account, want=1, real=context.clock.real()
        ):
            raise Refused("通道正忙，请稍后再试 (the line is busy; try again)", code="busy")
        details = {
            "template": shown.key,
            "version": shown.number,
            "channel": channel,
            "attempt": attempt.hex,
        }
        record(session, now, actor, ACT, "user", actor.user_id, details)
    return MOST_A_DAY - made - 1


def _said(outcome: Outcome) -> tuple[str, str]:
    match outcome:
        case Accepted() | TaskCreated():
            return "accepted", ""
        case Transient(code=code) | Permanent(code=code) | ChannelFault(code=code):
            return "refused", code
        case Unknown(code=code):
            return "unknown", code
