"""The bank's policy in force: the newest dated version, or the defaults the product ships."""

from __future__ import annotations

from datetime import datetime

from store.database import Session
from store.policies import newest_policy
from wenhou.core.policy.rules import Policy, parse_policy


def policy_in_force(session: Session, now: datetime) -> Policy:
    """The policy that counts at this instant."""
    found = newest_policy(session, now)
    if found is None:
        return Policy()
    number, document = found
    return parse_policy(document, number=number)
