"""Planning: which occasions fall in the horizon, for whom, whether; one message row each, with its words.

A chunk of at most 500 customers is judged from one reading and written in one short transaction. Planning twice, or
by two planners at once, plans once: the database holds (customer, occasion) unique.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from scheduler.apart import Part, apart
from scheduler.asking import Asker
from scheduler.book import Book, StoreBook
from scheduler.carriers import Carriers
from scheduler.filed_lines import read_lines
from scheduler.filling import Desk
from scheduler.judging import Judge, Surroundings
from scheduler.keeping import Keeper, count_judged
from scheduler.meeting import Meeting, is_last
from scheduler.occasions import Occasion, days_from, occasions_on
from scheduler.plan_report import OccurrencePlan, PlanReport
from scheduler.recognising import Recogniser
from store.campaigns import LiveCampaign
from store.candidates import Candidate, load_advisors, load_orgs
from store.database import Session
from store.lateness import list_approved, note_planner_beat, plan_from, send_back_to_ask
from store.lint_editions import lock_rules
from store.mourning import list_standing
from store.occurrences import open_run, planned_since
from store.voices import voices_in_force
from store.waves import waves_out
from wenhou.core.calendars.personal import DEFAULT_RULES, Rules
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import BusinessEventTrigger, Campaign, Late
from wenhou.services.calendars import calendar_in_force
from wenhou.services.campaigns import live_campaigns
from wenhou.services.context import Context
from wenhou.services.media import cards_in_force
from wenhou.services.offer_words import product_words
from wenhou.services.opinions import agreed_for
from wenhou.services.policies import policy_in_force
from wenhou.services.word_rules import rules_in_force, word_rules
from wenhou.services.words_in_force import changed_at, library_in_force

log = logging.getLogger("wenhou.planning")
_REST = timedelta(minutes=10)
_AN_INSTANT = timedelta(microseconds=1)
_SELDOM = 6
"""Times its own length that a look at a whole run is not repeated."""
_FORGOTTEN = timedelta(days=2)
_EVENTS_BACK = 7
"""Business events come in late: their days are looked at again for a week."""
_NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """One campaign on one day."""

    row: LiveCampaign
    spec: Campaign
    day: date


class _RulesChangedError(Exception):
    """Other compliance rules came into force than these words were judged by: nothing of the chunk is written."""


class Planner:
    """Plans days. Between calls it remembers only when it looked at whole runs, and how long that took."""

    def __init__(self, context: Context, carriers: Carriers, *, rules: Rules = DEFAULT_RULES) -> None:
        self._context = context
        self._carriers = carriers
        self._rules = rules
        self._looks: dict[tuple[uuid.UUID, date], tuple[datetime, float]] = {}

    def plan(
        self, first: date, last: date, *, campaign: str | None = None, dry_run: bool = False
    ) -> PlanReport:
        """Plan every live campaign for each day, ends included; the more important campaign of a day first."""
        found: list[OccurrencePlan] = []
        for day in days_from(first, last):
            for row, spec in self._campaigns(campaign):
                found += self._plan_day(_Task(row=row, spec=spec, day=day), dry_run=dry_run)
        return PlanReport(occurrences=tuple(found))

    def foresee(
        self, first: date, last: date, book: Book, *, campaign: str | None = None
    ) -> Iterator[OccurrencePlan]:
        """What planning each day on that very day would come to, given what `book` has foreseen; writes nothing."""
        for day in days_from(first, last):
            opens = datetime.combine(day, datetime.min.time(), tzinfo=self._context.bank.zone)
            now = max(self._context.clock.now(), opens)
            for row, spec in self._campaigns(campaign):
                task = _Task(row=row, spec=spec, day=day)
                yield from self._plan_day(task, dry_run=True, book=book, now=now)

    def plan_events(self) -> PlanReport:
        """What the bank's events ask for: beside the horizon, so that a festival of millions delays no notice."""
        return self._look_at(
            [
                (row, spec)
                for row, spec in self._campaigns(None)
                if isinstance(spec.trigger, BusinessEventTrigger)
            ],
            everything=False,
        )

    def plan_horizon(self, *, everything: bool = False) -> PlanReport:
        """What the scheduler does each minute: today and the workdays ahead that each campaign asks for.

        A run that was planned in this version less than ten minutes ago is left alone (customers who changed since are
        met by the next look), unless `everything` is asked for. Call-backs are looked at every time: events arrive.
        To judge everybody anew whom a big run skipped takes long: that happens only so often that it takes a small
        share of the time; the looks in between judge those whose data changed.
        Days that passed while the planner was down are planned too, so that what was missed has its row and reason;
        a campaign that may be sent late is looked at as long as it may.
        """
        now = self._context.clock.now()
        report = self._look_at(self._campaigns(None), everything=everything)
        with self._context.db.write() as session:
            note_planner_beat(session, now)
        return report

    def _look_at(self, campaigns: Sequence[tuple[LiveCampaign, Campaign]], *, everything: bool) -> PlanReport:
        now = self._context.clock.now()
        today = now.astimezone(self._context.bank.zone).date()
        with self._context.db.read() as session:
            # A run planned before the words changed is looked at again at once.
            reworded = changed_at(session, now)
            since = max(now - _REST, reworded + _AN_INSTANT) if reworded else now - _REST
            rested = set() if everything else planned_since(session, since)
            work = calendar_in_force(session).work_calendar()
            missed = plan_from(session, now, self._context.bank.zone)
        found: list[OccurrencePlan] = []
        failed: list[tuple[str, date]] = []
        tasks = sorted(
            (task for row, spec in campaigns for task in self._due(row, spec, missed, today, work)),
            key=lambda task: (task.day, task.spec.importance, task.row.key),
        )
        for task in tasks:
            comes_any_time = isinstance(task.spec.trigger, BusinessEventTrigger)
            is_rested = not comes_any_time and (task.row.version_id, task.day) in rested
            try:
                found += [] if is_rested else self._look(task, now, is_full=everything)
                if task.day < today and task.spec.late is Late.ASK_AGAIN:
                    self._ask_again(task, now)
            except Exception:  # one broken campaign stops no other; the next look tries it again
                log.exception("campaign_not_planned", extra={"campaign": task.row.key, "day": str(task.day)})
                failed.append((task.row.key, task.day))
        return PlanReport(occurrences=tuple(found), failed=tuple(failed))

    def _look(self, task: _Task, now: datetime, *, is_full: bool) -> list[OccurrencePlan]:
        """Plan a task, judging anew whom it skipped where the last time that was done lies back far enough."""
        key = (task.row.version_id, task.day)
        at, seconds = self._looks.get(key, (None, 0.0))
        if not is_full and at is not None and now < at + timedelta(seconds=seconds * _SELDOM):
            return self._plan_day(task, dry_run=False, is_full=False)
        began = time.monotonic()
        found = self._plan_day(task, dry_run=False)
        self._looks = {one: look for one, look in self._looks.items() if look[0] > now - _FORGOTTEN}
        self._looks[key] = (now, time.monotonic() - began)
        return found

    def _ask_again(self, task: _Task, now: datetime) -> None:
        """What was agreed to for a day that passed goes back to its approver, where the campaign wants it so."""
        for step in task.spec.message_steps:
            last = task.day + timedelta(days=step.valid_days)
            over_at = datetime.combine(last, step.until, tzinfo=self._context.bank.zone)
            if over_at <= now:
                with self._context.db.write() as session:
                    waiting = list_approved(session, task.row.id, task.day, step.number, now)
                    send_back_to_ask(session, [(one, fence, over_at) for one, fence in waiting], now)

    def _due(
        self, row: LiveCampaign, spec: Campaign, missed: date, today: date, work: WorkCalendar
    ) -> Iterator[_Task]:
        """The days of a campaign to look at now. `missed`: the first day that nobody looked at."""
        local = row.live_since.astimezone(self._context.bank.zone).date() if row.live_since else today
        valid = max((step.valid_days for step in spec.steps), default=0)
        back = valid + (spec.late_days if spec.late is not Late.SKIP else 0)
        if isinstance(spec.trigger, BusinessEventTrigger):
            back = max(back, _EVENTS_BACK)
        # A campaign missed nothing before it went live.
        first = max(local, min(missed, today - timedelta(days=back)))
        for day in days_from(min(first, today), work.add_workdays(today, spec.plan_ahead_workdays)):
            yield _Task(row=row, spec=spec, day=day)

    def _campaigns(self, only: str | None) -> list[tuple[LiveCampaign, Campaign]]:
        with self._context.db.read() as session:
            return [(row, spec) for row, spec in live_campaigns(session) if only in (None, row.key)]

    def _plan_day(
        self,
        task: _Task,
        *,
        dry_run: bool,
        book: Book | None = None,
        now: datetime | None = None,
        is_full: bool = True,
    ) -> list[OccurrencePlan]:
        with self._context.db.read() as session:
            dated = calendar_in_force(session)
            occasions = occasions_on(session, task.spec, task.day, self._context.bank.zone, dated)
        at = now or self._context.clock.now()
        meetings = [
            Meeting(
                campaign_id=task.row.id,
                version_id=task.row.version_id,
                occasion=occasion,
                now=at,
                zone=self._context.bank.zone,
                rules=self._rules,
                dated=dated,
                book=book or StoreBook(),
            )
            for occasion in occasions
        ]
        return [self._plan_occasion(task.row, one, dry_run=dry_run, is_full=is_full) for one in meetings]

    def _plan_occasion(
        self, row: LiveCampaign, meeting: Meeting, *, dry_run: bool, is_full: bool
    ) -> OccurrencePlan:
        while True:
            try:
                return self._plan_once(row, meeting, dry_run=dry_run, is_full=is_full)
            except _RulesChangedError:  # what stands already is judged by the run over standing words
                log.info("rules_changed", extra={"campaign": row.key, "day": str(meeting.occasion.on_day)})

    def _plan_once(
        self, row: LiveCampaign, meeting: Meeting, *, dry_run: bool, is_full: bool
    ) -> OccurrencePlan:
        occasion = meeting.occasion
        plan = OccurrencePlan(campaign=row.key, on_day=occasion.on_day, step=occasion.step.key)
        judge: Judge | None = None
        keeper: Keeper | None = None
        chunk = self._next(meeting, None)
        while chunk:
            following = [] if is_last(chunk) else self._next(meeting, chunk[-1])
            if judge is None:
                judge, keeper = self._begin(row, meeting, dry_run=dry_run, is_full=is_full)
            part = Part(candidates=tuple(chunk), is_end=not following)
            apart(part, judge, plan, partial(self._plan_chunk, judge, keeper, plan=plan))
            chunk = following
        if plan.new:
            log.info(
                "occasion_planned", extra={"campaign": row.key, "day": str(occasion.on_day), "new": plan.new}
            )
        return plan

    def _next(self, meeting: Meeting, after: Candidate | None) -> list[Candidate]:
        with self._context.db.read() as session:
            return meeting.candidates(session, after)

    def _begin(
        self, row: LiveCampaign, meeting: Meeting, *, dry_run: bool, is_full: bool
    ) -> tuple[Judge, Keeper | None]:
        """What all chunks of an occasion share. The keeper is None where nothing is to be written."""
        run_id = _NOBODY if dry_run else self._open_run(row, meeting.occasion)
        with self._context.db.read() as session:
            around = self._surroundings(session, meeting)
            agreed = agreed_for(session, self._context, around.policy, row.id, meeting.occasion.campaign)
            waves = 0 if dry_run else waves_out(session, [run_id]).get(run_id, 0)
        judge = Judge(
            context=self._context,
            carriers=self._carriers,
            row=row,
            meeting=meeting,
            around=around,
            book=meeting.book,
            is_full=is_full,
            asker=Asker(
                carriers=self._carriers,
                campaign_id=row.id,
                meeting=meeting,
                book=meeting.book,
                run_id=run_id,
                waves_out=waves,
                agreed=agreed,
            ),
            recogniser=Recogniser(context=self._context, meeting=meeting, desk=around.desk),
        )
        if dry_run:
            return judge, None
        return judge, Keeper(
            context=self._context,
            row=row,
            terms=judge.terms,
            run_id=run_id,
            accounts=self._carriers.accounts,
        )

    def _open_run(self, row: LiveCampaign, occasion: Occasion) -> uuid.UUID:
        with self._context.db.write() as session:
            return open_run(
                session,
                campaign_id=row.id,
                version_id=row.version_id,
                on_day=occasion.on_day,
                at=self._context.clock.now(),
            )

    def _surroundings(self, session: Session, meeting: Meeting) -> Surroundings:
        return Surroundings(
            desk=Desk(
                advisors=load_advisors(session),
                orgs=load_orgs(session),
                dated=meeting.dated,
                library=library_in_force(session, meeting.now),
                voices=voices_in_force(session, self._context.bank.zone),
                filed=read_lines(session, self._carriers),
                cards=cards_in_force(session),
                rules=word_rules(session, self._context.bank, meeting.occasion.on_day),
                product=product_words(session, meeting.occasion.campaign.product),
            ),
            policy=policy_in_force(session, meeting.now),
            importance={one.id: spec.importance for one, spec in live_campaigns(session)},
            mournings=list_standing(session, meeting.occasion.on_day),
        )

    def _plan_chunk(self, judge: Judge, keeper: Keeper | None, part: Part, plan: OccurrencePlan) -> None:
        now = judge.meeting.now
        with self._context.db.read() as session:
            found = judge.consider(session, part.candidates, plan)
        if keeper is None:
            for one in found.judged:
                count_judged(one, judge.terms, plan, now)
            judge.book.note(found, judge.terms)
            return
        self._context.passed("planning.judged")
        keeper.know_versions(found)
        rows = keeper.lay_out(found, plan, now)
        with self._context.db.write() as session:
            lock_rules(session, shared=True)
            if rules_in_force(session).digest != judge.around.desk.rules.book.digest:
                raise _RulesChangedError
            keeper.keep(session, found, rows, plan, now, is_last=part.is_end)
            self._context.passed("planning.before_commit")
        self._context.passed("planning.after_commit")
