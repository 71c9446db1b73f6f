"""产品建议卡: two persons, four blocks that promise nothing, shown to whom it suits and sent through every gate."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from scheduler.carriers import Carriers
from scheduler.planning import Planner
from store.models.campaigns import BusinessEvent
from store.models.messages import Message
from store.models.offers import AdviceCard
from store.models.products import Assessment, Product
from tests.integration.offers.bank import BLOCKS, CARD, Bank
from tests.integration.scheduler.world import CountingSender
from wenhou.core.errors import AccessDenied, Refused
from wenhou.services import advice_cards

TODAY = date(2027, 1, 30)
DAY = timedelta(days=1)


@pytest.fixture
def desk(bank: Bank) -> Bank:
    """A mail line, the campaign that sends cards, an approved card; no care ratio stands in the way."""
    town = bank.town
    town.carriers = Carriers(senders={"email": CountingSender("email"), "sms": town.sender})
    town.planner = Planner(town.context, town.carriers)
    town.set_policy(care_ratio=False)
    town.go_live(CARD)
    bank.card()
    return bank


def send(bank: Bank, ref: str, *, version: int = 1, who: str = "advisor") -> None:
    advice_cards.send_card(bank.town.context, bank.actors[who], ref, "WA1", version=version)


def plan(bank: Bank) -> None:
    bank.town.planner.plan_events()


def states(bank: Bank) -> list[tuple[int, str]]:
    with bank.town.context.db.read() as session:
        rows = session.scalars(select(AdviceCard).order_by(AdviceCard.version))
        return [(row.version, row.state) for row in rows]


# --- two persons --------------------------------------------------------------------------------------------------------


def test_a_card_goes_from_draft_over_a_second_person_to_use(bank: Bank) -> None:
    assert bank.card() == 1
    assert states(bank) == [(1, "approved")]


def test_nobody_approves_what_they_wrote_not_even_by_going_round_the_service(bank: Bank) -> None:
    context, compliance = bank.town.context, bank.actors["compliance"]
    bank.card()
    with context.db.write() as session:
        row = session.scalars(select(AdviceCard)).one()
        row.state, row.author_id, row.approved_by = "submitted", compliance.user_id, None
    with pytest.raises(Refused, match="写的人不能批准"):
        advice_cards.approve_card(context, compliance, "WA1")
    with pytest.raises(AccessDenied):
        advice_cards.approve_card(context, bank.actors["operations"], "WA1")
    with pytest.raises(IntegrityError), context.db.write() as session:
        session.scalars(select(AdviceCard)).one().approved_by = compliance.user_id


def test_what_was_submitted_stays_and_a_change_is_a_new_version_that_replaces_it_once_approved(
    bank: Bank,
) -> None:
    bank.card()
    assert bank.card(advantages="每月开放一次，赎回的钱第二个工作日到账。") == 2

    assert states(bank) == [(1, "retired"), (2, "approved")]
    with bank.town.context.db.read() as session:
        first = session.scalars(select(AdviceCard).where(AdviceCard.version == 1)).one()
        assert first.blocks["zh-CN"]["advantages"] == BLOCKS.advantages


@pytest.mark.parametrize(
    "promise", ["保本保息，放心买。", "稳赚不赔。", "收益最高可达百分之八。", "零风险，跟存款一样安全。"]
)
def test_advantages_that_promise_are_refused_by_block_and_word(bank: Bank, promise: str) -> None:
    with pytest.raises(Refused, match="优点："):
        bank.card(advantages=promise)
    assert states(bank) == [(1, "draft")]


def test_a_product_without_its_risk_sentence_has_no_card(bank: Bank) -> None:
    bank.product(risk_sentence=None)
    with pytest.raises(Refused, match="没有风险提示语"):
        bank.card()


# --- suitability ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customer", "product", "verdict", "reason"),
    [
        ({"level": 3}, {}, "suitable", None),
        ({"level": 2}, {}, "suitable", None),
        ({"level": 1}, {}, "unsuitable", "product_too_risky"),
        ({"level": None}, {}, "unassessed", "not_assessed"),
        ({"valid_until": TODAY}, {}, "suitable", None),
        ({"valid_until": TODAY - DAY}, {}, "unassessed", "assessment_expired"),
        ({}, {"on_sale_until": TODAY - DAY}, "unsuitable", "product_not_on_sale"),
        ({"level": 5, "life_stage": "senior"}, {"risk_level": 3}, "unsuitable", "too_risky_for_age"),
        ({"level": 5, "life_stage": "under_18"}, {}, "unsuitable", "minor"),
    ],
)
def test_the_card_says_what_the_gate_would_say(
    bank: Bank, customer: dict[str, Any], product: dict[str, Any], verdict: str, reason: str | None
) -> None:
    bank.card()
    bank.product(**product)
    ref = bank.customer(**customer).external_ref
    card = advice_cards.show_card(bank.town.context, bank.actors["advisor"], "WA1", customer=ref)

    assert card.fit is not None
    assert (card.fit.verdict, card.fit.reason) == (verdict, reason)
    assert card.fit.may_be_sent is (verdict == "suitable")


def test_what_does_not_suit_cannot_be_sent(desk: Bank) -> None:
    ref = desk.customer(level=1).external_ref
    with pytest.raises(Refused, match="产品风险高于客户的风险等级"):
        send(desk, ref)
    plan(desk)

    assert desk.town.messages() == []


# --- sight ----------------------------------------------------------------------------------------------------------------


def test_an_advisor_sees_no_card_for_somebody_elses_customer_and_sends_none(desk: Bank) -> None:
    stranger = desk.customer(
        org=desk.town.tree.other_branch, advisor=desk.town.people.other_advisor
    ).external_ref
    context, advisor = desk.town.context, desk.actors["advisor"]
    with pytest.raises(AccessDenied):
        advice_cards.list_cards(context, advisor, customer=stranger)
    with pytest.raises(AccessDenied):
        advice_cards.show_card(context, advisor, "WA1", customer=stranger)
    with pytest.raises(AccessDenied):
        send(desk, stranger)
    with pytest.raises(AccessDenied):
        send(desk, desk.customer().external_ref, who="operations")


def test_an_advisor_sees_approved_cards_alone(bank: Bank) -> None:
    with pytest.raises(Refused):
        bank.card(advantages="保本保息。")
    assert advice_cards.list_cards(bank.town.context, bank.actors["advisor"]) == []
    assert len(advice_cards.list_cards(bank.town.context, bank.actors["operations"])) == 1


# --- sending --------------------------------------------------------------------------------------------------------------


def test_a_card_is_proposed_read_by_two_and_sent_with_its_four_blocks(desk: Bank) -> None:
    customer = desk.customer()
    send(desk, customer.external_ref)
    plan(desk)
    (message,) = desk.town.messages()
    assert (message.status, message.level, message.purpose) == ("proposed", 2, "marketing")
    words = desk.town.words(message, "email")
    for text in (BLOCKS.advantages, BLOCKS.risks, BLOCKS.suits, BLOCKS.suits_not, "理财非存款", "C2及以上"):
        assert text in words
    desk.approve_all()
    desk.town.at(TODAY, 10, 30)

    assert desk.town.dispatch() == 1
    card = advice_cards.show_card(
        desk.town.context, desk.actors["advisor"], "WA1", customer=customer.external_ref
    )
    assert card.sent is not None
    assert (card.sent.status, card.sent.is_today) == ("sent", True)


def test_asking_twice_a_day_sends_once(desk: Bank) -> None:
    ref = desk.customer().external_ref
    send(desk, ref)
    with pytest.raises(Refused, match="今天已提交过"):
        send(desk, ref)
    plan(desk)
    plan(desk)

    assert len(desk.town.messages()) == 1


def test_a_card_that_changed_since_it_was_shown_is_not_sent(desk: Bank) -> None:
    desk.card(advantages="每月开放一次，赎回的钱第二个工作日到账。")
    with pytest.raises(Refused, match="刚刚更新"):
        send(desk, desk.customer().external_ref, version=1)


def test_without_consent_to_marketing_nothing_is_proposed_and_the_reason_stands_on_the_card(
    desk: Bank,
) -> None:
    customer = desk.customer(consents=(("email", "care"),))
    send(desk, customer.external_ref)
    plan(desk)
    card = advice_cards.show_card(
        desk.town.context, desk.actors["advisor"], "WA1", customer=customer.external_ref
    )

    assert card.sent is not None
    assert (card.sent.status, card.sent.reason) == ("skipped", "no_consent")


def test_no_live_campaign_means_no_sending(bank: Bank) -> None:
    bank.card()
    with pytest.raises(Refused, match="没有启用"):
        send(bank, bank.customer().external_ref)


def test_what_no_longer_suits_at_hand_over_is_not_sent(desk: Bank) -> None:
    customer = desk.customer()
    send(desk, customer.external_ref)
    plan(desk)
    desk.approve_all()
    with desk.town.context.db.write() as session:
        session.scalars(select(Assessment)).one().valid_until = TODAY - DAY
    desk.town.at(TODAY, 10, 30)

    assert desk.town.dispatch() == 0
    assert desk.town.standing() == [("skipped", "assessment_expired")]


def test_a_retired_card_takes_back_what_waits_and_starts_nothing_later(desk: Bank) -> None:
    send(desk, desk.customer().external_ref)
    plan(desk)
    assert advice_cards.retire_card(desk.town.context, desk.actors["compliance"], "WA1") == 1
    plan(desk)

    assert desk.town.standing() == [("cancelled", "card_retired")]


def test_a_message_of_a_retired_card_that_was_written_all_the_same_does_not_leave(desk: Bank) -> None:
    send(desk, desk.customer().external_ref)
    plan(desk)
    desk.approve_all()
    with (
        desk.town.context.db.write() as session
    ):  # as if the planner had read the event before it was cancelled
        session.scalars(select(BusinessEvent)).one().state = "cancelled"
    desk.town.at(TODAY, 10, 30)

    assert desk.town.dispatch() == 0
    assert desk.town.standing() == [("skipped", "product_not_on_sale")]


def test_a_process_that_dies_after_the_wish_was_noted_loses_nothing(desk: Bank) -> None:
    """The wake is lost with the process: the next look finds the event, and plans it once."""
    send(desk, desk.customer().external_ref)
    with desk.town.context.db.read() as session:
        assert session.scalars(select(Message)).all() == []
    desk.town.planner = Planner(desk.town.context, desk.town.carriers)
    desk.town.planner.plan_horizon()
    plan(desk)

    assert [status for status, _ in desk.town.standing()] == ["proposed"]


def test_a_product_that_became_riskier_is_no_longer_offered(desk: Bank) -> None:
    send(desk, desk.customer(level=2).external_ref)
    plan(desk)
    desk.approve_all()
    with desk.town.context.db.write() as session:
        session.scalars(select(Product)).one().risk_level = 3
    desk.town.at(TODAY, 10, 30)

    assert desk.town.dispatch() == 0
    assert desk.town.standing() == [("skipped", "product_too_risky")]
