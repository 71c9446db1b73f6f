"""Why a customer would not be met: the planner itself is asked, about days and campaigns never planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from scheduler.explaining import judging_with
from store.models.campaigns import BusinessEvent, DataFeed
from store.models.customers import CareRestriction, Customer
from store.models.messages import Message
from tests.factories import AT, make_customer
from tests.integration.forecast.test_forecast_agrees import FIRST, SHANGHAI, Bank, bank
from wenhou.core.actors import SYSTEM
from wenhou.core.policy.gates import GATES
from wenhou.services.explain_why import Explanation, explain
from wenhou.services.funnels import funnel_of

__all__ = ["bank"]
ORDER = [gate.__name__ for gate in GATES]


def _ask(bank: Bank, customer: Customer, campaign: str, day: date) -> Explanation:
    context = replace(bank.context, judge_one=judging_with(bank.carriers))
    found = explain(context, SYSTEM, customer.external_ref, campaign, day)
    assert [gate["gate"] for gate in found.as_json()["gates"]] == ORDER
    return found


def _customer(bank: Bank, **facts: object) -> Customer:
    with bank.context.db.write() as session:
        more = {"org": bank.tree.outlet, "advisor": bank.people.advisor, "birthday": ("solar", 2, 1)} | facts
        return make_customer(session, bank.context.vault, **more)  # type: ignore[arg-type]


def test_a_birthday_to_come_is_said_to_be_planned_later_and_passes_every_gate(bank: Bank) -> None:
    found = _ask(bank, _customer(bank), "birthday", date(2027, 2, 1))
    assert (found.verdict, found.status) == ("pass", None)
    assert found.sentence_zh.startswith("还没到排期时间")
    words = {gate.gate: gate for gate in found.gates}
    assert words["reachable"].value == "sms,email"
    assert words["audience"].value == "in"


def test_a_feed_that_came_today_does_not_hold_a_day_to_come(bank: Bank) -> None:
    with bank.context.db.write() as session:
        session.add(
            DataFeed(
                key="deaths",
                name="身故名单",
                kind="risk",
                expected_by="09:30",  # half an hour from now: today's is not late
                holds_purposes=["care"],
                first_on=bank.context.clock.now().astimezone(SHANGHAI).date(),
            )
        )
    assert _ask(bank, _customer(bank), "birthday", date(2027, 2, 1)).verdict == "pass"


def test_another_day_names_the_day_that_is_known(bank: Bank) -> None:
    found = _ask(bank, _customer(bank), "birthday", date(2027, 2, 3))
    assert found.verdict == "skip"
    assert "登记的是公历2月1日" in found.sentence_zh
    audience = next(gate for gate in found.as_json()["gates"] if gate["gate"] == "audience")
    assert "登记的是公历2月1日" in audience["sentence"]


def test_the_part_of_the_rule_that_fails_is_said(bank: Bank) -> None:
    found = _ask(bank, _customer(bank, tier="VIP"), "birthday", date(2027, 2, 1))
    assert found.reason == "not_in_audience"
    assert "VIP" in found.sentence_zh


def test_the_gate_that_says_no_is_named_and_all_others_are_judged(bank: Bank) -> None:
    refused = _customer(bank, consents=())
    found = _ask(bank, refused, "birthday", date(2027, 2, 1))
    assert (found.verdict, found.reason) == ("skip", "no_consent")
    with bank.context.db.write() as session:
        session.add(
            CareRestriction(
                customer_id=refused.id, kind="litigation", from_on=FIRST, purposes=["care"], source="file",
                visibility="confidential", created_at=AT,
            )
        )  # fmt: skip
    found = _ask(bank, refused, "birthday", date(2027, 2, 1))
    assert found.reason == "care_restricted"
    assert [gate.gate for gate in found.gates if gate.verdict == "skip"] == ["restriction", "consent"]


def test_a_task_step_says_which_gates_are_not_asked(bank: Bank) -> None:
    found = _ask(bank, _customer(bank, tier="VIP"), "birthday_vip", date(2027, 2, 1))
    gates = {gate["gate"]: gate for gate in found.as_json()["gates"]}
    assert gates["consent"]["sentence"] == "这类消息不看这一项。"
    assert gates["audience"]["value"] == "in"


def test_an_event_campaign_says_whether_anything_happened(bank: Bank) -> None:
    customer = _customer(bank)
    day = date(2027, 2, 1)  # the first workday after the Saturday
    assert "没有业务" in _ask(bank, customer, "callback_account_opened", day).sentence_zh
    with bank.context.db.write() as session:
        happened = datetime(2027, 1, 29, 10, tzinfo=SHANGHAI)
        session.add(
            BusinessEvent(
                source="core", source_id="X1", kind="account_opened", customer_id=customer.id,
                happened_at=happened, received_at=happened, details={},
            )
        )  # fmt: skip
    assert _ask(bank, customer, "callback_account_opened", day).sentence_zh.startswith("还没到排期时间")


def test_the_answer_of_a_stored_message_never_changes(bank: Bank) -> None:
    refused, day = _customer(bank, consents=()), date(2027, 2, 1)
    bank.planner.plan(day, day, campaign="birthday")
    before = _ask(bank, refused, "birthday", day)
    assert not before.judged_now
    with bank.context.db.write() as session:
        session.get_one(Customer, refused.id).tier = "VIP"
    bank.clock.move_to(bank.clock.now() + timedelta(days=400))
    assert _ask(bank, refused, "birthday", day) == before


def test_asking_writes_no_message(bank: Bank) -> None:
    _ask(bank, _customer(bank), "spring_festival", date(2027, 2, 5))
    with bank.context.db.read() as session:
        assert session.scalars(select(Message.id)).all() == []


@pytest.mark.parametrize(("key", "on"), [("spring_festival", date(2027, 2, 5)), ("birthday_vip", None)])
def test_every_customer_of_a_run_is_in_exactly_one_box(bank: Bank, key: str, on: date | None) -> None:
    day = on or date(2027, 2, 1)
    if on is None:  # a call is skipped without a row; the box holds them nevertheless
        vip = _customer(bank, tier="VIP", advisor=None)
        with bank.context.db.write() as session:
            session.add(
                CareRestriction(
                    customer_id=vip.id, kind="overdue", from_on=FIRST, purposes=["care"], source="file",
                    visibility="confidential", created_at=AT,
                )
            )  # fmt: skip
        _customer(bank, tier="VIP")
    report = bank.planner.plan(day, day).as_json()["occurrences"]
    part = next(one for one in report if one["campaign"] == key and one["step"] in ("message", "call"))
    funnel = funnel_of(bank.context, SYSTEM, key, day)
    assert funnel.audience == sum(funnel.boxes.values()) == part["audience"]
    shown = funnel.as_json()
    assert shown["audience"] == shown["with_advisor"] + shown["without_advisor"]
    if on is None:
        assert funnel.without_advisor["restricted"] == 1
        assert funnel.boxes["planned"] + funnel.boxes["task"] == part["tasks"]
    else:
        assert funnel.boxes["planned"] == part["proposed"]
        assert funnel.without_advisor["planned"] > 0
        assert funnel.boxes["no_consent"] == part["skipped"]["no_consent"]
