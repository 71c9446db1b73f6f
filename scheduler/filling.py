"""What a placeholder is filled from: its source's name to a value, for one customer and one occasion.

Only what the words hold is computed: signing a link or finding a festival is dear, and there are a million of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from scheduler.occasions import Occasion
from scheduler.offering import sends_cards
from store.candidates import Candidate, OrgWords, Person
from templates.library import Library, TemplateVersion
from templates.mail.card import Card
from templates.placeholders import Value
from templates.salutations import Addressee
from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.calendars.festivals import Tone
from wenhou.core.calendars.lunar import to_lunar
from wenhou.core.campaigns import FestivalTrigger
from wenhou.core.published_rates import PublishedRates
from wenhou.core.voices import Place, Voice, own_words
from wenhou.services.context import Context
from wenhou.services.filed_texts import Filings
from wenhou.services.links import preferences_url, rating_url
from wenhou.services.offer_words import card_day, card_words, suits_levels
from wenhou.services.word_rules import WordRules

_GREETED_TOGETHER = frozenset(
    "new_year new_years_eve spring_festival lantern dragon_boat mid_autumn double_ninth national_day".split()
)
"""Public festivals a birthday that falls on them may speak of."""
_AGES = {"under_14": 10, "under_18": 15}
"""An age that stands for a life stage: a child is not called 先生."""
_UNSAID_AGES = frozenset({73, 84})
"""Ages that people take for hurdles and do not like to be told, by either way of counting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Names that words need, and the words in force; read once a run. `voices`: advisors' approved ones.

    `rules`: what words are judged by on the occasion's day, with the rates published. `product`: what the campaign's own
    product is called. `cards`: approved greeting cards by key and digest. `filed`: channel → what is filed with its
    account, of lines that carry nothing else.
    """

    advisors: Mapping[uuid.UUID, tuple[str, str | None]]
    orgs: Mapping[uuid.UUID, OrgWords]
    dated: DatedCalendar
    library: Library
    voices: Mapping[uuid.UUID, Voice] = field(default_factory=dict)
    rules: WordRules = field(default_factory=WordRules)
    product: Mapping[str, str] = field(default_factory=dict)
    filed: Mapping[str, Filings] = field(default_factory=dict)
    cards: Mapping[str, Card] = field(default_factory=dict)

    @property
    def rates(self) -> PublishedRates | None:
        """The bank's rates published and in force on the occasion's day."""
        return self.rules.rates

    def path_of(self, org_id: uuid.UUID | None) -> str | None:
        """The path of an org: `/HQ/WH/WH01/`."""
        org = self.orgs.get(org_id) if org_id else None
        return org.path if org else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """One customer and one occasion. `years`: what a birthday or anniversary counts, where the year is known.

    `tone`: of the day the words arrive; None: as the calendar says. `template`: the words' key, "" for the step's.
    """

    context: Context
    desk: Desk
    occasion: Occasion
    person: Person
    candidate: Candidate
    message_id: uuid.UUID
    locale: str
    years: int | None = None
    tone: str | None = None
    template: str = ""

    @property
    def voice(self) -> Voice | None:
        """The approved voice of the main advisor."""
        return self.desk.voices.get(self.person.advisor_id) if self.person.advisor_id else None

    @property
    def advisor(self) -> tuple[str, str | None] | None:
        """(name, phone) of the main advisor; None: the branch speaks."""
        return self.desk.advisors.get(self.person.advisor_id) if self.person.advisor_id else None

    @property
    def org(self) -> OrgWords | None:
        """The managing branch."""
        return self.desk.orgs.get(self.person.org_id) if self.person.org_id else None

    @property
    def event_org(self) -> OrgWords | None:
        """Where the business event happened; else the managing branch."""
        at = self.candidate.event_org_id
        return self.desk.orgs.get(at) if at else self.org

    def detail(self, *names: str) -> str | None:
        """A detail of the business event by its English or Chinese name; None where there is none."""
        details = self.candidate.event_details or {}
        found = next((details[name] for name in names if details.get(name)), None)
        return str(found) if found is not None else None

    def offered(self, name: str) -> str | None:
        """What is said of the product: as the card that was asked for says it, else as the bank's list does."""
        details = self.candidate.event_details if sends_cards(self.occasion.campaign) else self.desk.product
        return str((details or {}).get(name) or "") or None

    def card_block(self, name: str) -> str | None:
        """One of the four texts of the card that was asked for, in the customer's language."""
        return card_words(self.candidate.event_details, self.locale).get(name)

    @property
    def is_chinese(self) -> bool:
        """Whether the words are Chinese."""
        return self.locale.startswith("zh")


def fill(version: TemplateVersion, filling: Filling) -> dict[str, Value | None]:
    """Every placeholder of the words with its value; None where nothing is known (the gate says so)."""
    if any(one.source == "advisor.own_words" for one in version.placeholders.values()):
        filling = replace(filling, template=version.key)
    return {
        name: _SOURCES[placeholder.source](filling) if placeholder.source in _SOURCES else None
        for name, placeholder in version.placeholders.items()
    }


def known_sources() -> frozenset[str]:
    """Every source that can be filled."""
    return frozenset(_SOURCES)


def voice_of(desk: Desk, advisor_id: uuid.UUID | None) -> str:
    """The tone an advisor chose, for `TemplateVersion.wordings_for(voice=…)`; "" where none was approved."""
    found = desk.voices.get(advisor_id) if advisor_id else None
    return found.tone if found else ""


def _suits(one: Filling) -> str | None:
    risk = one.offered("risk")
    return suits_levels(int(risk[1:]), in_chinese=one.is_chinese) if risk and risk[1:].isdecimal() else None


def _signed(one: Filling) -> str:
    """How the advisor signs: as approved, else by name; "" where the branch speaks."""
    if one.advisor is None:
        return ""
    return (one.voice.sign_off if one.voice else "") or one.advisor[0]


def _own_words(one: Filling) -> str:
    """A sentence of the advisor's own, as approved; "" where none fits."""
    if one.voice is None or one.advisor is None:
        return ""
    campaign, step = one.occasion.campaign, one.occasion.step
    place = Place(
        template=one.template or step.template,
        purpose=campaign.purpose,
        customer=one.person.external_ref,
        on_day=one.occasion.anchor_day,
        is_solemn=_is_solemn(one),
    )
    return own_words(one.voice, place)


def _is_solemn(one: Filling) -> bool:
    if one.tone is not None:
        return one.tone == Tone.SOLEMN
    path = one.desk.path_of(one.person.org_id)
    return any(found.tone is Tone.SOLEMN for found in one.desk.dated.festivals_on(one.occasion.on_day, path))


def _addressee(one: Filling) -> Addressee:
    gender = one.person.gender if one.person.gender != "unknown" else None
    return Addressee(
        name=one.person.name,
        gender=gender,
        preferred=one.person.salutation,
        age=_AGES.get(one.person.life_stage or ""),
    )


def _lunar_day(one: Filling) -> Value | None:
    return to_lunar(one.occasion.anchor_day) if one.candidate.calendar == "lunar" else None


def _solar_day(one: Filling) -> date | None:
    """The solar day by its number, only where somebody may have wondered which calendar is kept."""
    candidate = one.candidate
    wondered = candidate.date_certainty == "questioned" or candidate.date_source == "advisor"
    return one.occasion.anchor_day if candidate.calendar == "solar" and wondered else None


def age_that_may_be_said(years: int | None, gender: str) -> str | None:
    """The years a birthday completes where they may be said: to men only, and never those people take for hurdles."""
    if gender != "male" or years is None or years in _UNSAID_AGES:
        return None
    return str(years)


def _festival(one: Filling) -> str | None:
    trigger = one.occasion.campaign.trigger
    if not isinstance(trigger, FestivalTrigger):
        return None
    return one.desk.dated.names_of(trigger.festival)[0 if one.is_chinese else 1]


def _with_festival(one: Filling) -> str | None:
    return festival_greeted_together(one.desk.dated, one.occasion.on_day, is_chinese=one.is_chinese)


def festival_greeted_together(dated: DatedCalendar, day: date, *, is_chinese: bool) -> str | None:
    """The public festival of a day that a birthday greeting may speak of; None: none, or the day is solemn."""
    found = dated.festivals_on(day)
    if any(one.tone is Tone.SOLEMN for one in found):
        return None
    public = next((one for one in found if one.key in _GREETED_TOGETHER), None)
    if public is None:
        return None
    return public.name if is_chinese else public.name_en


def _days_left(one: Filling) -> str | None:
    return str((one.occasion.anchor_day - one.occasion.on_day).days)


_SOURCES: dict[str, Callable[[Filling], Value | None]] = {
    "customer.salutation": _addressee,
    "customer.name": lambda one: one.person.name,
    "advisor.name": lambda one: one.advisor[0] if one.advisor else one.context.bank.name,
    "advisor.phone": lambda one: one.advisor[1] if one.advisor else one.context.bank.hotline,
    "advisor.own_name": lambda one: one.advisor[0] if one.advisor else None,
    "advisor.own_phone": lambda one: one.advisor[1] if one.advisor else None,
    "advisor.signed": _signed,
    "advisor.own_words": _own_words,
    "org.name": lambda one: one.org.name if one.org else one.context.bank.name,
    "org.phone": lambda one: one.org.phone if one.org else one.context.bank.hotline,
    "bank.name": lambda one: one.context.bank.name,
    "bank.hotline": lambda one: one.context.bank.hotline,
    "occasion.on": lambda one: one.occasion.anchor_day,
    "occasion.lunar_day": _lunar_day,
    "occasion.lunar_year": lambda one: one.occasion.anchor or None,
    "occasion.solar_day": _solar_day,
    "occasion.years": lambda one: str(one.years) if one.years is not None else None,
    "occasion.age": lambda one: age_that_may_be_said(one.years, one.person.gender),
    "occasion.days_left": _days_left,
    "occasion.festival": _festival,
    "occasion.with_festival": _with_festival,
    "event.on": lambda one: one.candidate.event_at.date() if one.candidate.event_at else None,
    "event.org": lambda one: one.event_org.name if one.event_org else one.context.bank.name,
    "event.product": lambda one: one.detail("product", "产品"),
    "event.step": lambda one: one.detail("step", "进度"),
    "event.next": lambda one: one.detail("next", "下一步"),
    "event.by": lambda one: one.detail("by", "期限"),
    "event.reference": lambda one: one.detail("reference", "编号"),
    "article.title": lambda one: one.occasion.article.title if one.occasion.article else None,
    "article.summary": lambda one: one.occasion.article.summary if one.occasion.article else None,
    "article.effective_on": lambda one: one.occasion.article.effective_on if one.occasion.article else None,
    "article.source": lambda one: one.occasion.article.source if one.occasion.article else None,
    "rates.number": lambda one: one.desk.rates.number if one.desk.rates else None,
    "rates.effective_on": lambda one: one.desk.rates.effective_on if one.desk.rates else None,
    "rates.published_on": lambda one: one.desk.rates.published_on if one.desk.rates else None,
    "rates.source": lambda one: one.desk.rates.source if one.desk.rates else None,
    "rates.table": lambda one: one.desk.rates.table() if one.desk.rates else None,
    "product.name": lambda one: one.offered("name"),
    "product.issuer": lambda one: one.offered("issuer"),
    "product.risk": lambda one: one.offered("risk"),
    "product.risk_sentence": lambda one: one.offered("risk_sentence"),
    "product.suits": _suits,
    "card.advantages": lambda one: one.card_block("advantages"),
    "card.risks": lambda one: one.card_block("risks"),
    "card.suits": lambda one: one.card_block("suits"),
    "card.suits_not": lambda one: one.card_block("suits_not"),
    "card.source": lambda one: one.offered("source"),
    "card.source_on": lambda one: card_day(one.candidate.event_details),
    "link.rating": lambda one: rating_url(one.context, one.message_id),
    "link.preferences": lambda one: preferences_url(
        one.context, one.person.id, one.occasion.campaign.purpose
    ),
}
