"""Writing what was judged: one short transaction a chunk, in which the unique key decides every race."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.drafting import Draft
from scheduler.judged import Considered, Judged, Terms, as_message, as_task
from scheduler.plan_report import OccurrencePlan
from store.approvals import void_votes
from store.campaigns import LiveCampaign
from store.candidates import touch_messages
from store.database import Session
from store.message_writes import (
    NewMessage,
    PreparedMessages,
    insert_prepared,
    prepare_messages,
    revive_prepared,
)
from store.occurrences import record_plan
from store.quotas import Booking, reserve
from store.tasks import StepTask, insert_step_tasks
from store.transitions import Change, change_status
from store.words import name_wording, template_version_id
from wenhou.core.policy.gates import SKIP
from wenhou.core.statuses import Event, Status
from wenhou.services.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A chunk laid out, digested and sealed before the write lock is taken."""

    fresh: PreparedMessages
    revived: PreparedMessages
    taken_back: tuple[Judged, ...]
    tasks: tuple[StepTask, ...]


@dataclass(slots=True, kw_only=True)
class Keeper:
    """Keeps the chunks of one occasion; remembers the rows of template versions across chunks."""

    context: Context
    row: LiveCampaign
    terms: Terms
    run_id: uuid.UUID
    accounts: Mapping[str, tuple[str, str]]
    _versions: dict[str, uuid.UUID] = field(default_factory=dict)

    def know_versions(self, found: Considered) -> None:
        """Write the wordings that were never used before; once a wording, in a transaction of its own."""
        drafts = [one.words for one in found.judged if one.words is not None]
        drafts += [words for _, words in found.reworded]
        new: dict[str, Draft] = {
            words.version.digest: words for words in drafts if words.version.digest not in self._versions
        }
        if not new:
            return
        with self.context.db.write() as session:
            for digest, words in new.items():
                version = words.version
                self._versions[digest] = template_version_id(
                    session,
                    key=version.key,
                    locale=version.locale,
                    number=version.version,
                    source=version.source,
                    digest=digest,
                    at=self.context.clock.now(),
                )

    def lay_out(self, found: Considered, plan: OccurrencePlan, now: datetime) -> Rows:
        """Rows of a chunk, and what they come to counted into `plan`; needs no database."""
        fresh: list[NewMessage] = []
        revived: list[NewMessage] = []
        tasks: list[StepTask] = []
        for one in found.judged:
            if one.words is None:
                if one.decision.verdict != SKIP:
                    tasks.append(as_task(one, self.terms))
                count_judged(one, self.terms, plan, now)
                continue
            message = as_message(
                one, self.terms, one.words, run_id=self.run_id, versions=self._versions, now=now
            )
            count_judged(one, self.terms, plan, now)
            if one.standing is None:
                fresh.append(message)
            elif message.status != Status.SKIPPED:
                revived.append(message)
        vault, keys = self.context.vault, found.keys
        return Rows(
            fresh=prepare_messages(vault, fresh, at=now, keys=keys),
            revived=prepare_messages(vault, revived, at=now, keys=keys),
            taken_back=tuple(one for one in found.judged if one.standing is not None and one.standing.stale),
            tasks=tuple(tasks),
        )

    def keep(
        self,
        session: Session,
        found: Considered,
        rows: Rows,
        plan: OccurrencePlan,
        now: datetime,
        *,
        is_last: bool,
    ) -> None:
        """Write a chunk; the caller commits. A message whose words changed loses the approval it had."""
        self._displace(session, found, now)
        self._take_back(session, rows.taken_back, now)
        written = insert_prepared(session, rows.fresh)
        plan.new += len(written)
        again = revive_prepared(session, rows.revived, at=now)
        self._reserve(session, rows, written | again)
        plan.new += len(again)
        for message_id in sorted(again):  # what was agreed to before it was skipped were other words
            void_votes(session, message_id, "input_changed", now)
        plan.new_tasks += insert_step_tasks(session, rows.tasks, found.keys, now)
        skipped_again = [
            one.standing.id
            for one in found.judged
            if one.standing is not None and one.standing.changed and one.decision.verdict == SKIP
        ]
        touch_messages(session, [*found.same, *skipped_again], now)
        for message_id, words in found.reworded:
            name_wording(session, message_id, self._versions[words.version.digest], words.variant)
        record_plan(
            session,
            self.run_id,
            self.terms.occasion.part,
            plan.as_json(),
            version_id=self.row.version_id,
            at=now,
            is_whole=is_last,
        )

    def _reserve(self, session: Session, rows: Rows, written: set[uuid.UUID]) -> None:
        """Keep places under the platforms' limits; who finds none is judged again when due."""
        bookings = [
            Booking(message_id=one.id, channel=one.channel, purpose=str(one.purpose), at=one.due_at)
            for one in (*rows.fresh.messages, *rows.revived.messages)
            if one.channel is not None and one.status != Status.SKIPPED and one.id in written
        ]
        reserve(session, bookings, accounts=self.accounts)

    def _displace(self, session: Session, found: Considered, now: datetime) -> None:
        changes = [
            Change(
                message_id=one.id,
                was=Status(one.status),
                event=Event.SKIP,
                actor="system",
                reason="more_important_message",
            )
            for one in found.displaced
        ]
        change_status(session, changes, now)

    def _take_back(self, session: Session, stale: Sequence[Judged], now: datetime) -> None:
        """What waits and would be worded or judged otherwise today is taken back before it is planned anew."""
        changes = [
            Change(
                message_id=one.standing.id,
                was=Status(one.standing.status),
                event=Event.SKIP,
                actor="system",
                reason="input_changed" if one.decision.verdict != SKIP else one.decision.reason,
                requires={"claim_until": None, "content_hash": one.standing.content_hash},
            )
            for one in stale
            if one.standing is not None
        ]
        change_status(session, changes, now)


def count_judged(one: Judged, terms: Terms, plan: OccurrencePlan, now: datetime) -> None:
    """Count one decision into the plan: everybody of the audience in exactly one box."""
    if one.decision.verdict == SKIP:
        plan.skipped[one.decision.reason or "other"] += 1
        if one.words is None and one.person.advisor_id is None:
            plan.skipped_tasks[one.decision.reason or "other"] += 1
    elif one.words is None:
        plan.tasks += 1
    else:
        level = terms.level_of(one.words, now)
        plan.statuses[Status.PROPOSED if level else Status.SCHEDULED] += 1
