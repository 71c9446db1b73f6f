"""A candidate judged and worded, and the message row that comes of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.drafting import Draft
from scheduler.occasions import Occasion
from store.campaigns import LiveCampaign
from store.candidates import Candidate, Person, Standing
from store.message_writes import NewMessage
from wenhou.core.policy.decide import Decision
from wenhou.core.policy.gates import HOLD, SKIP
from wenhou.core.policy.trace import encode_trace
from wenhou.core.statuses import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One customer of an occasion: words, decision, and the message that stands already, if any."""

    candidate: Candidate
    person: Person
    key: str
    message_id: uuid.UUID
    words: Draft
    decision: Decision
    standing: Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What all messages of an occasion share; both instants are aware."""

    row: LiveCampaign
    occasion: Occasion
    due_at: datetime
    expires_at: datetime


def as_message(
    one: Judged, terms: Terms, occurrence_id: uuid.UUID, versions: Mapping[str, uuid.UUID]
) -> NewMessage:
    """The row to write: proposed, scheduled, or skipped with its reason. `versions`: template digest to its row."""
    campaign, decision = terms.occasion.campaign, one.decision
    skipped = decision.verdict == SKIP
    level = max(campaign.approval.level, 2 if one.words.raises else 0)
    status = Status.SKIPPED if skipped else (Status.PROPOSED if level else Status.SCHEDULED)
    return NewMessage(
        id=one.message_id,
        customer_id=one.person.id,
        dedupe_key=one.key,
        origin="campaign",
        origin_id=one.candidate.event_id or terms.occasion.article_id,
        purpose=campaign.purpose,
        channel_plan=campaign.channels
        if skipped
        else tuple(content.channel for content in one.words.contents),
        status=status,
        planned_for=terms.occasion.on_day,
        not_before=terms.due_at,
        due_at=decision.send_at,
        expires_at=terms.expires_at,
        level=level,
        reason=decision.reason,
        channel=None if skipped else decision.channel,
        contact_point_id=None if skipped else decision.contact_point_id,
        campaign_id=terms.row.id,
        campaign_version_id=terms.row.version_id,
        occurrence_id=occurrence_id,
        risk="high" if one.words.raises else "low",
        asks=campaign.asks,
        org_id=one.person.org_id,
        advisor_id=one.person.advisor_id,
        hold_key=decision.hold_key if decision.verdict == HOLD else None,
        template_version_id=versions[one.words.version.digest],
        variant=one.words.variant,
        trace=encode_trace(decision),
        contents=() if skipped else one.words.contents,
        parts=one.words.parts,
    )
