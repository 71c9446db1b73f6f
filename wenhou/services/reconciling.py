"""What only a person can settle: an account that was paused for a fault, a message whose outcome nobody knows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from store import conversations, overview
from store.access import get_message, list_messages
from store.accounts import pause_account, resume_account
from store.audit import record
from store.transitions import Change, change_status
from store.unknowns import CLOSED
from wenhou.core.account_health import BY_HAND
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.statuses import Event, Status
from wenhou.services.context import Context

KNOWN_BY = ("provider_record", "customer_said", "other")
"""How somebody knows what became of a message; words of ours, because the audit holds no free text."""
_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownMessage:
    """A message that left without an answer. `left_at`: when its first call began.

    `is_closed`: its account's deadline for receipts is over, so nobody waits for one any more.
    """

    id: uuid.UUID
    customer_ref: str
    customer_name: str
    channel: str
    left_at: datetime
    is_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownGroup:
    """The unknown messages of one campaign (or, without one, of answers and confirmations), newest first."""

    campaign: str
    messages: tuple[UnknownMessage, ...]


def may_resume(actor: Actor) -> bool:
    """Whether this person lets a paused account carry messages again."""
    return actor.has(Role.OPERATIONS, Role.ADMINISTRATOR)


def may_settle(actor: Actor) -> bool:
    """Whether this person may say what became of an unknown message."""
    return actor.has(Role.SUPERVISOR, Role.OPERATIONS)


def list_unknown(context: Context, actor: Actor) -> list[UnknownGroup]:
    """The newest two hundred in this person's scope, by campaign; empty for who may not settle them."""
    if not may_settle(actor):
        return []
    with context.db.read() as session:
        found = list_messages(session, actor, status=Status.UNKNOWN, limit=_SHOWN)
        campaigns = overview.campaigns_of(session, [one.campaign_id for one in found])
        people = overview.customers_of(session, [one.customer_id for one in found])
        left = conversations.left_at(session, [one.id for one in found])
        groups: dict[str, list[UnknownMessage]] = {}
        for one in found:
            campaign = campaigns.get(one.campaign_id) if one.campaign_id else None
            groups.setdefault(campaign.name if campaign else "", []).append(
                UnknownMessage(
                    id=one.id,
                    customer_ref=people[one.customer_id].external_ref,
                    customer_name=people[one.customer_id].name,
                    channel=one.channel or "",
                    left_at=left.get(one.id, one.due_at),
                    is_closed=one.reason == CLOSED,
                )
            )
    return [UnknownGroup(campaign=name, messages=tuple(rows)) for name, rows in sorted(groups.items())]


def resume_channel(context: Context, actor: Actor, provider: str, account: str) -> None:
    """Let a paused account carry messages again, when what was wrong with it is mended."""
    if not may_resume(actor):
        raise AccessDenied("only operations or an administrator resumes an account")
    now = context.clock.now()
    with context.db.write() as session:
        real = context.clock.real()
        if not resume_account(session, provider=provider, account=account, at=now, real=real):
            raise InputError(f"{provider}/{account} is not paused; `wenhou channels list` names what is")
        record(
            session,
            now,
            actor,
            "channel.resume",
            "channel_account",
            None,
            {"account": f"{provider}/{account}"},
        )
    context.submit("dispatch")


def pause_channel(context: Context, actor: Actor, provider: str, account: str, why: str) -> None:
    """Let an account carry nothing until a person resumes it; what is planned for it waits."""
    if not may_resume(actor):
        raise AccessDenied("only operations or an administrator pauses an account")
    now = context.clock.now()
    with context.db.write() as session:
        if not pause_account(
            session, provider=provider, account=account, code=why.strip()[:80], reason=BY_HAND, at=now
        ):
            raise InputError(
                f"{provider}/{account} is paused already or not known; see `wenhou channels list`"
            )
        details = {"account": f"{provider}/{account}", "why": why.strip()[:200]}
        record(session, now, actor, "channel.pause", "channel_account", None, details)


def settle_unknown(
    context: Context, actor: Actor, message_id: uuid.UUID, *, was_sent: bool, known_by: str
) -> Status:
    """Say what became of a message whose outcome is unknown: it was sent after all, or it was not. Never sends again.

    For a supervisor or operations in whose scope it lies; `known_by` is audited.
    """
    if not may_settle(actor):
        raise AccessDenied("only a supervisor or operations settles an unknown message")
    if known_by not in KNOWN_BY:
        raise InputError(f"say how you know: one of {', '.join(KNOWN_BY)}")
    now = context.clock.now()
    with context.db.write() as session:
        message = get_message(session, actor, message_id)
        if message.status != Status.UNKNOWN:
            raise Refused(f"the message is {message.status}; only an unknown one can be settled")
        event = Event.RESOLVE_SENT if was_sent else Event.RESOLVE_NOT_SENT
        reason = None if was_sent else "settled_not_sent"
        change = Change(
            message_id=message_id, was=Status.UNKNOWN, event=event, actor=actor.label, reason=reason
        )
        if not change_status(session, [change], now):
            raise Refused("somebody settled it meanwhile")
        details = {"was_sent": was_sent, "known_by": known_by}
        record(session, now, actor, "message.settle", "message", message_id, details)
    return Status.SENT if was_sent else Status.FAILED
