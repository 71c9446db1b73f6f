"""The facts that decisions are made from, fetched set-based: the same for planning thousands and explaining one.

About fifteen small statements for up to 500 messages, whatever their number: people (`facts_people`), the contact
ledger (`facts_contacts`), products (`facts_offers`), platforms' limits (`facts_quotas`), mourning and late feeds.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from store.beside import Beside, addresses_with, with_beside
from store.facts_contacts import (
    Contact,
    before_sales,
    counted,
    load_address_contacts,
    load_contacts,
    reach_of,
)
from store.facts_offers import Offers, load_offers
from store.facts_people import NOBODY, People, Point, Wanted, Who, consent_of, load_people_facts, org_paths
from store.facts_quotas import Quotas, load_quotas
from store.feeds import late_feeds
from store.mourning import Mourning, list_standing, rests_until
from wenhou.core.opinions import Agreed
from wenhou.core.policy.facts import Facts, QuotaState, Restriction, Route
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose

_AT_ONCE = 500
_MINOR = frozenset({"under_14", "under_18"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One message to be judged, not necessarily in the store yet.

    `statutory`, `asks` (a rating), `refers`, `product` (its code): what kind of words these are. `held_out`: in the
    campaign's holdout. `condition`: what the step waits for, as `met`, `not_met` or `unknown`. `wave`: the hold key
    of a wave that may not leave yet. `is_campaign_full`: the campaign's own limit of the day is reached. `greeted`: the
    key of a birthday greeting of this birth year by the other calendar. `is_withdrawn`: the article it tells of is.
    `agreed`: when consumer protection agrees to the words.
    """

    message_id: uuid.UUID
    customer_id: uuid.UUID
    purpose: Purpose
    origin: str
    channels: tuple[str, ...]
    planned_for: date
    planned_at: datetime
    expires_at: datetime
    in_audience: bool = True
    rival: str | None = None
    problems: tuple[str, ...] = ()
    lint: tuple[str, ...] = ()
    names_product: bool = False
    only_contact: uuid.UUID | None = None
    campaign_id: uuid.UUID | None = None
    statutory: bool = False
    asks: bool = False
    refers: bool = False
    product: str | None = None
    held_out: bool = False
    condition: str = "met"
    wave: str | None = None
    is_campaign_full: bool = False
    greeted: str | None = None
    is_withdrawn: bool = False
    agreed: Agreed | None = None


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What was fetched for all questions together, and what they share."""

    policy: Policy
    bank_zone: ZoneInfo
    now: datetime
    platform: Mapping[str, frozenset[str]]
    people: People
    quotas: Quotas
    offers: Offers
    contacts: Mapping[uuid.UUID, Sequence[Contact]]
    addresses: Mapping[tuple[uuid.UUID, date], Sequence[Contact]]
    late: Mapping[str, str]
    mournings: Sequence[Mourning]
    paths: Mapping[uuid.UUID, str]
    _rests: dict[tuple[uuid.UUID | None, date], date | None] = field(default_factory=dict)

    def mourning_until(self, org_id: uuid.UUID | None, day: date) -> date | None:
        """The last day on which words to customers of this org rest."""
        if not self.mournings:
            return None
        key = (org_id, day)
        if key not in self._rests:
            path = self.paths.get(org_id) if org_id else None
            self._rests[key] = rests_until(self.mournings, path, day)
        return self._rests[key]


def load_facts(
    session: Session,
    questions: Sequence[Question],
    *,
    policy: Policy,
    zone: ZoneInfo,
    now: datetime,
    platform: Mapping[str, frozenset[str]],
    accounts: Mapping[str, tuple[str, str]] | None = None,
    beside: Beside | None = None,
) -> dict[uuid.UUID, Facts]:
    """Facts by message id. `platform`: what each channel's account may carry; a channel without one is not reachable.

    `zone` is the bank's, for customers whose own is unknown or no zone at all (fail closed). `accounts`: the (provider,
    account) of each channel, for platforms' limits; by default those that handed over last. `beside`: what a forecast
    has foreseen so far.
    """
    found: dict[uuid.UUID, Facts] = {}
    for start in range(0, len(questions), _AT_ONCE):
        part = questions[start : start + _AT_ONCE]
        quotas = load_quotas(
            session,
            sorted({channel for question in part for channel in question.channels}),
            [question.message_id for question in part],
            accounts=accounts,
            more=beside.uses() if beside else None,
        )
        gathered = _gather(
            session, part, policy, zone, now=now, platform=platform, quotas=quotas, beside=beside
        )
        found.update({question.message_id: _facts(question, gathered) for question in part})
    return found


def _gather(
    session: Session,
    questions: Sequence[Question],
    policy: Policy,
    zone: ZoneInfo,
    *,
    now: datetime,
    platform: Mapping[str, frozenset[str]],
    quotas: Quotas,
    beside: Beside | None,
) -> _Gathered:
    ids = sorted({question.customer_id for question in questions})
    first = min(question.planned_for for question in questions)
    last = max(question.planned_for for question in questions)
    purposes = {str(question.purpose) for question in questions}
    people = load_people_facts(
        session,
        Wanted(
            ids=ids,
            channels={channel for question in questions for channel in question.channels},
            purposes=purposes,
            first=first,
            last=last,
            now=now,
            rest=timedelta(days=policy.case_rest_days),
        ),
    )
    personal = quotas.personal_days
    asks_ledger = personal or purposes != {str(Purpose.SERVICE)}
    reach = reach_of(policy, purposes, first, last, personal_days=personal)
    mournings = list_standing(session, first)
    orgs = {who.org_id for who in people.who.values() if who.org_id} if mournings else set()
    products = {question.product for question in questions if question.product}
    contacts: Mapping[uuid.UUID, Sequence[Contact]] = (
        load_contacts(session, ids, reach) if asks_ledger else {}
    )
    addresses: Mapping[tuple[uuid.UUID, date], Sequence[Contact]] = load_address_contacts(
        session, people.shared, first, last
    )
    if beside is not None:
        contacts = with_beside(contacts, ids, beside) if asks_ledger else contacts
        addresses = addresses_with(addresses, people.shared, first, last, beside)
    return _Gathered(
        policy=policy,
        bank_zone=zone,
        now=now,
        platform=platform,
        people=people,
        quotas=quotas,
        offers=load_offers(session, products, ids),
        contacts=contacts,
        addresses=addresses,
        late=late_feeds(session, (beside.feeds_at if beside else None) or now, zone),
        mournings=mournings,
        paths=org_paths(session, orgs) if orgs else {},
    )


def _facts(question: Question, found: _Gathered) -> Facts:
    customer_id, day, policy = question.customer_id, question.planned_for, found.policy
    who = found.people.who.get(customer_id, NOBODY)
    contacts = found.contacts.get(customer_id, ())
    sales = others = 0
    if contacts and question.purpose is Purpose.MARKETING and policy.care_ratio is not None:
        sales, others = before_sales(question.message_id, day, contacts, days=policy.care_ratio.days)
    return Facts(
        purpose=question.purpose,
        origin=question.origin,
        customer_state=who.state,
        zone=_zone(who.time_zone, found.bank_zone),
        routes=tuple([_route(question, channel, who, contacts, found) for channel in question.channels]),
        planned_at=question.planned_at,
        expires_at=question.expires_at,
        restrictions=_restrictions(customer_id, day, found.people),
        in_audience=question.in_audience,
        open_case=found.people.cases.get(customer_id),
        rival=question.rival,
        contacts=counted(question.message_id, day, contacts, reach=policy.longest_cap) if contacts else {},
        problems=question.problems,
        lint=question.lint,
        names_product=question.names_product,
        planned_for=day,
        sales_before=sales,
        non_sales_before=others,
        place=customer_id.int & 0xFFFF,
        greeted=question.greeted,
        is_withdrawn=question.is_withdrawn,
        held_out=question.held_out,
        condition=question.condition,
        statutory=question.statutory,
        asks=question.asks,
        refers=question.refers,
        suitability=found.offers.suitability(question.product, customer_id, day),
        life_stage=who.life_stage,
        late_feeds=found.late,
        mourning_until=found.mourning_until(who.org_id, day),
        care_resumes_at=found.people.resumes.get(customer_id),
        wave=question.wave,
        is_campaign_full=question.is_campaign_full,
        tier=who.tier,
        has_advisor=who.has_advisor,
        agreed=question.agreed,
    )


def _restrictions(customer_id: uuid.UUID, day: date, people: People) -> tuple[Restriction, ...]:
    """Those in force on the day the message would leave: one that ends before it does not stop it."""
    spans = people.restrictions.get(customer_id)
    if spans is None:
        return ()
    return tuple(span.rule for span in spans if span.holds_on(day))


def _route(
    question: Question, channel: str, who: Who, contacts: Sequence[Contact], found: _Gathered
) -> Route:
    people, purposes = found.people, found.platform.get(channel, frozenset())
    customer_id, purpose = question.customer_id, question.purpose
    consent = consent_of(people.consents, customer_id, channel, purpose) if people.consents else None
    point = _best(question, who, channel, people.points.get(customer_id, ()))
    if point is None:
        return Route(channel=channel, consent=consent, platform_purposes=purposes)
    stopped = people.suppressed.get((channel, point.blind_index)) if people.suppressed else None
    today = 0
    if point.shared_by > 1:
        greetings = found.addresses.get((point.id, question.planned_for), ())
        today = sum(1 for contact in greetings if contact.counts_for(question.message_id))
    quotas: tuple[QuotaState, ...] = ()
    if found.quotas.limits:
        at = max(question.planned_at, found.now)
        quotas = found.quotas.states(question.message_id, channel, purpose, at, contacts)
    return Route(
        channel=channel,
        contact_point_id=point.id,
        reachable=point.usable and channel in found.platform,
        consent=consent,
        suppressed=bool(stopped and ("all" in stopped or purpose in stopped)),
        shared_by=point.shared_by,
        address_today=today,
        platform_purposes=purposes,
        verified=point.verified,
        quotas=quotas,
        relation=point.relation,
    )


def _best(question: Question, who: Who, channel: str, points: Sequence[Point]) -> Point | None:
    """Of a customer's addresses on a channel the usable one: for a minor a guardian's, for the dormant a verified one."""
    only = question.only_contact
    mine = [one for one in points if one.channel == channel and (only is None or one.id == only)]
    if len(mine) > 1:
        if who.life_stage in _MINOR:
            mine.sort(key=lambda one: one.relation != "guardian")
        if who.state == "dormant":
            mine.sort(key=lambda one: not one.verified)
        mine.sort(key=lambda one: not one.usable)
    return mine[0] if mine else None


@lru_cache(maxsize=256)
def _zone(name: str | None, bank_zone: ZoneInfo) -> ZoneInfo:
    if name is None:
        return bank_zone
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return bank_zone
