"""The planner's own filling, asked for one customer and any template: what would stand in its gaps on a day.

Writes nothing and asks no gate: whether the customer would be written to at all is `scheduler.explaining`'s answer,
and a preview must not tell it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from scheduler.filling import Desk, Filling, fill, voice_of
from scheduler.meeting import Meeting
from scheduler.occasions import Occasion, days_from, occasions_on
from scheduler.recognising import Recogniser
from store.candidates import Candidate, Person, load_advisors, load_orgs, load_people
from store.database import Session
from store.mourning import list_standing, rests_until
from store.overview import list_dates
from store.voices import voices_in_force
from templates.library import TemplateVersion
from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.calendars.festivals import Tone
from wenhou.core.calendars.personal import DEFAULT_RULES, DateKey, celebrated_on
from wenhou.core.campaigns import Campaign, FestivalTrigger, OnceTrigger, PersonalDateTrigger, Step
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.services.calendars import calendar_in_force
from wenhou.services.campaigns import bundled_campaigns, live_campaigns
from wenhou.services.context import Context
from wenhou.services.filled_words import Filled
from wenhou.services.media import cards_in_force
from wenhou.services.offer_words import product_words
from wenhou.services.word_rules import word_rules
from wenhou.services.words_in_force import library_in_force

_NOBODY = uuid.UUID(int=0)
_A_YEAR_AND_MORE = timedelta(days=400)
_FOREIGN = ("event.", "article.", "card.", "product.")
"""Sources that something beside the customer brings: an event, an article, a card asked for."""


def fill_one(context: Context, customer_id: uuid.UUID, version: TemplateVersion, day: date | None) -> Filled:
    """The values of a version for a customer. `day` None: the occasion's next day, else today."""
    with context.db.read() as session:
        preview = _Preview(context=context, session=session, version=version, customer_id=customer_id)
        return preview.filled(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Preview:
    """One question under way."""

    context: Context
    session: Session
    version: TemplateVersion
    customer_id: uuid.UUID

    def filled(self, day: date | None) -> Filled:
        """Everything the words need."""
        context, session = self.context, self.session
        person = load_people(session, [self.customer_id])[self.customer_id]
        dated = calendar_in_force(session)
        spec, step = self._campaign()
        today = context.clock.now().astimezone(context.bank.zone).date()
        on_day = day or self._coming(spec, today, dated)
        occasion = self._occasion(spec, step, on_day, dated)
        desk = self._desk(spec, dated, on_day)
        candidate = self._candidate(occasion)
        tone = self._tone(desk, person, on_day)
        filling = Filling(
            context=context,
            desk=desk,
            occasion=occasion,
            person=person,
            candidate=candidate,
            message_id=new_id(),
            locale=self.version.locale,
            years=self._years(occasion, candidate, desk),
            tone=tone,
            template=self.version.key,
        )
        return self._said(filling, person, tone)

    def _said(self, filling: Filling, person: Person, tone: str) -> Filled:
        context, org = self.context, filling.org
        spec = filling.occasion.campaign
        name, phone = filling.advisor or ("", None)
        is_made_up = spec.key == _MADE_UP
        return Filled(
            values=fill(self.version, filling),
            on_day=filling.occasion.on_day,
            tone=tone,
            tier=person.tier or "",
            voice=voice_of(filling.desk, person.advisor_id),
            locale=person.locale,
            campaign=("", "") if is_made_up else (spec.name_zh, spec.name_en),
            signature=(org.signature if org else None) or context.bank.signature,
            branch=org.name if org else "",
            advisor=(name, phone or ""),
            wording_key=(
                person.external_ref,
                person.advisor_id.hex if person.advisor_id else "",
                filling.occasion.anchor_day.year,
            ),
            unfillable=frozenset(
                placeholder
                for placeholder, one in self.version.placeholders.items()
                if one.source.startswith(_FOREIGN)
            ),
        )

    def _campaign(self) -> tuple[Campaign, Step]:
        """A live campaign that says these words, else a bundled one, else one made up for them."""
        several = [spec for _, spec in live_campaigns(self.session)]
        several += [one.campaign for one in bundled_campaigns()]
        for spec in several:
            for step in spec.message_steps:
                other = step.alternative.template if step.alternative else step.template
                if self.version.key in (step.template, other):
                    return spec, step
        step = Step(key="words", template=self.version.key, channels=self.version.channels)
        made_up = Campaign(
            key=_MADE_UP,
            name_zh="",
            name_en="",
            purpose=Purpose(self.version.purpose),
            trigger=OnceTrigger(on=self.context.clock.now().date()),
            steps=(step,),
        )
        return made_up, step

    def _coming(self, spec: Campaign, today: date, dated: DatedCalendar) -> date:
        match spec.trigger:
            case FestivalTrigger(festival=festival, days_before=lead):
                days = days_from(today + timedelta(days=lead), today + _A_YEAR_AND_MORE)
                found = next((day for day in days if dated.occurrences(festival, day)), None)
            case PersonalDateTrigger(kind=kind, days_before=lead):
                found = self._own_day(kind, today + timedelta(days=lead))
            case _:
                return today
        return found - timedelta(days=lead) if found else today

    def _own_day(self, kind: str, first: date) -> date | None:
        keys = [
            DateKey(calendar=one.calendar, month=one.month, day=one.day, is_leap_month=one.is_leap_month)
            for one in list_dates(self.session, self.customer_id)
            if one.kind == kind
        ]
        years = (first.year, first.year + 1)
        days = [day for key in keys for year in years for day in celebrated_on(key, year)]
        return min((day for day in days if day >= first), default=None)

    def _occasion(self, spec: Campaign, step: Step, day: date, dated: DatedCalendar) -> Occasion:
        met = occasions_on(self.session, spec, day, self.context.bank.zone, dated)
        found = next((one for one in met if one.step.key == step.key), None)
        if found is not None:
            return found
        lead = getattr(spec.trigger, "days_before", 0)
        anchor = day + timedelta(days=lead)
        return Occasion(campaign=spec, step=step, on_day=day, anchor_day=anchor, anchor=str(anchor.year))

    def _desk(self, spec: Campaign, dated: DatedCalendar, day: date) -> Desk:
        context, session = self.context, self.session
        at = max(context.clock.now(), datetime.combine(day, time(), tzinfo=context.bank.zone))
        return Desk(
            advisors=load_advisors(session, of=self.customer_id),
            orgs=load_orgs(session, of=self.customer_id),
            dated=dated,
            library=library_in_force(session, at),
            voices=voices_in_force(session, context.bank.zone),
            cards=cards_in_force(session),
            rules=word_rules(session, context.bank, day),
            product=product_words(session, spec.product),
        )

    def _candidate(self, occasion: Occasion) -> Candidate:
        alone = Candidate(customer_id=self.customer_id)
        trigger = occasion.campaign.trigger
        if not isinstance(trigger, PersonalDateTrigger):
            return alone
        own = next(
            (one for one in list_dates(self.session, self.customer_id) if one.kind == trigger.kind), None
        )
        if own is None:
            day = occasion.anchor_day
            return replace(alone, calendar="solar", month=day.month, day=day.day)
        return replace(
            alone,
            calendar=own.calendar,
            month=own.month,
            day=own.day,
            is_leap_month=own.is_leap_month,
            date_id=own.id,
            date_source=own.source,
            date_certainty=own.certainty,
        )

    def _years(self, occasion: Occasion, candidate: Candidate, desk: Desk) -> int | None:
        """What the day counts; opened only where the words say it."""
        sources = {one.source for one in self.version.placeholders.values()}
        if not sources & {"occasion.years", "occasion.age"}:
            return None
        meeting = Meeting(
            campaign_id=_NOBODY,
            version_id=_NOBODY,
            occasion=occasion,
            now=self.context.clock.now(),
            zone=self.context.bank.zone,
            rules=DEFAULT_RULES,
            dated=desk.dated,
        )
        recogniser = Recogniser(context=self.context, meeting=meeting, desk=desk)
        return recogniser.count(candidate, recogniser.years(self.session, [candidate]))

    def _tone(self, desk: Desk, person: Person, day: date) -> str:
        path = desk.path_of(person.org_id)
        solemn = any(one.tone is Tone.SOLEMN for one in desk.dated.festivals_on(day, path))
        return Tone.SOLEMN if solemn or rests_until(list_standing(self.session, day), path, day) else ""


_MADE_UP = "-"
