"""Just before the call: gates again, content against its approval, attempts opened. One short transaction."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.asking_again import ask_again
from scheduler.carriers import Carriers
from scheduler.filed_lines import mind_filings
from scheduler.judging_again import Rejudged, in_mourning, judge_again
from scheduler.verifying import complete, verified_contents
from store.accounts import paused_accounts
from store.approvals import void_votes
from store.attempts import (
    NewAttempt,
    load_addresses,
    load_bodies,
    load_names,
    open_attempts,
    open_call,
)
from store.database import Session
from store.extensions import Codes, take_extensions
from store.keys import customer_keys
from store.ledger import LedgerMove, move_ledger
from store.lint_editions import rerun_is_open
from store.message_writes import bind_contents, channel_digests, open_body
from store.outbox import Claimed, give_back
from store.quotas import Booking, take
from store.stops import current_stops
from store.transitions import Change, change_many, change_status, statuses_of
from store.vault import VaultError
from templates.compliance.levels import blocks
from wenhou.core.channels import Content, OutgoingMessage, Sender
from wenhou.core.errors import TemplateError
from wenhou.core.ids import new_id
from wenhou.core.policy.gates import HOLD, SKIP
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.trace import encode_trace
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Event, Status
from wenhou.services.context import Context
from wenhou.services.links import preferences_url
from wenhou.services.relinting import REASON as RULES_CHANGED
from wenhou.services.word_rules import WordRules, word_rules

_LOOK_AGAIN = timedelta(minutes=1)
"""After losing the last place to another worker: the gates then say when the limit starts anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A message with an open attempt, ready for its call. `judged_at`: when its gates were asked, monotonic seconds."""

    message: Claimed
    attempt: NewAttempt
    outgoing: OutgoingMessage
    judged_at: float


@dataclass(slots=True, kw_only=True)
class Prepared:
    """What came of a group: what may be called now, and what the gates did with the rest."""

    ready: list[Ready]
    held: int = 0
    skipped: int = 0
    returned: int = 0


def prepare(
    session: Session,
    context: Context,
    carriers: Carriers,
    group: Sequence[Claimed],
    *,
    policy: Policy,
) -> Prepared:
    """Judge a group of one channel again and open attempts for those that pass. The caller commits, then calls."""
    now = context.clock.now()
    judged_at = time.monotonic()
    rest = _not_stopped(session, carriers, group)
    kept = {message.id for message in rest}
    give_back(session, ids=[(message.id, message.fence) for message in group if message.id not in kept])
    rest = ask_again(session, context, rest)
    judged = judge_again(session, context, carriers, rest, policy=policy)
    prepared = Prepared(ready=[], returned=len(group) - len(rest))
    passed = _settle_refused(session, judged, prepared, now)
    contents = verified_contents(session, context, passed)
    _send_back(
        session, context, [item.message for item in passed if item.message.id not in contents], prepared
    )
    good = [item for item in passed if item.message.id in contents]
    good = mind_filings(session, context.vault, carriers, good, contents, policy=policy, now=now)
    rules = word_rules(session, context.bank, now.astimezone(context.bank.zone).date())
    good = _without_stopped(session, context, good, contents, rules, prepared)
    minded = [_minding(item, contents, rules, policy, now) for item in good]
    good = _settle_refused(session, minded, prepared, now)
    good = _with_places(session, carriers, good, prepared, now)
    prepared.ready = _open(session, context, carriers, good, contents, judged_at)
    return prepared


def _without_stopped(
    session: Session,
    context: Context,
    items: Sequence[Rejudged],
    contents: Mapping[uuid.UUID, Content],
    rules: WordRules,
    prepared: Prepared,
) -> list[Rejudged]:
    """While new compliance rules still run over what stands, each text is judged here: none leaves that they stop."""
    if not rerun_is_open(session):
        return list(items)
    stopped = [
        item.message
        for item in items
        if blocks(rules.judge(contents[item.message.id], purpose=item.message.purpose))
    ]
    _send_back(session, context, stopped, prepared, reason=RULES_CHANGED)
    return [item for item in items if item.message not in stopped]


def _minding(
    item: Rejudged,
    contents: Mapping[uuid.UUID, Content],
    rules: WordRules,
    policy: Policy,
    now: datetime,
) -> Rejudged:
    """While the customer's region mourns, the words are judged as on a solemn day: festive ones rest."""
    if item.facts.mourning_until is None:
        return item
    if not blocks(rules.judge(contents[item.message.id], purpose=item.message.purpose, tone="solemn")):
        return item
    return in_mourning(item, policy, now)


def _with_places(
    session: Session, carriers: Carriers, items: Sequence[Rejudged], prepared: Prepared, now: datetime
) -> list[Rejudged]:
    """Those with a place under their platform's limits, taken now; another worker may just have had the last one."""
    if not any(
        not quota.is_personal for item in items for route in item.facts.routes for quota in route.quotas
    ):
        return list(items)
    statuses_of(session, [item.message.id for item in items])  # messages are locked before limits, everywhere
    bookings = [
        Booking(
            message_id=item.message.id,
            channel=item.message.channel,
            purpose=item.message.purpose,
            at=now,
        )
        for item in items
    ]
    refused = take(session, bookings, accounts=carriers.accounts)
    later = [
        _change(item.message, Event.RESCHEDULE, "quota_exhausted", due_at=now + _LOOK_AGAIN)
        for item in items
        if item.message.id in refused
    ]
    change_status(session, later, now)
    prepared.held += len(later)
    return [item for item in items if item.message.id not in refused]


def _not_stopped(session: Session, carriers: Carriers, group: Sequence[Claimed]) -> list[Claimed]:
    stops, paused = current_stops(session), paused_accounts(session)
    return [
        message
        for message in group
        if (carriers.senders[message.channel].provider, carriers.senders[message.channel].account)
        not in paused
        and not stops.covers(
            purpose=message.purpose,
            channel=message.channel,
            campaign_id=message.campaign_id,
            org_id=message.org_id,
        )
    ]


def _settle_refused(
    session: Session, judged: Sequence[Rejudged], prepared: Prepared, now: datetime
) -> list[Rejudged]:
    """Write holds and skips; what passes on the channel it was claimed for goes on."""
    passed: list[Rejudged] = []
    changes: list[Change] = []
    for item in judged:
        decision, message = item.decision, item.message
        if decision.verdict == SKIP:
            changes.append(_change(message, Event.SKIP, decision.reason, trace=encode_trace(decision)))
            prepared.skipped += 1
        elif decision.verdict == HOLD:
            sets = {
                "due_at": decision.send_at,
                "hold_key": decision.hold_key,
                "trace": encode_trace(decision),
            }
            changes.append(_change(message, Event.RESCHEDULE, decision.reason, **sets))
            prepared.held += 1
        elif decision.channel != message.channel:
            changes.append(_change(message, Event.RESCHEDULE, None, channel=decision.channel))
            prepared.held += 1
        else:
            passed.append(item)
    change_status(session, changes, now)
    return passed


def _change(message: Claimed, event: Event, reason: str | None, **sets: object) -> Change:
    return Change(
        message_id=message.id,
        was=Status.SCHEDULED,
        event=event,
        actor="system",
        reason=reason,
        fence=message.fence,
        sets=dict(sets),
    )


def _send_back(
    session: Session,
    context: Context,
    messages: Sequence[Claimed],
    prepared: Prepared,
    reason: str = "content_changed",
) -> None:
    """What differs from its approval goes back to its approver, bound to the words as they would leave today."""
    now = context.clock.now()
    changes = [_change(message, Event.REVISE, reason, approvals=0) for message in messages]
    moved = change_status(session, changes, now)
    for message in messages:
        if message.id in moved:
            void_votes(session, message.id, reason, now)
            _bind_anew(session, context, message)
    prepared.returned += len(messages)


def _bind_anew(session: Session, context: Context, message: Claimed) -> None:
    """New digests for what stands there; words that do not open keep the old ones and can only be rejected."""
    key = customer_keys(session, context.vault, [message.customer_id]).get(message.customer_id)
    bodies = load_bodies(session, [(message.id, channel) for channel in message.channel_plan])
    if key is None:
        return
    try:
        contents = [
            complete(open_body(key, message.id, channel, bodies[message.id, channel][0]))
            for channel in message.channel_plan
            if (message.id, channel) in bodies
        ]
    except (VaultError, TemplateError):
        return
    bind_contents(session, context.vault, message.id, channel_digests(context.vault, contents))


def _open(
    session: Session,
    context: Context,
    carriers: Carriers,
    judged: Sequence[Rejudged],
    contents: Mapping[uuid.UUID, Content],
    judged_at: float,
) -> list[Ready]:
    if not judged:
        return []
    sender = carriers.senders[judged[0].message.channel]
    made = [(item.message, _attempt(item, sender)) for item in judged]
    changes = [_start(message, attempt) for message, attempt in made]
    moved = change_many(session, changes, context.clock.now())
    mine = [(message, attempt) for message, attempt in made if message.id in moved]
    pairs = _with_calls(session, sender, mine, context.clock.real())
    open_attempts(session, [attempt for _, attempt in pairs], context.clock.real())
    _keep_ledger_true(session, context, pairs)
    addresses = load_addresses(session, context.vault, [attempt.contact_point_id for _, attempt in pairs])
    names = load_names(session, [message.customer_id for message, _ in pairs])
    codes = _take_codes(session, sender, pairs, context.clock.now())
    return [
        Ready(
            message=message,
            attempt=attempt,
            outgoing=replace(
                _outgoing(context, message, attempt, contents, addresses, names),
                extension=codes.get(attempt.id, ""),
            )
            if codes
            else _outgoing(context, message, attempt, contents, addresses, names),
            judged_at=judged_at,
        )
        for message, attempt in pairs
    ]


def _take_codes(
    session: Session, sender: Sender, pairs: Sequence[tuple[Claimed, NewAttempt]], now: datetime
) -> Mapping[uuid.UUID, str]:
    """Attempt id → the extension code its replies come back to, on lines that have such codes."""
    what = sender.capabilities
    if not what.extension_ranges:
        return {}
    codes = Codes(digits=what.extension_digits, ranges=what.extension_ranges)
    return take_extensions(session, codes, [attempt for _, attempt in pairs], now)


def _keep_ledger_true(
    session: Session, context: Context, pairs: Sequence[tuple[Claimed, NewAttempt]]
) -> None:
    """What was held over night counts on the day it leaves; what falls back counts for the address it goes to."""
    today = context.clock.now().astimezone(context.bank.zone).date()
    moved = [
        LedgerMove(message_id=message.id, contact_point_id=attempt.contact_point_id, channel=message.channel)
        for message, attempt in pairs
        if today > message.planned_for or attempt.contact_point_id != message.contact_point_id
    ]
    move_ledger(session, moved, today)


def _with_calls(
    session: Session, sender: Sender, pairs: Sequence[tuple[Claimed, NewAttempt]], real: datetime
) -> list[tuple[Claimed, NewAttempt]]:
    """One row a batch call, for providers that take batches: the dispatcher calls in the same runs."""
    size = sender.capabilities.batch_size
    if size == 1:
        return list(pairs)
    found: list[tuple[Claimed, NewAttempt]] = []
    for start in range(0, len(pairs), size):
        batch = pairs[start : start + size]
        call_id = open_call(
            session, provider=sender.provider, account=sender.account, size=len(batch), real=real
        )
        found += [(message, replace(attempt, call_id=call_id)) for message, attempt in batch]
    return found


def _attempt(item: Rejudged, sender: Sender) -> NewAttempt:
    point = item.decision.contact_point_id
    if point is None:  # decide() passes no message without a route
        msg = "a message passed its gates without an address"
        raise AssertionError(msg)
    return NewAttempt(
        id=new_id(),
        message_id=item.message.id,
        number=item.message.tries + 1,
        channel=item.message.channel,
        provider=sender.provider,
        account=sender.account,
        contact_point_id=point,
        fence=item.message.fence,
    )


def _start(message: Claimed, attempt: NewAttempt) -> Change:
    return replace(
        _change(message, Event.START, None, contact_point_id=attempt.contact_point_id), attempt_id=attempt.id
    )


def _outgoing(
    context: Context,
    message: Claimed,
    attempt: NewAttempt,
    contents: Mapping[uuid.UUID, Content],
    addresses: Mapping[uuid.UUID, str],
    names: Mapping[uuid.UUID, str],
) -> OutgoingMessage:
    purpose = Purpose(message.purpose)
    link = (
        preferences_url(context, message.customer_id, purpose)
        if message.channel == "email" and purpose.is_promotional
        else None
    )
    return OutgoingMessage(
        message_id=message.id,
        attempt_id=attempt.id,
        reference=context.vault.reference_of(attempt.id),
        address=addresses[attempt.contact_point_id],
        display_name=names.get(message.customer_id, ""),
        content=contents[message.id],
        purpose=message.purpose,
        deadline=message.expires_at,
        unsubscribe_url=link,
    )
