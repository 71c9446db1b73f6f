"""Unknown outcomes close themselves when receipts are overdue (DESIGN §11); a person may still settle one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from store import callbacks, unknowns
from store.transitions import Change, change_status
from store.unknowns import Group
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.errors import AccessDenied
from wenhou.core.statuses import Event, Status
from wenhou.services.context import Context
from wenhou.services.reconciling import may_settle

Deadlines = Mapping[tuple[str, str], int]
"""(provider, account) → hours after the call within which its receipts come."""
DEFAULT_HOURS = 72
"""Of an account nobody here has settings for any more."""
UNMATCHED_KEPT = timedelta(days=90)
_PAGE = 500


def close_overdue(context: Context, deadlines: Deadlines) -> int:
    """Close what has been unknown for longer than its account's deadline; how many now. Nothing is ever sent again.

    The status stays `unknown`, and a receipt that comes after all still counts.
    """
    closed, after = 0, None
    while True:
        with context.db.write() as session:
            page = unknowns.list_waiting(session, after, _PAGE)
            closed += len(change_status(session, _overdue(context, page, deadlines), context.clock.now()))
        if len(page) < _PAGE:
            return closed
        after = page[-1].id


def _overdue(context: Context, page: list[unknowns.Waiting], deadlines: Deadlines) -> list[Change]:
    real = context.clock.real()
    return [
        Change(
            message_id=one.id,
            was=Status.UNKNOWN,
            event=Event.GIVE_UP,
            actor=SYSTEM.label,
            reason=unknowns.CLOSED,
            attempt_id=one.attempt_id,
        )
        for one in page
        if real - one.left_at >= timedelta(hours=deadlines.get((one.provider, one.account), DEFAULT_HOURS))
    ]


def forget_old_unmatched(context: Context) -> int:
    """Take receipts that nobody matched in ninety days off the list; how many. Daily."""
    with context.db.write() as session:
        return callbacks.forget_unmatched(session, context.clock.real() - UNMATCHED_KEPT)


def count_unknown(context: Context, actor: Actor) -> list[Group]:
    """Unknown messages by campaign, waiting and closed, in this person's scope. AccessDenied for who may not settle."""
    if not may_settle(actor):
        raise AccessDenied("only a supervisor or operations sees what is unknown")
    with context.db.read() as session:
        return unknowns.count_by_campaign(session, actor)


def list_unmatched(context: Context, actor: Actor, limit: int) -> tuple[int, list[callbacks.Unmatched]]:
    """(how many in all, the newest): receipts of hand-overs that nobody here knows. AccessDenied as above."""
    if not may_settle(actor):
        raise AccessDenied("only a supervisor or operations sees receipts that match nothing")
    with context.db.read() as session:
        return callbacks.count_unmatched(session), callbacks.list_unmatched(session, limit)
