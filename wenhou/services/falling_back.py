"""After a definite "not delivered": the next channel of the plan, for service messages whose campaign opts in (DESIGN §11).

The same message goes on, in the words that were approved for that channel; the gates judge it again at hand-over.
Never after `unknown`, never for care or marketing: a greeting that may have come is not sent a second time.
"""

from __future__ import annotations

from datetime import datetime

from store.attempts import list_channels
from store.database import Session
from store.handing import load_documents
from store.models.handover import Attempt
from store.models.messages import Message
from store.transitions import Change, change_status
from wenhou.core.errors import WenhouError
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Event, Status
from wenhou.services.campaign_files import campaign_from_document


def fall_back(session: Session, message: Message, attempt: Attempt, now: datetime) -> bool:
    """Schedule an undelivered message on its next channel; whether there is one and the campaign wants it.

    `attempt`: the one that was reported; only what its provider had accepted for certain falls back.
    """
    if message.purpose != Purpose.SERVICE or attempt.outcome != "accepted" or message.expires_at <= now:
        return False
    if not _opts_in(session, message):
        return False
    plan = message.channel_plan.split(",")
    position = plan.index(message.channel) if message.channel in plan else len(plan)
    tried = list_channels(session, message.id)
    following = next((channel for channel in plan[position + 1 :] if channel not in tried), None)
    if following is None:
        return False
    change = Change(
        message_id=message.id,
        was=Status.UNDELIVERED,
        event=Event.FALL_BACK,
        actor="system",
        reason="refused",
        sets={
            "channel": following,
            "contact_point_id": None,
            "due_at": now,
            "tries": 0,
            "released_at": None,
            "claim_until": None,
        },
    )
    return bool(change_status(session, [change], now))


def _opts_in(session: Session, message: Message) -> bool:
    if message.campaign_version_id is None:
        return False
    found = load_documents(session, [message.campaign_version_id]).get(message.campaign_version_id)
    if found is None:
        return False
    key, document = found
    try:
        return campaign_from_document(document, key).fallback_undelivered
    except (WenhouError, KeyError, TypeError, ValueError):  # a document of an older release grants nothing
        return False
