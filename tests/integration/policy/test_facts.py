"""The facts behind the gates, as fetched from both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event, update

from store.facts import load_facts
from store.models.campaigns import DataFeed
from store.models.customers import ContactPoint, Customer, CustomerContact
from store.models.hearing import Case
from store.models.products import Assessment, Product
from store.mourning import add_mourning
from tests.factories import AT, make_contact, make_customer
from tests.integration.policy.world import EVERY, TODAY, Asked, add_contact, restrict
from wenhou.core.ids import new_id
from wenhou.core.policy.decide import decide
from wenhou.core.policy.rules import CareRatio, Policy
from wenhou.core.purposes import Purpose

DAY = timedelta(days=1)


def test_what_is_plain_about_a_customer_is_known(asked: Asked) -> None:
    facts = asked.facts(channels=("sms", "email"))

    assert (facts.customer_state, facts.tier, facts.life_stage, facts.has_advisor) == (
        "active",
        "VIP",
        None,
        False,
    )
    assert [route.reachable for route in facts.routes] == [True, True]
    assert decide(facts, Policy(), AT + timedelta(hours=1)).verdict == "pass"


@pytest.mark.parametrize(
    ("from_on", "until_on", "planned_for", "stops"),
    [
        (TODAY, None, TODAY, True),
        (TODAY, None, TODAY + 9 * DAY, True),
        (TODAY - 9 * DAY, TODAY, TODAY, True),
        (TODAY - 9 * DAY, TODAY, TODAY + DAY, False),
        (TODAY - 9 * DAY, TODAY - DAY, TODAY, False),
        (TODAY + DAY, None, TODAY, False),
        (TODAY + DAY, None, TODAY + DAY, True),
    ],
)
def test_a_restriction_counts_on_the_day_the_message_would_leave(
    asked: Asked, from_on: date, until_on: date | None, planned_for: date, stops: bool
) -> None:
    with asked.context.db.write() as session:
        restrict(session, asked.customer, from_on=from_on, until_on=until_on)

    assert bool(asked.facts(planned_for=planned_for).restrictions) is stops


def test_service_goes_on_where_care_is_restricted(asked: Asked) -> None:
    with asked.context.db.write() as session:
        restrict(session, asked.customer)

    service = asked.facts(purpose=Purpose.SERVICE)
    assert decide(service, Policy(), AT + timedelta(hours=1)).verdict == "pass"
    assert decide(asked.facts(), Policy(), AT).reason == "care_restricted"


def complain(asked: Asked, state: str, *, closed_days_ago: float = 0, kind: str = "complaint") -> Case:
    with asked.context.db.write() as session:
        case = Case(
            id=new_id(),
            number=f"T{new_id().hex[:12]}",
            customer_id=asked.customer.id,
            kind=kind,
            state=state,
            opened_at=AT - 9 * DAY,
            first_answer_due_at=AT,
            solution_due_at=AT,
            regulator_due_on=TODAY,
            closed_at=AT - closed_days_ago * DAY if state == "closed" else None,
            solved_at=AT - closed_days_ago * DAY if state in ("closed", "solved") else None,
        )
        session.add(case)
    return case


def test_an_open_complaint_holds_and_care_rests_after_it(asked: Asked) -> None:
    case = complain(asked, "answered")
    assert asked.facts().open_case == case.id

    with asked.context.db.write() as session:
        session.execute(update(Case).values(state="closed", closed_at=AT - DAY))
    facts = asked.facts()
    assert (facts.open_case, facts.care_resumes_at) == (None, AT + 2 * DAY)
    assert decide(facts, Policy(), AT).reason == "no_slot", "it expires before care resumes"


@pytest.mark.parametrize(("kind", "days"), [("complaint", 3.1), ("question", 1)])
def test_an_old_complaint_and_a_closed_question_hold_nothing(asked: Asked, kind: str, days: float) -> None:
    complain(asked, "closed", closed_days_ago=days, kind=kind)

    assert asked.facts().care_resumes_at is None


def test_a_minor_is_reached_through_the_guardian(asked: Asked) -> None:
    with asked.context.db.write() as session:
        session.execute(update(Customer).values(life_stage="under_14"))
        guardian = make_contact(
            session, asked.context.vault, asked.customer, "sms", "+8613911112222", "guardian"
        )
    decision = decide(asked.facts(), Policy(), AT + timedelta(hours=1))
    assert (decision.verdict, decision.contact_point_id) == ("pass", guardian.id)

    with asked.context.db.write() as session:
        session.execute(update(CustomerContact).values(relation="own"))
    assert decide(asked.facts(), Policy(), AT).reason == "guardian_missing"


def test_a_dormant_customer_is_written_to_only_at_a_verified_number(asked: Asked) -> None:
    with asked.context.db.write() as session:
        session.execute(update(Customer).values(state="dormant"))
    assert decide(asked.facts(), Policy(), AT).reason == "number_unverified"

    with asked.context.db.write() as session:
        session.execute(update(ContactPoint).values(verified_at=AT))
    assert decide(asked.facts(), Policy(), AT + timedelta(hours=1)).verdict == "pass"


def test_a_feed_that_is_late_holds_what_it_holds(asked: Asked) -> None:
    with asked.context.db.write() as session:
        session.add(
            DataFeed(
                key="deaths",
                name="身故名单",
                kind="risk",
                expected_by="08:00",
                holds_purposes=["care", "marketing"],
                first_on=TODAY - 9 * DAY,
            )
        )
    decision = decide(asked.facts(), Policy(), AT + timedelta(hours=1))

    assert (decision.verdict, decision.reason, decision.hold_key) == ("hold", "feed_late", "feed:deaths")
    assert decide(asked.facts(purpose=Purpose.SERVICE), Policy(), AT + timedelta(hours=1)).verdict == "pass"


def test_mourning_rests_greetings_in_its_own_part_of_the_bank(asked: Asked) -> None:
    with asked.context.db.write() as session:
        add_mourning(
            session, org_id=asked.org.id, days=(TODAY, TODAY + 2 * DAY), reason="哀悼日", by=None, at=AT
        )
        elsewhere = make_customer(session, asked.context.vault)
    assert asked.facts().mourning_until == TODAY + 2 * DAY
    assert asked.facts(customer_id=elsewhere.id).mourning_until is None
    assert asked.facts(planned_for=TODAY + 3 * DAY).mourning_until is None
    assert decide(asked.facts(), Policy(), AT + timedelta(hours=1)).reason == "mourning"


def test_contacts_of_other_systems_count_in_caps_and_service_does_not(asked: Asked) -> None:
    with asked.context.db.write() as session:
        add_contact(session, asked.customer, TODAY - DAY, purpose="service")
        add_contact(session, asked.customer, TODAY - 2 * DAY, purpose="marketing", channel="call_centre")
        add_contact(session, asked.customer, TODAY - 3 * DAY, purpose="care", state="released")

    assert asked.facts().contacts == {2: {"marketing": 1}}


def test_only_contacts_that_were_made_earn_a_sales_one(asked: Asked) -> None:
    with asked.context.db.write() as session:
        add_contact(session, asked.customer, TODAY - DAY, purpose="service")
        add_contact(session, asked.customer, TODAY - 20 * DAY, purpose="care")
        add_contact(session, asked.customer, TODAY - 89 * DAY, purpose="information")
        add_contact(session, asked.customer, TODAY - 90 * DAY, purpose="care")
        add_contact(session, asked.customer, TODAY + DAY, purpose="care")
    facts = asked.facts(purpose=Purpose.MARKETING)
    assert (facts.sales_before, facts.non_sales_before) == (0, 3)
    assert decide(facts, Policy(), AT + timedelta(hours=1)).verdict == "pass"

    with asked.context.db.write() as session:
        add_contact(session, asked.customer, TODAY - 40 * DAY, purpose="marketing")
    facts = asked.facts(purpose=Purpose.MARKETING)
    assert (facts.sales_before, facts.non_sales_before) == (1, 3)
    assert decide(facts, Policy(), AT).reason == "care_ratio"
    assert (
        asked.facts(purpose=Purpose.MARKETING, policy=Policy(care_ratio=CareRatio(days=10))).sales_before == 0
    )


@pytest.mark.parametrize(
    ("product", "assessed", "reason"),
    [
        ({}, (3, TODAY), None),
        ({}, None, "not_assessed"),
        ({}, (3, TODAY - DAY), "assessment_expired"),
        ({"risk_level": 4}, (3, TODAY), "product_too_risky"),
        ({"on_sale_until": TODAY - DAY}, (3, TODAY), "product_not_on_sale"),
        ({"on_sale_from": TODAY + DAY}, (3, TODAY), "product_not_on_sale"),
        ({"code": "another"}, (3, TODAY), "product_not_on_sale"),
    ],
)
def test_a_product_must_be_on_sale_and_suit(
    asked: Asked, product: dict[str, object], assessed: tuple[int, date] | None, reason: str | None
) -> None:
    known = {"code": "P1", "name": "稳盈", "issuer": "江城理财", "risk_level": 3, "updated_at": AT, **product}
    with asked.context.db.write() as session:
        session.add(Product(id=new_id(), **known))
        if assessed is not None:
            session.add(
                Assessment(
                    customer_id=asked.customer.id,
                    level=assessed[0],
                    assessed_on=TODAY - 300 * DAY,
                    valid_until=assessed[1],
                    source="counter",
                )
            )
    decision = decide(
        asked.facts(purpose=Purpose.MARKETING, product="P1", policy=Policy(care_ratio=None)),
        Policy(care_ratio=None),
        AT + timedelta(hours=1),
    )

    assert decision.reason == reason


def test_the_newest_assessment_counts_even_where_an_older_one_allows_more(asked: Asked) -> None:
    with asked.context.db.write() as session:
        session.add(
            Product(id=new_id(), code="P1", name="稳盈", issuer="江城理财", risk_level=3, updated_at=AT)
        )
        for level, days in ((5, 300), (1, 30)):
            session.add(
                Assessment(
                    customer_id=asked.customer.id,
                    level=level,
                    assessed_on=TODAY - days * DAY,
                    valid_until=TODAY + 300 * DAY,
                    source="counter",
                )
            )
    offer = asked.facts(product="P1").suitability

    assert offer is not None
    assert (offer.customer_level, offer.is_assessed) == (1, True)


def test_a_thousand_messages_take_no_more_statements_than_two_do(asked: Asked) -> None:
    """Set-based: statements grow with every 500, not with each."""
    with asked.context.db.read() as session:
        statements: list[str] = []
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *told: statements.append(str(told[2])))
        for amount in (2, 500):
            statements.clear()
            load_facts(
                session,
                [asked.question() for _ in range(amount)],
                policy=Policy(),
                zone=asked.context.bank.zone,
                now=AT,
                platform={"sms": EVERY},
            )
            assert len(statements) <= 15, statements
