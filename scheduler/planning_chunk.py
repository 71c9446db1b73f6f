"""One chunk of an occasion: facts, words and decisions for at most 500 customers, written in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from scheduler.carriers import Carriers
from scheduler.drafting import Desk, Draft, draft
from scheduler.judged import Judged, Terms, as_message
from scheduler.occasions import Occasion
from scheduler.plan_report import OccurrencePlan
from store.approvals import void_votes
from store.campaigns import LiveCampaign, get_occurrence
from store.candidates import (
    Candidate,
    Person,
    Standing,
    load_people,
    messages_of_day,
    standing_messages,
    touch_messages,
)
from store.database import Session
from store.facts import Question, load_facts
from store.keys import customer_keys
from store.message_writes import channel_digests, insert_messages, revive_messages
from store.transitions import Change, change_status
from store.words import template_version_id
from wenhou.core.calendars.personal import Rules
from wenhou.core.campaigns import PersonalDateTrigger
from wenhou.core.digests import message_digest
from wenhou.core.ids import new_id
from wenhou.core.policy.decide import decide
from wenhou.core.policy.facts import Facts
from wenhou.core.policy.gates import SKIP
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING, Event, Status
from wenhou.services.context import Context
from wenhou.services.policies import policy_in_force

_PROMOTIONAL = (Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING)


@dataclass(slots=True, kw_only=True)
class Chunk:
    """One chunk's work inside one transaction."""

    context: Context
    carriers: Carriers
    row: LiveCampaign
    occasion: Occasion
    desk: Desk
    rules: Rules
    taken: set[uuid.UUID] = field(default_factory=set)
    greeted: dict[uuid.UUID, str] = field(default_factory=dict)

    def run(
        self,
        session: Session,
        chunk: Sequence[Candidate],
        importance: Mapping[uuid.UUID, int],
        plan: OccurrencePlan,
    ) -> None:
        """Judge every candidate without a standing message, write what comes of it, and count all into `plan`."""
        now = self.context.clock.now()
        keys = {id(candidate): self.occasion.dedupe_key(candidate, self.rules) for candidate in chunk}
        standing = standing_messages(session, [(one.customer_id, keys[id(one)]) for one in chunk])
        self._take_back_stale(session, chunk, keys, standing, now)
        plan.audience += len(chunk)
        fresh = [
            one for one in chunk if self._is_open(standing.get((one.customer_id, keys[id(one)])), plan, now)
        ]
        if not fresh:
            return
        people = load_people(session, sorted({one.customer_id for one in fresh}))
        policy = policy_in_force(session, now)
        drafts = {id(one): new_id() for one in fresh}
        facts = self._facts(session, fresh, drafts, policy, now)
        rivals = self._rivals(session, fresh, importance)
        judged: list[Judged] = []
        for candidate in fresh:
            stand = standing.get((candidate.customer_id, keys[id(candidate)]))
            message_id = stand.id if stand else drafts[id(candidate)]
            judged.append(
                self._judge(
                    session,
                    candidate,
                    people[candidate.customer_id],
                    facts[drafts[id(candidate)]],
                    rivals.get(candidate.customer_id, ()),
                    importance,
                    policy=policy,
                    now=now,
                    key=keys[id(candidate)],
                    message_id=message_id,
                    standing=stand,
                )
            )
        self._write(session, judged, plan, now)

    def _take_back_stale(
        self,
        session: Session,
        chunk: Sequence[Candidate],
        keys: Mapping[int, str],
        standing: dict[tuple[uuid.UUID, str], Standing],
        now: datetime,
    ) -> None:
        """What waits and would be worded otherwise today is taken back, to be judged and worded anew with the rest.

        An approval it had is void (DESIGN §7): nobody agreed to the new words. Words that come out the same stay.
        """
        stale = [
            one for one in chunk if (old := standing.get((one.customer_id, keys[id(one)]))) and old.stale
        ]
        if not stale:
            return
        olds = {id(one): standing[one.customer_id, keys[id(one)]] for one in stale}
        people = load_people(session, sorted({one.customer_id for one in stale}))
        policy = policy_in_force(session, now)
        facts = self._facts(session, stale, {key: old.id for key, old in olds.items()}, policy, now)
        changes: list[Change] = []
        same: list[uuid.UUID] = []
        for candidate in stale:
            old = olds[id(candidate)]
            words = self._words(candidate, people[candidate.customer_id], facts[old.id], old.id)
            digests = channel_digests(self.context.vault, words.contents)
            if message_digest(self.context.vault.digest_key, digests) == old.content_hash:
                same.append(old.id)
                continue
            changes.append(
                Change(
                    message_id=old.id,
                    was=Status(old.status),
                    event=Event.SKIP,
                    actor="system",
                    reason="input_changed",
                    requires={"claim_until": None, "content_hash": old.content_hash},
                )
            )
        touch_messages(session, same, now)
        taken = change_status(session, changes, now)
        for candidate in stale:
            old = olds[id(candidate)]
            if old.id in taken:
                back = replace(old, status=Status.SKIPPED, reason="input_changed")
                standing[candidate.customer_id, keys[id(candidate)]] = back

    def _is_open(self, standing: Standing | None, plan: OccurrencePlan, now: datetime) -> bool:
        """Whether to decide now: no message yet, or a skipped one whose window is open. What stands is counted."""
        if standing is None:
            return True
        if standing.status == Status.SKIPPED:
            if standing.expires_at > now and standing.reason != "already_greeted":
                return True
            plan.skipped[standing.reason or "other"] += 1
            return False
        plan.statuses[standing.status] += 1
        return False

    def _facts(
        self,
        session: Session,
        fresh: Sequence[Candidate],
        ids: Mapping[int, uuid.UUID],
        policy: Policy,
        now: datetime,
    ) -> dict[uuid.UUID, Facts]:
        questions = [
            Question(
                message_id=ids[id(candidate)],
                customer_id=candidate.customer_id,
                purpose=self.occasion.campaign.purpose,
                origin="campaign",
                channels=self.occasion.campaign.channels,
                planned_for=self.occasion.on_day,
                planned_at=self._due_at,
                expires_at=self._expires_at,
                in_audience=candidate.in_audience,
            )
            for candidate in fresh
        ]
        return load_facts(
            session,
            questions,
            policy=policy,
            zone=self.context.bank.zone,
            now=now,
            platform=self.carriers.platform,
        )

    @property
    def _due_at(self) -> datetime:
        return datetime.combine(
            self.occasion.on_day, self.occasion.campaign.send_at, tzinfo=self.context.bank.zone
        )

    @property
    def _expires_at(self) -> datetime:
        day = self.occasion.on_day + timedelta(days=self.occasion.campaign.valid_days)
        return datetime.combine(day, self.occasion.campaign.until, tzinfo=self.context.bank.zone)

    def _rivals(
        self, session: Session, fresh: Sequence[Candidate], importance: Mapping[uuid.UUID, int]
    ) -> dict[uuid.UUID, list[Any]]:
        """Promotional messages of other campaigns on the same day, where this one is promotional too.

        Of this campaign too where it greets personal dates: two of them may fall on one day.
        """
        if self.occasion.campaign.purpose not in _PROMOTIONAL:
            return {}
        ids = sorted({candidate.customer_id for candidate in fresh})
        found = messages_of_day(session, ids, self.occasion.on_day, _PROMOTIONAL)
        greets = isinstance(self.occasion.campaign.trigger, PersonalDateTrigger)
        return {
            customer: [one for one in rows if greets or one.campaign_id != self.row.id]
            for customer, rows in found.items()
        }

    def _judge(
        self,
        session: Session,
        candidate: Candidate,
        person: Person,
        facts: Facts,
        rivals: Sequence[Any],
        importance: Mapping[uuid.UUID, int],
        *,
        policy: Policy,
        now: datetime,
        key: str,
        message_id: uuid.UUID,
        standing: Standing | None,
    ) -> Judged:
        words = self._words(candidate, person, facts, message_id)
        facts = self._completed(facts, words)
        if candidate.customer_id in self.greeted:  # a solar and a lunar birthday may fall on one day
            facts = replace(facts, rival=self.greeted[candidate.customer_id])
        weaker = [
            one for one in rivals if importance.get(one.campaign_id, 99) > self.occasion.campaign.importance
        ]
        stronger = next(
            (one for one in rivals if one not in weaker or Status(one.status) not in PENDING), None
        )
        if stronger is not None:
            facts = replace(facts, rival=str(stronger.dedupe_key).split("|", 1)[0])
        elif weaker:
            facts = _without(facts, len(weaker))
        decision = decide(facts, policy, now)
        if weaker and stronger is None and decision.verdict != SKIP:
            self._displace(session, weaker, now)
        if decision.route is not None and decision.verdict != SKIP and decision.route.shared_by > 1:
            self.taken.add(decision.route.contact_point_id or uuid.UUID(int=0))
        if decision.verdict != SKIP and isinstance(self.occasion.campaign.trigger, PersonalDateTrigger):
            self.greeted[candidate.customer_id] = key.split("|", 1)[-1]
        return Judged(
            candidate=candidate,
            person=person,
            key=key,
            message_id=message_id,
            words=words,
            decision=decision,
            standing=standing,
        )

    def _words(self, candidate: Candidate, person: Person, facts: Facts, message_id: uuid.UUID) -> Draft:
        reachable = [route.channel for route in facts.routes if route.contact_point_id is not None]
        return draft(
            self.context,
            self.desk,
            self.occasion,
            person,
            candidate,
            message_id=message_id,
            channels=reachable or self.occasion.campaign.channels[-1:],
        )

    def _completed(self, facts: Facts, words: Draft) -> Facts:
        """The words' own problems, and addresses another customer of this very chunk was just given."""
        sound = {content.channel for content in words.contents}
        routes = tuple(
            replace(
                route,
                address_today=route.address_today + (route.contact_point_id in self.taken),
                reachable=route.reachable and (route.channel in sound or not sound),
            )
            for route in facts.routes
        )
        names = words.version.names_details or self.occasion.campaign.purpose is Purpose.MARKETING
        return replace(facts, routes=routes, problems=words.problems, lint=words.blocked, names_product=names)

    def _displace(self, session: Session, weaker: Sequence[Any], now: datetime) -> None:
        changes = [
            Change(
                message_id=one.id,
                was=Status(one.status),
                event=Event.SKIP,
                actor="system",
                reason="more_important_message",
            )
            for one in weaker
        ]
        change_status(session, changes, now)

    def _write(self, session: Session, judged: Sequence[Judged], plan: OccurrencePlan, now: datetime) -> None:
        occurrence = get_occurrence(
            session,
            campaign_id=self.row.id,
            version_id=self.row.version_id,
            on_day=self.occasion.on_day,
            at=now,
        )
        versions: dict[str, uuid.UUID] = {}
        for one in judged:
            version = one.words.version
            if version.digest not in versions:
                versions[version.digest] = template_version_id(
                    session,
                    key=version.key,
                    locale=version.locale,
                    number=version.version,
                    source=version.source,
                    digest=version.digest,
                    at=now,
                )
        terms = Terms(row=self.row, occasion=self.occasion, due_at=self._due_at, expires_at=self._expires_at)
        messages = [as_message(one, terms, occurrence.id, versions) for one in judged]
        keys = customer_keys(session, self.context.vault, {message.customer_id for message in messages})
        fresh = [message for message, one in zip(messages, judged, strict=True) if one.standing is None]
        written = insert_messages(session, self.context.vault, fresh, at=now, keys=keys)
        plan.new += len(written)
        revived = [
            message
            for message, one in zip(messages, judged, strict=True)
            if one.standing is not None and message.status != Status.SKIPPED
        ]
        again = revive_messages(session, self.context.vault, revived, at=now, keys=keys)
        plan.new += len(again)
        for message_id in sorted(again):  # what was agreed to before it was skipped were other words
            void_votes(session, message_id, "input_changed", now)
        for message in messages:
            if message.status == Status.SKIPPED:
                plan.skipped[message.reason or "other"] += 1
            else:
                plan.statuses[message.status] += 1
        occurrence.audience = max(occurrence.audience, plan.audience)
        occurrence.counts = plan.as_json()
        occurrence.planned_through = now
        occurrence.campaign_version_id = self.row.version_id
        occurrence.state = "planned"
        occurrence.updated_at = now


def _without(facts: Facts, displaced: int) -> Facts:
    """The day's count without the messages this one takes the place of."""
    today = dict(facts.contacts.get(0, {}))
    for purpose in list(today):
        gone = min(displaced, today[purpose])
        today[purpose] -= gone
        displaced -= gone
    return replace(facts, contacts={**facts.contacts, 0: today})
