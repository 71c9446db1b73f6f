"""After the call: attempts closed, statuses moved, references written. One short transaction a group."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.outcomes import STALE, STOPPED, Verdict, verdict_for
from scheduler.preparing import Ready
from store.accounts import Seen, note_outcomes, pause_account
from store.attempts import ClosedAttempt, close_attempts, close_calls, open_task, touch_customers
from store.database import Session
from store.models.handover import ProviderTask
from store.retrying import write_surely
from store.transitions import Change, change_many, change_status, statuses_of
from wenhou.core.account_health import burst_of
from wenhou.core.channels import (
    MEDIA_UNKNOWN,
    NOT_TRIED,
    PACED,
    Accepted,
    ChannelFault,
    Outcome,
    Permanent,
    Sender,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.statuses import Event, Status, after, allows
from wenhou.services.contact_quality import refused
from wenhou.services.context import Context

_NOT_TRIED = frozenset({STOPPED, STALE, MEDIA_UNKNOWN, NOT_TRIED, PACED})
"""Codes of calls that say nothing of the account: we held them back ourselves, or an image was missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One hand-over and how it ended."""

    ready: Ready
    outcome: Outcome


def record_results(
    context: Context, sender: Sender, results: Sequence[Result], *, channels: Collection[str]
) -> dict[str, int]:
    """Write everything a group of calls led to; returns how many messages came to which status."""
    if not results:
        return {}
    now, real = context.clock.now(), context.clock.real()
    verdicts = [
        (result, verdict_for(result.ready.message, result.outcome, now, channels)) for result in results
    ]

    def write(session: Session) -> None:
        # Messages before attempts, as a receipt locks them: two that meet never wait for each other.
        moved = change_many(session, [_change(result, verdict) for result, verdict in verdicts], now)
        late = [(result, verdict) for result, verdict in verdicts if result.ready.message.id not in moved]
        close_attempts(session, [_closed(sender, result, verdict) for result, verdict in verdicts], real)
        calls = {result.ready.attempt.call_id for result, _ in verdicts} - {None}
        close_calls(session, [call_id for call_id in calls if call_id is not None], real)
        _record_late(session, late, now)
        _side_effects(session, context, sender, verdicts)
        context.passed("record.before_commit")

    write_surely(context.db, write)
    counts: dict[str, int] = {}
    for _, verdict in verdicts:
        status = after(Status.SENDING, verdict.event)
        counts[status] = counts.get(status, 0) + 1
    return counts


def _closed(sender: Sender, result: Result, verdict: Verdict) -> ClosedAttempt:
    references = result.outcome.provider_message_ids if isinstance(result.outcome, Accepted) else ()
    return ClosedAttempt(
        id=result.ready.attempt.id,
        provider=sender.provider,
        account=sender.account,
        outcome=verdict.outcome,
        code=verdict.code,
        references=references,
    )


def _change(result: Result, verdict: Verdict) -> Change:
    return Change(
        message_id=result.ready.message.id,
        was=Status.SENDING,
        event=verdict.event,
        actor="system",
        reason=verdict.reason,
        attempt_id=result.ready.attempt.id,
        fence=result.ready.message.fence,
        sets=verdict.sets,
    )


def _record_late(session: Session, late: Sequence[tuple[Result, Verdict]], now: datetime) -> None:
    """Messages that are no longer as we left them: a receipt overtook us, or our lease ended and they are unknown.

    What the provider told us still counts where it is better knowledge; nothing is ever scheduled again from here.
    """
    statuses = statuses_of(session, [result.ready.message.id for result, _ in late])
    changes = [
        Change(
            message_id=result.ready.message.id,
            was=statuses[result.ready.message.id],
            event=verdict.event,
            actor="system",
            attempt_id=result.ready.attempt.id,
            fence=result.ready.message.fence,
        )
        for result, verdict in late
        if verdict.event is Event.ACCEPT
        and result.ready.message.id in statuses
        and allows(statuses[result.ready.message.id], Event.ACCEPT)
    ]
    change_status(session, changes, now)


def _side_effects(
    session: Session, context: Context, sender: Sender, verdicts: Sequence[tuple[Result, Verdict]]
) -> None:
    now = context.clock.now()
    reached: list[uuid.UUID] = []
    for result, _ in verdicts:
        match result.outcome:
            case Accepted():
                reached.append(result.ready.message.customer_id)
            case TaskCreated(provider_task_id=task):
                _open_task(session, sender, result, task, now)
            case Permanent(code=code, suppress=str(cause)):
                attempt = result.ready.attempt
                point = attempt.contact_point_id
                refused(session, context, point, attempt_id=attempt.id, reason=cause, code=code)
            case ChannelFault(code=code, reason=reason):
                pause_account(
                    session,
                    provider=sender.provider,
                    account=sender.account,
                    code=code,
                    reason=reason,
                    at=now,
                )
            case _:
                pass
    touch_customers(session, reached, now)
    _touch_account(session, sender, [result.outcome for result, _ in verdicts], now)


def _touch_account(session: Session, sender: Sender, outcomes: Sequence[Outcome], now: datetime) -> None:
    """How the account does; one person's refused number says nothing of it. Nothing taken for long: it pauses itself."""
    failed = [one for one in outcomes if isinstance(one, Transient) and one.code not in _NOT_TRIED]
    unknown = [one for one in outcomes if isinstance(one, Unknown)]
    taken = sum(isinstance(one, Accepted | TaskCreated) for one in outcomes)
    if not (failed or unknown or taken):
        return
    code = next((one.code for one in unknown), "") or next((one.code for one in failed), "")
    seen = Seen(taken=taken, failed=len(failed), unknown=len(unknown), code=code)
    errors, unknowns = note_outcomes(session, sender.provider, sender.account, seen, now)
    reason = burst_of(errors_in_row=errors, unknown_in_row=unknowns)
    if reason is not None:
        pause_account(
            session, provider=sender.provider, account=sender.account, code=code, reason=reason, at=now
        )


def _open_task(session: Session, sender: Sender, result: Result, task: str, now: datetime) -> None:
    message = result.ready.message
    open_task(
        session,
        ProviderTask(
            provider=sender.provider,
            account=sender.account,
            task=task,
            attempt_id=result.ready.attempt.id,
            message_id=message.id,
            sender_id=message.advisor_id,
            body_hash=message.content_hash or b"",
            closes_at=message.expires_at,
            next_poll_at=now,
            created_at=now,
        ),
    )
