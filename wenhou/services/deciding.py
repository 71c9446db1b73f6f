"""Who may decide on a message, and what stops them: the rules that approving, editing and refusing share."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from store import approvals as votes
from store.approvals import Standing
from store.database import Session
from store.models.messages import Message
from wenhou.core.actors import Actor
from wenhou.core.errors import AccessDenied, Refused
from wenhou.core.statuses import STATUS_NAMES, Status


def load_standing(session: Session, actor: Actor, message_id: uuid.UUID, *, lock: bool = True) -> Standing:
    """The message and how the person stands to it; AccessDenied when it does not exist for them."""
    standing = votes.load_standing(session, actor, message_id, lock=lock)
    if standing is None or not standing.may_see:
        raise AccessDenied("没有这条消息 (no such message)")
    return standing


def waiting(session: Session, standing: Standing) -> Message:
    """The message, if it still waits and this person may decide it."""
    if standing.message.status != Status.PROPOSED:
        raise Refused(decided(session, standing.message), code="decided")
    if not (standing.is_own or standing.is_above or standing.is_compliance):
        raise AccessDenied("没有这条消息 (no such message)")
    return standing.message


def check_hash(message: Message, content_hash: bytes) -> None:
    """Refused unless these are the words that were seen."""
    if message.content_hash is None or message.content_hash != content_hash:
        raise Refused("内容已有变化，请重新查看后再批准 (the words changed; look again)", code="changed")


def decided(session: Session, message: Message) -> str:
    """Who was first, for the one who came second."""
    zh, en = STATUS_NAMES[Status(message.status)]
    last = votes.list_votes(session, message.id)
    who = f"{last[-1].name} " if last else ""
    return f"这条已由{who.strip() or '系统'}处理：{zh} (already {en.lower()}{f' by {who.strip()}' if who else ''})"


def refusal_to_vote(actor: Actor, standing: Standing, voters: Sequence[uuid.UUID]) -> str | None:
    """Why this person may not give the next approval, as a sentence; None when they may."""
    message = standing.message
    if actor.user_id in voters:
        return "您已批准过，需要另一位同事 (another person must give the second approval)"
    if message.level >= 2 and message.edited_by == actor.user_id:
        return "您改过这条，需要另一位同事批准 (nobody approves their own edit on a two-person level)"
    if message.approvals >= 1:
        is_second = standing.is_above or standing.is_compliance
        return None if is_second else "第二位须是主管或合规 (the second must be a supervisor or compliance)"
    if standing.is_own or standing.is_above:
        return None
    return "您可以查看，但不能批准这条 (you may see this, not approve it)"
