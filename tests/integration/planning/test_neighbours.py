"""Who reads what: nobody compares phones in a household, a company or an advisor's book and finds the same greeting.

Nor does a customer read what they read in the last two years, though the bank may have written its templates anew.
"""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from store.models.campaigns import TemplateVersion
from store.models.customers import ContactPoint, Customer, CustomerContact
from store.models.messages import Message
from store.models.organisation import Company, CompanyContact, Household, HouseholdMember
from templates.library import bundled
from tests.integration.planning.town import Town
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status

FESTIVAL = """
key: spring_festival
name: {zh-CN: 春节问候, en: Spring Festival greeting}
purpose: care
trigger: {type: festival, festival: spring_festival, days_before: 1}
audience:
  all:
    - {field: state, is: [active]}
template: spring_festival
channels: [sms]
approval: none
send_at: "08:00"
until: "18:00"
"""
EVES = (date(2027, 2, 5), date(2028, 1, 25), date(2029, 2, 12), date(2030, 2, 2))
NAMES = ("王芳", "王伟", "王丽", "王静", "王勇")


@pytest.fixture
def greeting(town: Town) -> Town:
    town.go_live(FESTIVAL)
    return town


def _household(town: Town, customers: list[Customer]) -> None:
    with town.context.db.write() as session:
        home = Household(id=new_id(), name="王家", created_at=town.clock.now())
        session.add(home)
        session.flush()
        session.add_all(
            HouseholdMember(household_id=home.id, customer_id=one.id, role="other") for one in customers
        )


def _company(town: Town, customers: list[Customer]) -> None:
    with town.context.db.write() as session:
        company = Company(id=new_id(), external_ref="CO-1", name="江城纺织", created_at=town.clock.now())
        session.add(company)
        session.flush()
        points = session.scalars(
            select(ContactPoint.id)
            .join(CustomerContact, CustomerContact.contact_point_id == ContactPoint.id)
            .where(CustomerContact.customer_id.in_([one.id for one in customers]))
        )
        session.add_all(
            CompanyContact(id=new_id(), company_id=company.id, contact_point_id=one, name="-", role="staff")
            for one in points.all()
        )


def _plan_eve(town: Town, eve: date) -> list[Message]:
    town.at(eve - timedelta(days=1), 9)
    town.plan(eve)
    return [one for one in town.messages() if one.planned_for == eve]


def _bodies(town: Town, messages: list[Message]) -> list[str]:
    """The texts without their first words, which are the customer's own name."""
    return [town.words(one).split("，", 1)[-1] for one in messages]


@pytest.mark.parametrize("near", [_household, _company], ids=["household", "company"])
def test_people_who_know_each_other_read_different_words(greeting: Town, near: object) -> None:
    together = [greeting.customer(name, advisor=None) for name in NAMES]
    near(greeting, together)  # type: ignore[operator]  # one of the two above

    bodies = _bodies(greeting, _plan_eve(greeting, EVES[0]))

    assert len(bodies) == len(NAMES)
    assert len(set(bodies)) == len(NAMES)


def test_somebody_who_joins_the_household_later_reads_other_words_too(greeting: Town) -> None:
    first = greeting.customer("王芳", advisor=None)
    _plan_eve(greeting, EVES[0])
    wordings = {one.variant for one in greeting.messages()}
    others = [greeting.customer(f"王{letter}", advisor=None) for letter in "伟丽静"]
    _household(greeting, [first, *others])

    messages = _plan_eve(greeting, EVES[0])

    assert len(messages) == 4
    assert len({one.variant for one in messages}) == 4
    assert wordings < {one.variant for one in messages}


def test_a_book_reads_different_words_while_there_are_any(greeting: Town) -> None:
    among = bundled().get("spring_festival").wordings_for()
    size = min(40, 2 * len(among))
    for _ in range(size):
        greeting.customer("王芳")

    messages = _plan_eve(greeting, EVES[0])

    counted = Counter(one.variant for one in messages)
    assert len(messages) == size
    assert len(counted) == min(size, len(among))
    assert max(counted.values()) <= -(-size // len(among))


def test_a_book_planned_in_two_goes_still_reads_different_words(greeting: Town) -> None:
    among = bundled().get("spring_festival").wordings_for()
    half = max(1, min(20, len(among) // 2))
    for _ in range(half):
        greeting.customer("王芳")
    _plan_eve(greeting, EVES[0])
    for _ in range(half):
        greeting.customer("王芳")

    messages = _plan_eve(greeting, EVES[0])

    assert len(messages) == 2 * half
    assert len({one.variant for one in messages}) == 2 * half


def test_nobody_reads_what_they_read_in_the_last_two_years(greeting: Town) -> None:
    customers = [greeting.customer("王芳") for _ in range(12)]
    for eve in EVES:
        greeting.mark(Status.SENT, *_plan_eve(greeting, eve))
        with greeting.context.db.write() as session:  # a new advisor each year moves where the choice begins
            advisor = greeting.people.deputy if eve.year % 2 else greeting.people.advisor
            session.execute(update(Customer).values(main_advisor_id=advisor.id))

    for customer in customers:
        texts = _bodies(greeting, greeting.messages(customer=customer))
        assert len(texts) == len(EVES)
        for year in range(2, len(texts)):
            assert texts[year] not in texts[year - 2 : year]


def test_an_old_edition_is_compared_by_what_it_says(greeting: Town) -> None:
    """The bank renamed its variants since: the ids of last year mean other words now."""
    customers = [greeting.customer("王芳", advisor=None) for _ in range(12)]
    last = _plan_eve(greeting, EVES[0])
    said = _by_customer(greeting, last)
    greeting.mark(Status.SENT, *last)
    version = bundled().get("spring_festival")
    ids = sorted(variant.id for variant in version.variants)
    renamed = dict(zip(ids, [*ids[1:], ids[0]], strict=True))
    _rename(greeting, version.source, renamed)

    now = _plan_eve(greeting, EVES[1])
    bodies = _by_customer(greeting, now)

    assert len(bodies) == len(customers)
    assert all(bodies[one.id] != said[one.id] for one in customers)


def _by_customer(town: Town, messages: list[Message]) -> dict[uuid.UUID, str]:
    return {one.customer_id: body for one, body in zip(messages, _bodies(town, messages), strict=True)}


def _rename(town: Town, source: str, names: dict[str, str]) -> None:
    """Last year's messages came from an edition in which every variant had another name."""
    for old in names:
        source = source.replace(f"- id: {old}\n", f"- id: @{old}\n")
    for old, new in names.items():
        source = source.replace(f"- id: @{old}\n", f"- id: {new}\n")
    with town.context.db.write() as session:
        edition = TemplateVersion(
            id=new_id(), template_key="spring_festival", locale="zh-CN", number=900, state="retired",
            document={"source": source}, digest=b"\x01" * 32, created_at=town.clock.now(),
        )  # fmt: skip
        session.add(edition)
        session.flush()
        for message in session.scalars(select(Message)):
            variant, _, picks = (message.variant or "").partition(".")
            message.variant = names[variant] + (f".{picks}" if picks else "")
            message.template_version_id = edition.id


def test_planning_again_changes_nobody_s_words(greeting: Town) -> None:
    together = [greeting.customer(name) for name in NAMES]
    _household(greeting, together)
    before = [(one.id, one.variant, one.content_hash) for one in _plan_eve(greeting, EVES[0])]
    greeting.clock.move_to(greeting.clock.now() + timedelta(hours=2))
    with greeting.context.db.write() as session:
        session.execute(update(Customer).values(updated_at=greeting.clock.now()))

    greeting.plan(EVES[0])

    after = [(one.id, one.variant, one.content_hash) for one in greeting.messages()]

    assert after == before


def test_a_name_that_changes_keeps_the_wording(greeting: Town) -> None:
    customer = greeting.customer("王芳")
    for name in NAMES:
        greeting.customer(name)
    (before,) = (one for one in _plan_eve(greeting, EVES[0]) if one.customer_id == customer.id)
    greeting.clock.move_to(greeting.clock.now() + timedelta(hours=2))
    with greeting.context.db.write() as session:
        row = session.get_one(Customer, customer.id)
        row.name, row.updated_at = "欧阳芳", greeting.clock.now()
    greeting.plan(EVES[0])

    (after,) = greeting.messages(customer=customer)

    assert after.variant == before.variant
    assert "欧阳" in greeting.words(after)
