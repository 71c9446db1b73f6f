"""Nothing expires in nobody's queue: people are told before it does, the owner first, then up the bank's tree."""

from __future__ import annotations

from datetime import datetime, timedelta

from store import pools
from store.notices import notify
from store.pools import Expiring
from wenhou.services.context import Context

NOTICE = "queue_expiring"
STAGES = (timedelta(hours=4), timedelta(hours=2), timedelta(hours=1))
"""How long before the first end of a queue's work the first, second and third person are told."""


def watch_queues(context: Context) -> int:
    """The job: warn whose queue holds work that is about to expire; how many were told. Each stage once a day.

    The first stage goes to who owns the work, or covers for them; what is still there two hours before the end goes
    to a supervisor, one hour before to the next one up. Where nobody is left in the bank operations is told.
    """
    now = context.clock.now()
    with context.db.read() as session:
        found = pools.list_expiring(session, now, now + STAGES[0])
    return sum(_warn(context, one, now) for one in found)


def _warn(context: Context, one: Expiring, now: datetime) -> int:
    day = one.first_at.astimezone(context.bank.zone).date()
    reached = sum(one.first_at - now <= ahead for ahead in STAGES)
    told = 0
    with context.db.write() as session:
        people = pools.people_for(session, one.advisor_id, one.org_id, now)
        for stage in range(1, reached + 1):
            person = people[min(stage, len(people)) - 1] if people else None
            is_repeat = stage > max(len(people), 1)  # nobody further up is left to be told
            user_id = person.id if person else None
            if is_repeat or not pools.note_warning(session, one.key, day, stage, user_id=user_id, at=now):
                continue
            body = {
                "queue": one.key,
                "org": str(one.org_id) if one.org_id else None,
                "stage": stage,
                "amount": one.amount,
                "first_at": one.first_at.isoformat(),
            }
            notify(session, kind=NOTICE, body=body, at=now, user_id=user_id)
            told += 1
    return told
