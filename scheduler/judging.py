"""One chunk of an occasion judged: facts, words and a decision for at most 500 customers. Reads only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from scheduler.asking import Asker
from scheduler.book import PROMOTIONAL, Book
from scheduler.carriers import Carriers
from scheduler.drafting import Draft
from scheduler.filling import Desk
from scheduler.judged import Considered, Judged, Terms
from scheduler.meeting import Meeting
from scheduler.occasions import Occasion
from scheduler.plan_report import OccurrencePlan
from scheduler.recognising import Recogniser
from scheduler.writing import Writer
from store.campaigns import LiveCampaign
from store.candidates import Candidate, Person, Rival, Standing, load_people
from store.database import Session
from store.facts import load_facts
from store.keys import customer_keys
from store.message_writes import channel_digests
from store.mourning import Mourning
from store.occurrences import count_going
from wenhou.core.campaigns import (
    BusinessEventTrigger,
    Late,
    PersonalDateTrigger,
)
from wenhou.core.dedupe import anchor_of, task_row_key
from wenhou.core.digests import message_digest
from wenhou.core.policy.decide import Decision, decide
from wenhou.core.policy.facts import Facts
from wenhou.core.policy.gates import SKIP
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING, Status
from wenhou.services.context import Context

_KEPT_FOR_GOOD = "already_greeted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all chunks of a run share, read once."""

    desk: Desk
    policy: Policy
    importance: Mapping[uuid.UUID, int]
    mournings: Sequence[Mourning]


@dataclass(slots=True, kw_only=True)
class Judge:
    """Judges the chunks of one occasion; remembers across chunks who was greeted and which addresses were used.

    `is_full`: whoever was skipped is judged again; else only those whose data changed since.
    """

    context: Context
    carriers: Carriers
    row: LiveCampaign
    meeting: Meeting
    around: Surroundings
    book: Book
    asker: Asker
    recogniser: Recogniser
    is_full: bool = True
    taken: set[uuid.UUID] = field(default_factory=set)
    greeted: dict[uuid.UUID, str] = field(default_factory=dict)
    going: int | None = None
    """Messages of the campaign's day that go, where it limits them; counted when first asked."""
    writer: Writer = field(init=False)

    def __post_init__(self) -> None:
        self.writer = Writer(
            context=self.context,
            row=self.row,
            meeting=self.meeting,
            desk=self.around.desk,
            mournings=self.around.mournings,
        )

    @property
    def occasion(self) -> Occasion:
        """What is being planned."""
        return self.meeting.occasion

    @property
    def terms(self) -> Terms:
        """What all messages of the occasion share."""
        step, zone = self.occasion.step, self.meeting.zone
        campaign, day = self.occasion.campaign, self.occasion.on_day
        starts = (
            time()
            if isinstance(campaign.trigger, BusinessEventTrigger) and campaign.trigger.at_once
            else step.send_at
        )
        last = day + timedelta(days=step.valid_days)
        extended = last + timedelta(days=campaign.late_days if campaign.late is not Late.SKIP else 0)
        return Terms(
            row=self.row,
            occasion=self.occasion,
            due_at=datetime.combine(day, starts, tzinfo=zone),
            in_time_until=datetime.combine(last, step.until, tzinfo=zone),
            expires_at=datetime.combine(extended, step.until, tzinfo=zone),
        )

    def consider(self, session: Session, chunk: Sequence[Candidate], plan: OccurrencePlan) -> Considered:
        """Judge every candidate without a standing message; what stands is counted into `plan`."""
        chunk = self.recogniser.who_is_met(session, chunk)
        plan.audience += len(chunk)
        chunk = self._without_tasks(session, chunk, plan)
        keys = [self.meeting.key_of(one) for one in chunk]
        standing = self.book.standing(
            session, [(one.customer_id, key) for one, key in zip(chunk, keys, strict=True)]
        )
        found = Considered()
        fresh: list[tuple[Candidate, str, Standing | None]] = []
        for one, key in zip(chunk, keys, strict=True):
            stands = self._aged(standing.get((one.customer_id, key)))
            if self._is_open(stands, plan):
                fresh.append((one, key, stands))
        if fresh:
            self._judge_all(session, fresh, found, plan)
            plan.statuses.update(found.unchanged)
        return found

    def judge_anyway(self, session: Session, candidate: Candidate) -> Judged:
        """One candidate judged whatever stands and whether or not the occasion meets them: to explain, never to write."""
        found = Considered()
        plan = OccurrencePlan(campaign=self.row.key, on_day=self.occasion.on_day)
        self._judge_all(session, [(candidate, self.meeting.key_of(candidate), None)], found, plan)
        return found.judged[0]

    def _without_tasks(
        self, session: Session, chunk: Sequence[Candidate], plan: OccurrencePlan
    ) -> list[Candidate]:
        """Those of a step that a person does for whom there is no task yet; the others are counted."""
        if self.occasion.step.task is None:
            return list(chunk)
        keys = {id(one): task_row_key(self.meeting.key_of(one), one.customer_id) for one in chunk}
        stand = self.book.tasks(session, list(keys.values()))
        plan.tasks += sum(key in stand for key in keys.values())
        return [one for one in chunk if keys[id(one)] not in stand]

    def _aged(self, standing: Standing | None) -> Standing | None:
        """What waits untouched in words that are in force no more is stale too."""
        if standing is None or not standing.untouched or standing.campaign_id != self.row.id:
            return standing
        is_in_force = standing.words_digest is None or standing.words_digest in self.writer.digests
        return standing if is_in_force else replace(standing, stale=True)

    def _is_open(self, standing: Standing | None, plan: OccurrencePlan) -> bool:
        """Whether to decide now: no message yet, a skipped one whose window is open, or words that may be stale."""
        if standing is None:
            return True
        if standing.campaign_id != self.row.id:  # another campaign greets the same occasion
            plan.statuses[standing.status] += 1
            return False
        if standing.stale:
            return True
        if standing.status == Status.SKIPPED:
            is_asked = self.is_full or standing.changed
            if is_asked and standing.expires_at > self.meeting.now and standing.reason != _KEPT_FOR_GOOD:
                return True
            plan.skipped[standing.reason or "other"] += 1
            return False
        plan.statuses[standing.status] += 1
        return False

    def _judge_all(
        self,
        session: Session,
        fresh: Sequence[tuple[Candidate, str, Standing | None]],
        found: Considered,
        plan: OccurrencePlan,
    ) -> None:
        ids = sorted({one.customer_id for one, _, _ in fresh})
        people = load_people(session, ids)
        found.keys = customer_keys(session, self.context.vault, ids)
        questions = self.asker.questions(session, fresh, self.terms)
        facts = load_facts(
            session,
            questions,
            policy=self.around.policy,
            zone=self.meeting.zone,
            now=self.meeting.now,
            platform=self.carriers.platform,
            accounts=self.carriers.accounts,
            beside=self.book.beside,
        )
        if self.occasion.campaign.limits.messages_a_day is not None and self.going is None:
            self.going = count_going(session, self.row.id, self.occasion.on_day)
        rivals = self._rivals(session, ids)
        self.writer.look_around(session, ids, [stands for _, _, stands in fresh if stands is not None])
        years = (
            self.recogniser.years(session, [one for one, _, _ in fresh])
            if self.writer.wants_years(people.values())
            else {}
        )
        for (one, key, stands), question in zip(fresh, questions, strict=True):
            self._judge(
                one,
                people[one.customer_id],
                facts[question.message_id],
                rivals.get(one.customer_id, ()),
                found,
                standing=stands,
                key=key,
                message_id=stands.id if stands else question.message_id,
                years=self.recogniser.count(one, years),
            )

    def _rivals(self, session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Rival]]:
        """Promotional messages of other campaigns on the same day, where this one is promotional too.

        Of this campaign too where it greets personal dates: two of them may fall on one day.
        """
        if self.occasion.campaign.purpose not in PROMOTIONAL or self.occasion.step.task is not None:
            return {}
        found = self.book.rivals(session, ids, self.occasion.on_day)
        if isinstance(self.occasion.campaign.trigger, PersonalDateTrigger):
            return found
        return {
            customer: [one for one in rows if one.campaign_id != self.row.id]
            for customer, rows in found.items()
        }

    def _judge(
        self,
        candidate: Candidate,
        person: Person,
        facts: Facts,
        rivals: Sequence[Rival],
        found: Considered,
        *,
        standing: Standing | None,
        key: str,
        message_id: uuid.UUID,
        years: int | None,
    ) -> None:
        words = self.writer.words(candidate, person, facts, message_id, years=years, standing=standing)
        if standing is not None and standing.stale and words is not None:
            digests = channel_digests(self.context.vault, words.contents)
            if message_digest(self.context.vault.digest_key, digests) == standing.content_hash:
                found.same.append(standing.id)
                if standing.words_digest != bytes.fromhex(words.version.digest):
                    found.reworded.append((standing.id, words))
                found.unchanged[standing.status] += 1
                return
        facts = self._completed(facts, words, candidate.customer_id)
        others = [one for one in rivals if one.id != message_id]
        weaker = [one for one in others if self._is_weaker(one)]
        stronger = next(
            (one for one in others if one not in weaker or Status(one.status) not in PENDING), None
        )
        if stronger is not None:
            facts = replace(facts, rival=anchor_of(stronger.dedupe_key))
        elif weaker:
            facts = _without(facts, [one.purpose for one in weaker])
        has_place = standing is not None and standing.status in PENDING
        if not has_place:
            facts = self._limited(facts)
        decision = decide(facts, self.around.policy, self.meeting.now)
        if decision.verdict != SKIP:
            if self.going is not None and not has_place:
                self.going += 1
            if weaker and stronger is None:
                found.displaced += weaker
            self._remember(candidate, key, decision)
            self.writer.note(person, words)
        found.judged.append(
            Judged(
                candidate=candidate,
                person=person,
                key=key,
                message_id=message_id,
                words=words,
                decision=decision,
                standing=standing,
                wave=self.asker.wave(candidate.customer_id),
            )
        )

    def _limited(self, facts: Facts) -> Facts:
        """Whether the campaign's own limit of the day has room: only who goes takes a place, whoever was met before."""
        room = self.occasion.campaign.limits.messages_a_day
        if room is None or self.going is None or self.going < room:
            return facts
        return replace(facts, is_campaign_full=True)

    def _is_weaker(self, rival: Rival) -> bool:
        importance = self.around.importance.get(rival.campaign_id, 99) if rival.campaign_id else 99
        return importance > self.occasion.campaign.importance

    def _remember(self, candidate: Candidate, key: str, decision: Decision) -> None:
        route = decision.route
        if route is not None and route.shared_by > 1 and route.contact_point_id is not None:
            self.taken.add(route.contact_point_id)
        if isinstance(self.occasion.campaign.trigger, PersonalDateTrigger):
            self.greeted[candidate.customer_id] = anchor_of(key)

    def _completed(self, facts: Facts, words: Draft | None, customer_id: uuid.UUID) -> Facts:
        """The words' own problems, and what this very run gave to the customer or the address before."""
        if customer_id in self.greeted:  # a solar and a lunar birthday may fall on one day
            facts = replace(facts, rival=self.greeted[customer_id])
        if words is None:
            return facts
        sound = {content.channel for content in words.contents}
        unfiled = words.unfiled
        names = words.version.names_details or self.occasion.campaign.purpose is Purpose.MARKETING
        routes = facts.routes
        if self.taken or any(route.reachable and route.channel not in sound for route in routes):
            routes = tuple(
                replace(
                    route,
                    address_today=route.address_today + (route.contact_point_id in self.taken),
                    reachable=route.reachable
                    and (route.channel in sound or route.channel in unfiled or not sound),
                    unfiled=unfiled.get(route.channel, ""),
                )
                for route in routes
            )
        elif not (words.problems or words.blocked or names):
            return facts
        return replace(facts, routes=routes, problems=words.problems, lint=words.blocked, names_product=names)


def _without(facts: Facts, displaced: Sequence[str]) -> Facts:
    """The day's count without the messages, by purpose, that this one takes the place of."""
    today = dict(facts.contacts.get(0, {}))
    for purpose in displaced:
        today[purpose] = max(0, today.get(purpose, 0) - 1)
    return replace(facts, contacts={**facts.contacts, 0: today})
