"""Planning: which occasions fall in the horizon, for whom, whether; one message row each, with its words.

A chunk of at most 500 customers is one short transaction. Planning twice, or by two planners at once, plans once: the
database holds (customer, occasion) unique.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from scheduler.carriers import Carriers
from scheduler.drafting import Desk
from scheduler.occasions import Occasion, candidates, days_from, is_last, occasions_on
from scheduler.plan_report import OccurrencePlan, PlanReport
from scheduler.planning_chunk import Chunk
from store.campaigns import LiveCampaign, planned_since
from store.candidates import (
    Candidate,
    load_advisors,
    load_orgs,
)
from wenhou.core.calendars.personal import DEFAULT_RULES, Rules
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import BusinessEventTrigger, Campaign
from wenhou.services.campaigns import live_campaigns
from wenhou.services.context import Context

log = logging.getLogger("wenhou.planning")
_REST = timedelta(minutes=10)


class _DryRun(Exception):
    """Rolls a chunk back after it was counted."""


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
            occasions = occasions_on(session, spec, day, self._context.bank.zone)
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
        work = Chunk(
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


def _roll_back_if(*, dry_run: bool) -> None:
    if dry_run:
        raise _DryRun
