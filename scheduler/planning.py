"""Planning: which occasions fall in the horizon, for whom, whether; one message row each, with its words.

A chunk of at most 500 customers is one short transaction. Planning twice, or by two planners at once, plans once: the
database holds (customer, occasion) unique.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from scheduler.carriers import Carriers
from scheduler.drafting import Desk, Draft, draft
from scheduler.occasions import Occasion, candidates, days_from, is_last, occasions_on
from store.campaigns import LiveCampaign, get_occurrence, planned_since
from store.candidates import (
    Candidate,
    Person,
    Standing,
    load_advisors,
    load_orgs,
    load_people,
    messages_of_day,
    standing_messages,
)
from store.database import Session
from store.facts import Question, load_facts
from store.keys import customer_keys
from store.message_writes import NewMessage, insert_messages, revive_messages
from store.transitions import Change, change_status
from store.words import template_version_id
from wenhou.core.calendars.personal import DEFAULT_RULES, Rules
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import BusinessEventTrigger, Campaign
from wenhou.core.ids import new_id
from wenhou.core.policy.decide import Decision, decide
from wenhou.core.policy.facts import Facts
from wenhou.core.policy.gates import HOLD, SKIP
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.trace import encode_trace
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING, Event, Status
from wenhou.services.campaigns import live_campaigns
from wenhou.services.context import Context
from wenhou.services.policies import policy_in_force

log = logging.getLogger("wenhou.planning")
_REST = timedelta(minutes=10)
_PROMOTIONAL = (Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING)


@dataclass(slots=True, kw_only=True)
class OccurrencePlan:
    """What planning one campaign for one day came to; the counts add up to the audience."""

    campaign: str
    on_day: date
    audience: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    new: int = 0

    def as_json(self) -> dict[str, Any]:
        """The contract's shape (DESIGN §15); `other` holds messages that went further than planning."""
        other = {
            status: amount
            for status, amount in sorted(self.statuses.items())
            if status not in (Status.PROPOSED, Status.SCHEDULED)
        }
        return {
            "campaign": self.campaign,
            "key": self.on_day.isoformat(),
            "audience": self.audience,
            "proposed": self.statuses[Status.PROPOSED],
            "scheduled": self.statuses[Status.SCHEDULED],
            "skipped": dict(sorted(self.skipped.items())),
            "other": other,
            "new": self.new,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """Every occurrence that was planned."""

    occurrences: tuple[OccurrencePlan, ...]

    def as_json(self) -> dict[str, Any]:
        """The JSON of `wenhou plan`."""
        return {"occurrences": [occurrence.as_json() for occurrence in self.occurrences]}


class _DryRun(Exception):
    """Rolls a chunk back after it was counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    candidate: Candidate
    person: Person
    key: str
    message_id: uuid.UUID
    words: Draft
    decision: Decision
    standing: Standing | None


class Planner:
    """Plans days. Holds nothing between calls but its calendars."""

    def __init__(
        self,
        context: Context,
        carriers: Carriers,
        *,
        rules: Rules = DEFAULT_RULES,
        workdays: WorkCalendar | None = None,
    ) -> None:
        self._context = context
        self._carriers = carriers
        self._rules = rules
        self._workdays = workdays or WorkCalendar()

    def plan(
        self, first: date, last: date, *, campaign: str | None = None, dry_run: bool = False
    ) -> PlanReport:
        """Plan every live campaign for each day, ends included; the more important campaign of a day first."""
        found: list[OccurrencePlan] = []
        for day in days_from(first, last):
            for row, spec in self._campaigns(campaign):
                found += self._plan_day(row, spec, day, dry_run=dry_run)
        return PlanReport(occurrences=tuple(found))

    def plan_horizon(self, *, everything: bool = False) -> PlanReport:
        """What the scheduler does each minute: today and the workdays ahead that each campaign asks for.

        A run that was planned in this version less than ten minutes ago is left alone (customers who changed since are
        met by the next look), unless `everything` is asked for. Call-backs are looked at every time: events arrive.
        """
        now = self._context.clock.now()
        today = now.astimezone(self._context.bank.zone).date()
        with self._context.db.read() as session:
            rested = set() if everything else planned_since(session, now - _REST)
        found: list[OccurrencePlan] = []
        campaigns = self._campaigns(None)
        reach = {
            row.key: self._workdays.add_workdays(today, spec.plan_ahead_workdays) for row, spec in campaigns
        }
        for day in days_from(today, max(reach.values(), default=today)):
            for row, spec in campaigns:
                due = isinstance(spec.trigger, BusinessEventTrigger) or (row.version_id, day) not in rested
                if due and day <= reach[row.key]:
                    found += self._plan_day(row, spec, day, dry_run=False)
        return PlanReport(occurrences=tuple(found))

    def _campaigns(self, only: str | None) -> list[tuple[LiveCampaign, Campaign]]:
        with self._context.db.read() as session:
            return [(row, spec) for row, spec in live_campaigns(session) if only in (None, row.key)]

    def _plan_day(
        self, row: LiveCampaign, spec: Campaign, day: date, *, dry_run: bool
    ) -> list[OccurrencePlan]:
        with self._context.db.read() as session:
            occasions = occasions_on(session, spec, day)
        return [self._plan_occasion(row, occasion, dry_run=dry_run) for occasion in occasions]

    def _plan_occasion(self, row: LiveCampaign, occasion: Occasion, *, dry_run: bool) -> OccurrencePlan:
        plan = OccurrencePlan(campaign=row.key, on_day=occasion.on_day)
        last: Candidate | None = None
        with self._context.db.read() as session:
            desk = Desk(advisors=load_advisors(session), orgs=load_orgs(session))
            importance = {one.id: spec.importance for one, spec in live_campaigns(session)}
        while True:
            with self._context.db.read() as session:
                chunk = candidates(
                    session,
                    occasion,
                    after=last,
                    now=self._context.clock.now(),
                    zone=self._context.bank.zone,
                    rules=self._rules,
                    workdays=self._workdays,
                )
            if chunk:
                self._plan_chunk(
                    row, occasion, chunk, plan, desk=desk, importance=importance, dry_run=dry_run
                )
                last = chunk[-1]
            if is_last(chunk):
                break
        if plan.new:
            log.info(
                "occasion_planned", extra={"campaign": row.key, "day": str(occasion.on_day), "new": plan.new}
            )
        return plan

    def _plan_chunk(
        self,
        row: LiveCampaign,
        occasion: Occasion,
        chunk: Sequence[Candidate],
        plan: OccurrencePlan,
        *,
        desk: Desk,
        importance: Mapping[uuid.UUID, int],
        dry_run: bool,
    ) -> None:
        work = _Chunk(
            context=self._context,
            carriers=self._carriers,
            row=row,
            occasion=occasion,
            desk=desk,
            rules=self._rules,
        )
        try:
            with self._context.db.write() as session:
                work.run(session, chunk, importance, plan)
                _roll_back_if(dry_run=dry_run)
                self._context.passed("planning.before_commit")
        except _DryRun:
            return
        self._context.passed("planning.after_commit")


@dataclass(slots=True, kw_only=True)
class _Chunk:
    """One chunk's work inside one transaction."""

    context: Context
    carriers: Carriers
    row: LiveCampaign
    occasion: Occasion
    desk: Desk
    rules: Rules
    taken: set[uuid.UUID] = field(default_factory=set)

    def run(
        self,
        session: Session,
        chunk: Sequence[Candidate],
        importance: Mapping[uuid.UUID, int],
        plan: OccurrencePlan,
    ) -> None:
        now = self.context.clock.now()
        keys = {id(candidate): self.occasion.dedupe_key(candidate, self.rules) for candidate in chunk}
        standing = standing_messages(session, [(one.customer_id, keys[id(one)]) for one in chunk])
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
        judged: list[_Judged] = []
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
        """Promotional messages of other campaigns on the same day, where this one is promotional too."""
        if self.occasion.campaign.purpose not in _PROMOTIONAL:
            return {}
        ids = sorted({candidate.customer_id for candidate in fresh})
        found = messages_of_day(session, ids, self.occasion.on_day, _PROMOTIONAL)
        return {
            customer: [one for one in rows if one.campaign_id != self.row.id]
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
    ) -> _Judged:
        reachable = [route.channel for route in facts.routes if route.contact_point_id is not None]
        words = draft(
            self.context,
            self.desk,
            self.occasion,
            person,
            candidate,
            message_id=message_id,
            channels=reachable or self.occasion.campaign.channels[-1:],
        )
        facts = self._completed(facts, words)
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
        return _Judged(
            candidate=candidate,
            person=person,
            key=key,
            message_id=message_id,
            words=words,
            decision=decision,
            standing=standing,
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
        return replace(facts, routes=routes, problems=words.problems, lint=words.blocked)

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

    def _write(
        self, session: Session, judged: Sequence[_Judged], plan: OccurrencePlan, now: datetime
    ) -> None:
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
        messages = [self._message(one, occurrence.id, versions) for one in judged]
        keys = customer_keys(session, self.context.vault, {message.customer_id for message in messages})
        fresh = [message for message, one in zip(messages, judged, strict=True) if one.standing is None]
        written = insert_messages(session, self.context.vault, fresh, at=now, keys=keys)
        plan.new += len(written)
        revived = [
            message
            for message, one in zip(messages, judged, strict=True)
            if one.standing is not None and message.status != Status.SKIPPED
        ]
        plan.new += len(revive_messages(session, self.context.vault, revived, at=now, keys=keys))
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

    def _message(
        self, one: _Judged, occurrence_id: uuid.UUID, versions: Mapping[str, uuid.UUID]
    ) -> NewMessage:
        campaign, decision = self.occasion.campaign, one.decision
        skipped = decision.verdict == SKIP
        level = max(campaign.approval.level, 2 if one.words.raises else 0)
        status = Status.SKIPPED if skipped else (Status.PROPOSED if level else Status.SCHEDULED)
        return NewMessage(
            id=one.message_id,
            customer_id=one.person.id,
            dedupe_key=one.key,
            origin="campaign",
            origin_id=one.candidate.event_id or self.occasion.article_id,
            purpose=campaign.purpose,
            channel_plan=campaign.channels
            if skipped
            else tuple(content.channel for content in one.words.contents),
            status=status,
            planned_for=self.occasion.on_day,
            not_before=self._due_at,
            due_at=decision.send_at,
            expires_at=self._expires_at,
            level=level,
            reason=decision.reason,
            channel=None if skipped else decision.channel,
            contact_point_id=None if skipped else decision.contact_point_id,
            campaign_id=self.row.id,
            campaign_version_id=self.row.version_id,
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


def _roll_back_if(*, dry_run: bool) -> None:
    if dry_run:
        raise _DryRun


def _without(facts: Facts, displaced: int) -> Facts:
    """The day's count without the messages this one takes the place of."""
    today = dict(facts.contacts.get(0, {}))
    for purpose in list(today):
        gone = min(displaced, today[purpose])
        today[purpose] -= gone
        displaced -= gone
    return replace(facts, contacts={**facts.contacts, 0: today})
