"""The planner asked about one customer: would this campaign speak to them on that day, and what does each gate say?

The very code that plans, narrowed to one customer: occasion, audience, words, facts, gates. Writes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from scheduler.asking import Asker
from scheduler.book import StoreBook
from scheduler.carriers import Carriers
from scheduler.filed_lines import read_lines
from scheduler.filling import Desk
from scheduler.judged import Judged
from scheduler.judging import Judge, Surroundings
from scheduler.meeting import Meeting
from scheduler.occasions import Occasion, occasions_on
from scheduler.outside import why_outside
from scheduler.recognising import Recogniser
from store.beside import Beside
from store.campaigns import LiveCampaign, list_campaigns
from store.candidates import Candidate, Rival, Standing, load_advisors, load_orgs
from store.database import Session
from store.facts_contacts import Contact
from store.mourning import list_standing
from store.overview import list_dates
from store.voices import voices_in_force
from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.calendars.personal import DEFAULT_RULES
from wenhou.core.campaigns import Campaign, PersonalDateTrigger, RecurringTrigger
from wenhou.core.dedupe import task_row_key
from wenhou.core.judged_now import JudgedNow
from wenhou.core.statuses import STATUS_NAMES, Status
from wenhou.services.calendars import calendar_in_force
from wenhou.services.campaign_specs import specs_of
from wenhou.services.campaigns import live_campaigns
from wenhou.services.context import Context, JudgeOne
from wenhou.services.media import cards_in_force
from wenhou.services.offer_words import product_words
from wenhou.services.opinions import agreed_for
from wenhou.services.policies import policy_in_force
from wenhou.services.word_rules import word_rules
from wenhou.services.words_in_force import library_in_force

_NOBODY = uuid.UUID(int=0)


def judging_with(carriers: Carriers) -> JudgeOne:
    """The port that services ask through, given to their context by the composition root."""

    def _judge(context: Context, customer_id: uuid.UUID, campaign_key: str, day: date) -> JudgedNow | None:
        return judge_one(context, carriers, customer_id, campaign_key, day)

    return _judge


def judge_one(
    context: Context, carriers: Carriers, customer_id: uuid.UUID, campaign_key: str, day: date
) -> JudgedNow | None:
    """Judge now; None for a campaign without a version that can be read."""
    with context.db.read() as session:
        live = live_campaigns(session)
        found = _campaign(session, live, campaign_key)
        if found is None:
            return None
        _, spec = found
        dated = calendar_in_force(session)
        occasions = occasions_on(session, spec, day, context.bank.zone, dated)
        asked = _Asked(
            context,
            carriers,
            session,
            campaign=found,
            importance={one.id: other.importance for one, other in live},
            day=day,
            customer_id=customer_id,
            dated=dated,
        )
        for occasion in occasions:
            judge = asked.judge(occasion)
            met = judge.recogniser.who_is_met(session, judge.meeting.candidates(session, None))
            if met:
                return asked.met(judge, met[0])
        occasion = occasions[0] if occasions else _made_up(spec, day)
        judge = asked.judge(occasion)
        candidate = asked.someone(judge.meeting)
        judged = judge.judge_anyway(session, candidate)
        why = why_outside(session, judge.meeting, customer_id, is_a_day=bool(occasions))
        return _answer(judged, is_met=False, why=why)


class _Asked:
    """One question, put to the planner's parts."""

    def __init__(
        self,
        context: Context,
        carriers: Carriers,
        session: Session,
        *,
        campaign: tuple[LiveCampaign, Campaign],
        importance: Mapping[uuid.UUID, int],
        day: date,
        customer_id: uuid.UUID,
        dated: DatedCalendar,
    ) -> None:
        row, spec = campaign
        self._context, self._carriers, self._session = context, carriers, session
        self._row, self._spec, self._customer_id, self._dated = row, spec, customer_id, dated
        self._now = max(context.clock.now(), datetime.combine(day, time(), tzinfo=context.bank.zone))
        self._around = Surroundings(
            desk=Desk(
                advisors=load_advisors(session, of=customer_id),
                orgs=load_orgs(session, of=customer_id),
                dated=dated,
                library=library_in_force(session, self._now),
                voices=voices_in_force(session, context.bank.zone),
                filed=read_lines(session, carriers),
                cards=cards_in_force(session),
                rules=word_rules(session, self._context.bank, day),
                product=product_words(session, spec.product),
            ),
            policy=policy_in_force(session, self._now),
            importance={row.id: spec.importance, **importance},
            mournings=list_standing(session, day),
        )

    def judge(self, occasion: Occasion) -> Judge:
        """A judge for this occasion and customer alone."""
        book = _OwnBook(self._row.id, now=self._context.clock.now())
        meeting = Meeting(
            campaign_id=self._row.id,
            version_id=self._row.version_id,
            occasion=occasion,
            now=self._now,
            zone=self._context.bank.zone,
            rules=DEFAULT_RULES,
            dated=self._dated,
            book=book,
            only=self._customer_id,
        )
        return Judge(
            context=self._context,
            carriers=self._carriers,
            row=self._row,
            meeting=meeting,
            around=self._around,
            book=book,
            asker=Asker(
                carriers=self._carriers,
                campaign_id=self._row.id,
                meeting=meeting,
                book=book,
                run_id=_NOBODY,
                agreed=agreed_for(
                    self._session, self._context, self._around.policy, self._row.id, self._spec
                ),
            ),
            recogniser=Recogniser(context=self._context, meeting=meeting, desk=self._around.desk),
        )

    def met(self, judge: Judge, candidate: Candidate) -> JudgedNow:
        """The planner would speak to them; unless something stands for the same occasion."""
        judged = judge.judge_anyway(self._session, candidate)
        return _answer(judged, is_met=True, stands=self._stands(judge, candidate))

    def someone(self, meeting: Meeting) -> Candidate:
        """The customer as a candidate although the occasion does not meet them; with their own date, if any."""
        trigger = self._spec.trigger
        outside = Candidate(customer_id=self._customer_id, in_audience=False, previous_key="-/1")
        if not isinstance(trigger, PersonalDateTrigger):
            return outside
        own = [one for one in list_dates(self._session, self._customer_id) if one.kind == trigger.kind]
        if not own:
            day = meeting.occasion.anchor_day
            return replace(outside, calendar="solar", month=day.month, day=day.day)
        one = own[0]
        return replace(
            outside,
            calendar=one.calendar,
            month=one.month,
            day=one.day,
            is_leap_month=one.is_leap_month,
            date_id=one.id,
            date_source=one.source,
            date_certainty=one.certainty,
        )

    def _stands(self, judge: Judge, candidate: Candidate) -> tuple[str, str] | None:
        key = judge.meeting.key_of(candidate)
        store = StoreBook()
        if judge.occasion.step.task is not None:
            row_key = task_row_key(key, self._customer_id)
            if store.tasks(self._session, [row_key]):
                title = judge.occasion.step.task
                return f"已交给人来做：{title.title_zh}", f"given to a person: {title.title_en}"
            return None
        pair = (self._customer_id, key)
        standing = store.standing(self._session, [pair]).get(pair)
        if standing is None:
            return None
        zh, en = STATUS_NAMES[Status(standing.status)]
        return (
            f"同一时机已有一条消息（{zh}）",
            f"a message for the same occasion is there already ({en.lower()})",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _NothingForeseen:
    """What stands beside the store when one question is asked: nothing but the instant at which feeds are judged."""

    feeds_at: datetime | None

    def contacts(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Contact]]:
        """None."""
        return {}

    def greetings_to(
        self, points: Collection[uuid.UUID], first: date, last: date
    ) -> Mapping[tuple[uuid.UUID, date], Sequence[Contact]]:
        """None."""
        return {}

    def is_gone(self, message_id: uuid.UUID) -> bool:
        """Nothing is pushed out."""
        return False

    def uses(self) -> Mapping[uuid.UUID, Mapping[date, int]]:
        """None."""
        return {}


class _OwnBook(StoreBook):
    """The store without what stands for the very occasion: every gate is to be judged."""

    def __init__(self, campaign_id: uuid.UUID, *, now: datetime) -> None:
        self._campaign_id, self._now = campaign_id, now

    @property
    def beside(self) -> Beside | None:
        """Feeds are looked at now: of a day to come nobody knows yet what will have arrived."""
        return _NothingForeseen(feeds_at=self._now)

    def standing(
        self, session: Session, pairs: Sequence[tuple[uuid.UUID, str]]
    ) -> dict[tuple[uuid.UUID, str], Standing]:
        """Nothing."""
        return {}

    def rivals(self, session: Session, ids: Sequence[uuid.UUID], day: date) -> dict[uuid.UUID, list[Rival]]:
        """Other campaigns' messages of the day."""
        return {
            customer: [one for one in rows if one.campaign_id != self._campaign_id]
            for customer, rows in super().rivals(session, ids, day).items()
        }


def _campaign(
    session: Session, live: Sequence[tuple[LiveCampaign, Campaign]], key: str
) -> tuple[LiveCampaign, Campaign] | None:
    """A live campaign, or one that is drafted or over, as far as it can be read."""
    found = next((pair for pair in live if pair[0].key == key), None)
    if found is not None:
        return found
    row = next((one for one in list_campaigns(session) if one.key == key), None)
    spec = specs_of(session, [row.version_id]).get(row.version_id) if row else None
    return (row, spec) if row is not None and spec is not None else None


def _made_up(spec: Campaign, day: date) -> Occasion:
    """The occasion as if it fell on this day."""
    anchor = day.isoformat() if isinstance(spec.trigger, RecurringTrigger) else str(day.year)
    return Occasion(campaign=spec, step=spec.first_steps[0], on_day=day, anchor_day=day, anchor=anchor)


def _answer(
    judged: Judged,
    *,
    is_met: bool,
    why: tuple[str, str] = ("", ""),
    stands: tuple[str, str] | None = None,
) -> JudgedNow:
    decision = judged.decision
    return JudgedNow(
        is_met=is_met,
        verdict=decision.verdict,
        reason=decision.reason,
        gates=decision.gates,
        policy_number=decision.policy_number,
        why=why,
        stands=stands,
    )
