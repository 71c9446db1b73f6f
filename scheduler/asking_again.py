"""The late policy `ask_again` at hand-over: what its day has passed over leaves only on somebody's later word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from store.database import Session
from store.lateness import send_back_to_ask
from store.outbox import Claimed
from wenhou.core.campaigns import Campaign, Late
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context


def ask_again(session: Session, context: Context, messages: Sequence[Claimed]) -> list[Claimed]:
    """Those of a claimed group that may go on; the others wait for a person whatever their approval level."""
    now, zone = context.clock.now(), context.bank.zone
    versions = {one.campaign_version_id for one in messages if one.campaign_version_id is not None}
    specs = specs_of(session, versions) if versions else {}
    passed_over = []
    for one in messages:
        spec = specs.get(one.campaign_version_id) if one.campaign_version_id is not None else None
        ends_at = _in_time_until(one, spec, zone) if spec is not None else None
        if ends_at is not None and now >= ends_at:
            passed_over.append((one.id, one.fence, ends_at))
    if not passed_over:
        return list(messages)
    asked = send_back_to_ask(session, passed_over, now)
    return [one for one in messages if one.id not in asked]


def _in_time_until(message: Claimed, spec: Campaign, zone: ZoneInfo) -> datetime | None:
    """The end of the message's own window; None where the campaign never asks."""
    if spec.late is not Late.ASK_AGAIN:
        return None
    try:
        step = spec.step_of_message(message.step)
    except KeyError:
        return None
    last = message.planned_for + timedelta(days=step.valid_days)
    return datetime.combine(last, step.until, tzinfo=zone)
