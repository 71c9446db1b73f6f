"""Looks after accounts that paused: tries them without a word to a customer, lets them go on, tells staff.

A kill between any two lines leaves an account paused or carrying, never half: the next round looks again. Staff are told
by the process that wins the row, in the console for certain and outside it as well as can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from scheduler.carriers import Carriers
from store import listener_states, notices
from store.accounts import claim_telling, end_ramps, list_accounts, note_look, resume_account
from store.audit import record
from store.models.handover import ChannelAccount
from wenhou.core.account_health import ill_of, next_look
from wenhou.core.actors import SYSTEM
from wenhou.core.alerts import Alerter
from wenhou.core.channels import CHANNEL_NAMES, Probe, Prober, Sender
from wenhou.services.context import Context

log = structlog.get_logger(__name__)
_RAMP = timedelta(minutes=4)
_DEAF_AFTER = 3
_UNTRIED = Probe(ok=True, tried=("放行少量试发", "let a few messages go to see"))


def watch_channels(context: Context, carriers: Carriers, alerter: Alerter) -> int:
    """One round over all accounts; how many carry again because of it."""
    real = context.clock.real()
    with context.db.write() as session:
        end_ramps(session, real - _RAMP)
    with context.db.read() as session:
        paused = [one for one in list_accounts(session) if one.paused_at is not None]
    senders = {(one.provider, one.account): one for one in carriers.senders.values()}
    resumed = sum(_look_after(context, senders, row) for row in paused)
    if resumed:
        context.submit("dispatch")
    _tell(context, alerter)
    _tell_of_listeners(context, alerter)
    return resumed


def _look_after(context: Context, senders: Mapping[tuple[str, str], Sender], row: ChannelAccount) -> bool:
    """Look at one paused account when it is time; whether it carries again."""
    sender, real = senders.get((row.provider, row.account)), context.clock.real()
    if sender is None or not ill_of(row.paused_reason).by_itself:
        return False
    if row.next_look_at is None or row.next_look_at > real:
        if row.next_look_at is None:
            with context.db.write() as session:
                note_look(session, row.id, looks=row.looks, next_at=real + next_look(row.looks))
        return False
    found = sender.probe() if isinstance(sender, Prober) else _UNTRIED
    now, looks = context.clock.now(), row.looks + 1
    with context.db.write() as session:
        if not found.ok:
            note_look(session, row.id, looks=looks, next_at=real + next_look(looks), reason=found.code)
            return False
        if not resume_account(session, provider=row.provider, account=row.account, at=now, real=real):
            return False
        # How often it was looked at stays until it carries all it may: who falls ill again waits longer.
        session.get_one(ChannelAccount, row.id).looks = looks
        details = {"account": f"{row.provider}/{row.account}", "tried": found.tried[1]}
        record(session, now, SYSTEM, "channel.resume", "channel_account", row.id, details)
    log.info("channel_resumed", provider=row.provider, account=row.account)
    return True


def _tell(context: Context, alerter: Alerter) -> None:
    """Staff hear once that an account fell ill, and once that it has all of its rate again."""
    with context.db.read() as session:
        rows = list_accounts(session)
    for row in rows:
        code = (row.paused_reason or row.paused_code or "other") if row.paused_at else ""
        if code == (row.told_code or "") or (not code and row.resumed_at is not None):
            continue
        with context.db.write() as session:
            if not claim_telling(session, row, code, context.clock.real()):
                continue
            body = {"provider": row.provider, "account": row.account, "channel": row.channel, "code": code}
            kind = "channel_ill" if code else "channel_well"
            notices.notify(session, kind=kind, body=body, at=context.clock.now())
        alerter.alert(*words_of(row, code))


def _tell_of_listeners(context: Context, alerter: Alerter) -> None:
    """Staff hear once that an account hears nobody any more, and once that it does again."""
    with context.db.read() as session:
        rows = listener_states.list_listeners(session)
    for row in rows:
        code = row.code if row.failures >= _DEAF_AFTER else None
        is_over = code is None and row.told_code is not None and not row.failures
        if not is_over and (code is None or code == row.told_code):
            continue
        with context.db.write() as session:
            if not listener_states.claim_telling(session, row, code):
                continue
            body = {"provider": row.provider, "account": row.account, "code": code or ""}
            kind = "listener_deaf" if code else "listener_hears"
            notices.notify(session, kind=kind, body=body, at=context.clock.now())
        alerter.alert(*deaf_words(f"{row.provider}/{row.account}", code))


def deaf_words(name: str, code: str | None) -> tuple[str, str]:
    """Title and text of what staff are told of an account's ear, in both languages."""
    if code is None:
        return "问候：又能收到客户的话了", f"{name} 已恢复收信。\n{name} hears again; nothing was lost."
    ill = ill_of(code)
    lines = [
        f"{name} 连续 {_DEAF_AFTER} 次没能收信：{ill.zh}（{code}）。对方那里的信还在，恢复后会补收。",
        f"怎么办：{ill.advice_zh}。",
        f"{name} failed to fetch {_DEAF_AFTER} times in a row: {ill.en}. What waits there is fetched later.",
        f"To do: {ill.advice_en}.",
    ]
    return "问候：收不到客户的话", "\n".join(lines)


def words_of(row: ChannelAccount, code: str) -> tuple[str, str]:
    """Title and text of an alert, in both languages; `code` empty: it is over."""
    zh, en = CHANNEL_NAMES.get(row.channel, (row.channel, row.channel))
    name = f"{row.provider}/{row.account}"
    if not code:
        return f"问候：{zh}通道已恢复", f"{name} 已恢复全速。\n{en}: {name} carries at its full rate again."
    ill = ill_of(code)
    lines = [
        f"{name}：{ill.zh}（{row.last_error_code or row.paused_code or code}）。没发出的都留着。",
        f"怎么办：{ill.advice_zh}。",
        f"{en}: {name}: {ill.en}. Nothing is lost; what did not leave waits.",
        f"To do: {ill.advice_en}.",
    ]
    return f"问候：{zh}通道已暂停", "\n".join(lines)
