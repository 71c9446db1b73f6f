"""A candidate judged and worded, and the message row or the task that comes of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.drafting import Draft
from scheduler.occasions import Occasion
from store.campaigns import LiveCampaign
from store.candidates import Candidate, Person, Rival, Standing
from store.message_writes import NewMessage
from store.tasks import StepTask
from store.vault import CustomerKey
from wenhou.core.campaigns import Late
from wenhou.core.dedupe import task_row_key
from wenhou.core.policy.decide import Decision
from wenhou.core.policy.gates import HOLD, SKIP
from wenhou.core.policy.trace import encode_trace
from wenhou.core.statuses import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One customer of an occasion: words, decision, and the message that stands already, if any.

    `words` None: a step that a person does.
    """

    candidate: Candidate
    person: Person
    key: str
    message_id: uuid.UUID
    words: Draft | None
    decision: Decision
    standing: Standing | None
    wave: int | None = None


@dataclass(slots=True, kw_only=True)
class Considered:
    """What came of a chunk: to write, to touch, and what the better message of the day pushes out.

    `unchanged`: statuses of those to touch only. `reworded`: of these, the ones that a new version of their template
    says alike.
    """

    judged: list[Judged] = field(default_factory=list)
    same: list[uuid.UUID] = field(default_factory=list)
    reworded: list[tuple[uuid.UUID, Draft]] = field(default_factory=list)
    unchanged: Counter[str] = field(default_factory=Counter)
    displaced: list[Rival] = field(default_factory=list)
    keys: Mapping[uuid.UUID, CustomerKey] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What all messages of an occasion share; instants are aware.

    `in_time_until`: the end of the day they are meant for. `expires_at`: the same, or later where the campaign's late
    policy lets them go after it.
    """

    row: LiveCampaign
    occasion: Occasion
    due_at: datetime
    in_time_until: datetime
    expires_at: datetime

    def level_of(self, words: Draft, now: datetime) -> int:
        """How many people must agree; somebody always where it is late and the campaign asks again."""
        campaign = self.occasion.campaign
        level = campaign.approval.level_for(campaign.purpose, is_risky=words.raises)
        return max(level, 1) if campaign.late is Late.ASK_AGAIN and now >= self.in_time_until else level


def as_message(
    one: Judged,
    terms: Terms,
    words: Draft,
    *,
    run_id: uuid.UUID,
    versions: Mapping[str, uuid.UUID],
    now: datetime,
) -> NewMessage:
    """The row to write: proposed, scheduled, or skipped with its reason. `versions`: template digest to its row."""
    occasion, decision = terms.occasion, one.decision
    skipped = decision.verdict == SKIP
    level = terms.level_of(words, now)
    status = Status.SKIPPED if skipped else (Status.PROPOSED if level else Status.SCHEDULED)
    return NewMessage(
        id=one.message_id,
        customer_id=one.person.id,
        dedupe_key=one.key,
        origin="campaign",
        origin_id=one.candidate.event_id or (occasion.article.id if occasion.article else None),
        purpose=occasion.campaign.purpose,
        channel_plan=occasion.step.channels
        if skipped
        else tuple(content.channel for content in words.contents),
        status=status,
        planned_for=occasion.on_day,
        not_before=terms.due_at,
        due_at=decision.send_at,
        expires_at=terms.expires_at,
        level=level,
        reason=decision.reason,
        channel=None if skipped else decision.channel,
        contact_point_id=None if skipped else decision.contact_point_id,
        campaign_id=terms.row.id,
        campaign_version_id=terms.row.version_id,
        occurrence_id=run_id,
        step=occasion.step.number,
        wave=one.wave,
        risk="high" if words.raises else "low",
        asks=occasion.step.asks,
        org_id=one.person.org_id,
        advisor_id=one.person.advisor_id,
        hold_key=decision.hold_key if decision.verdict == HOLD else None,
        template_version_id=versions[words.version.digest],
        variant=words.variant,
        trace=encode_trace(decision),
        contents=() if skipped else words.contents,
        parts=words.parts,
    )


def as_task(one: Judged, terms: Terms) -> StepTask:
    """The to-do of a step that a person does, for the advisor or the pool of the branch."""
    step, person = terms.occasion.step, one.person
    task = step.task
    if task is None:
        msg = "only a step that a person does makes a task"
        raise AssertionError(msg)
    zone = terms.due_at.tzinfo
    return StepTask(
        id=one.message_id,
        kind=task.kind,
        dedupe_key=task_row_key(one.key, person.id),
        customer_id=person.id,
        org_id=person.org_id,
        assignee_id=person.advisor_id,
        campaign_id=terms.row.id,
        step_key=step.key,
        planned_for=terms.occasion.on_day,
        due_at=datetime.combine(terms.occasion.on_day, task.due_at, tzinfo=zone),
        note=task.title_zh,
    )
