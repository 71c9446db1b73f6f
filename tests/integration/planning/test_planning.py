"""Planning on both databases: who is due, once, with words and a reason for everyone who gets none."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from scheduler.carriers import Carriers
from scheduler.planning import Planner
from store.database import Session
from store.keys import customer_key
from store.message_writes import open_body
from store.models.campaigns import Article, BusinessEvent
from store.models.customers import ContactPoint, Customer, PersonalDate, Suppression
from store.models.messages import Approval, ContactLedger, Message, MessageContent
from tests.factories import (
    People,
    Reach,
    Tree,
    actor_for,
    grant,
    make_contact,
    make_customer,
    make_people,
    make_tree,
)
from wenhou.core.actors import SYSTEM
from wenhou.core.channels import EMAIL, SMS, Capabilities, Outcome, OutgoingMessage
from wenhou.core.clock import ShiftedClock
from wenhou.core.purposes import Purpose
from wenhou.services.approvals import approve_all
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns
from wenhou.services.context import Context

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Mute:
    """A sender that planning asks for its capabilities only."""

    provider: str = "mute"
    account: str = "mute"

    def __init__(self, channel: str) -> None:
        self.capabilities = Capabilities(channel=channel, purposes=frozenset(Purpose))

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        raise AssertionError("planning never sends")

    def close(self) -> None:
        pass


@dataclass
class Bank:
    context: Context
    tree: Tree
    people: People
    planner: Planner


@pytest.fixture
def bank(context: Context) -> Bank:
    apply_campaigns(context, SYSTEM, bundled_campaigns())
    with context.db.write() as session:
        tree = make_tree(session)
        people = make_people(session, tree)
    carriers = Carriers(senders={SMS: Mute(SMS), EMAIL: Mute(EMAIL)})
    return Bank(context=context, tree=tree, people=people, planner=Planner(context, carriers))


def _customer(bank: Bank, session: Session, **facts: object) -> Customer:
    return make_customer(
        session,
        bank.context.vault,
        org=bank.tree.outlet,
        advisor=bank.people.advisor,
        **facts,  # type: ignore[arg-type]
    )


def _messages(context: Context) -> list[Message]:
    with context.db.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def _text(context: Context, message: Message, channel: str = SMS) -> str:
    with context.db.read() as session:
        body = session.scalars(
            select(MessageContent.body).where(
                MessageContent.message_id == message.id, MessageContent.channel == channel
            )
        ).one()
        key = customer_key(session, context.vault, message.customer_id)
        return open_body(key, message.id, channel, body).text


def test_a_solar_and_a_lunar_birthday_are_met_on_their_day_and_the_text_says_which(bank: Bank) -> None:
    with bank.context.db.write() as session:
        _customer(bank, session, name="王芳", birthday=("solar", 2, 1))
        _customer(bank, session, name="欧阳明", gender="male", birthday=("lunar", 12, 25))
        _customer(bank, session, name="李静", birthday=("solar", 2, 2))
    report = bank.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="birthday").as_json()
    assert report["occurrences"][0] | {"new": 2, "other": {}} == {
        "campaign": "birthday",
        "key": "2027-02-01",
        "step": "message",
        "audience": 2,
        "proposed": 2,
        "scheduled": 0,
        "tasks": 0,
        "skipped": {},
        "other": {},
        "new": 2,
    }
    solar, lunar = sorted(_messages(bank.context), key=lambda one: one.dedupe_key, reverse=True)
    assert (solar.dedupe_key, lunar.dedupe_key) == (
        "birthday|birthday:solar:2027/1",
        "birthday|birthday:lunar:2026/1",
    )
    assert "王女士" in _text(bank.context, solar)
    assert "农历" not in _text(bank.context, solar)
    assert "欧阳先生" in _text(bank.context, lunar)
    assert "农历十二月廿五" in _text(bank.context, lunar) or "腊月廿五" in _text(bank.context, lunar)
    assert solar.due_at == datetime(2027, 2, 1, 9, 30, tzinfo=SHANGHAI)


def test_planning_twice_plans_once_and_counts_the_same(bank: Bank) -> None:
    with bank.context.db.write() as session:
        _customer(bank, session, birthday=("solar", 2, 1))
        _customer(bank, session, birthday=("solar", 2, 1), consents=())
    day = date(2027, 2, 1)
    first = bank.planner.plan(day, day, campaign="birthday").as_json()["occurrences"][0]
    second = bank.planner.plan(day, day, campaign="birthday").as_json()["occurrences"][0]
    assert first["new"] == 2
    assert second == first | {"new": 0}
    assert first["audience"] == first["proposed"] + sum(first["skipped"].values()) == 2
    assert len(_messages(bank.context)) == 2


def test_a_customer_without_consent_gets_a_skipped_row_with_its_reason(bank: Bank) -> None:
    with bank.context.db.write() as session:
        _customer(bank, session, birthday=("solar", 2, 1), consents=())
    bank.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="birthday")
    (message,) = _messages(bank.context)
    assert (message.status, message.reason) == ("skipped", "no_consent")
    assert message.trace is not None


def test_a_skipped_message_is_planned_anew_when_consent_comes(bank: Bank) -> None:
    with bank.context.db.write() as session:
        customer = _customer(bank, session, birthday=("solar", 2, 1), consents=())
    day = date(2027, 2, 1)
    bank.planner.plan(day, day, campaign="birthday")
    with bank.context.db.write() as session:
        grant(session, customer, SMS, "care")
    report = bank.planner.plan(day, day, campaign="birthday").as_json()["occurrences"][0]
    (message,) = _messages(bank.context)
    assert (message.status, report["proposed"], report["skipped"]) == ("proposed", 1, {})
    assert message.channel == SMS
    with bank.context.db.read() as session:
        assert session.scalars(select(ContactLedger.state)).one() == "reserved"
    assert "王女士" in _text(bank.context, message)


def test_a_suppressed_address_falls_through_to_the_next_channel(bank: Bank) -> None:
    with bank.context.db.write() as session:
        _customer(bank, session, birthday=("solar", 2, 1))
        phone = session.scalars(select(ContactPoint).where(ContactPoint.channel == SMS)).one()
        session.add(
            Suppression(
                channel=SMS,
                blind_index=phone.blind_index,
                reason="opted_out",
                source="provider",
                created_at=bank.context.clock.now(),
            )
        )
    bank.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="birthday")
    (message,) = _messages(bank.context)
    assert (message.status, message.channel) == ("proposed", EMAIL)


def test_a_birthday_on_the_eve_takes_the_place_of_the_festival_greeting(bank: Bank) -> None:
    eve = date(2027, 2, 5)
    with bank.context.db.write() as session:
        _customer(bank, session, birthday=("solar", 2, 5))
    bank.planner.plan(eve, eve, campaign="spring_festival")
    bank.planner.plan(eve, eve, campaign="birthday")
    again = bank.planner.plan(eve, eve).as_json()["occurrences"]
    standing = {message.dedupe_key: (message.status, message.reason) for message in _messages(bank.context)}
    assert standing == {
        "birthday|birthday:solar:2027/1": ("proposed", None),
        "spring_festival|spring_festival:2027/1": ("skipped", "more_important_message"),
    }
    assert [one["campaign"] for one in again if one["audience"]] == ["birthday", "spring_festival"]


def test_a_family_sharing_a_phone_gets_one_greeting_a_day(bank: Bank) -> None:
    with bank.context.db.write() as session:
        first = _customer(bank, session, reach=Reach(phone="+8613812345678"), consents=((SMS, "care"),))
        second = _customer(bank, session, name="王建", reach=Reach(), consents=((SMS, "care"),))
        make_contact(session, bank.context.vault, second, SMS, "+8613812345678", relation="family")
    eve = date(2027, 2, 5)
    report = bank.planner.plan(eve, eve, campaign="spring_festival").as_json()["occurrences"][0]
    assert report["proposed"] == 1
    assert report["skipped"] == {"address_cap_reached": 1}
    assert {message.customer_id for message in _messages(bank.context)} == {first.id, second.id}


def test_a_call_back_comes_one_workday_after_the_event_and_only_once(bank: Bank) -> None:
    with bank.context.db.write() as session:
        customer = _customer(bank, session, consents=())
        session.add(
            BusinessEvent(
                source="core",
                source_id="A-1",
                kind="account_opened",
                customer_id=customer.id,
                org_id=bank.tree.outlet.id,
                happened_at=datetime(2027, 1, 29, 15, 0, tzinfo=SHANGHAI),
                details={},
                received_at=bank.context.clock.now(),
            )
        )
    for _ in range(2):
        bank.planner.plan(date(2027, 1, 29), date(2027, 2, 5), campaign="callback_account_opened")
    (message,) = _messages(bank.context)
    assert message.planned_for == date(2027, 2, 1)
    assert (message.status, message.asks, message.purpose) == ("proposed", "csat", "service")
    assert message.dedupe_key == "callback_account_opened|event:core:A-1/1"
    assert "1月29日" in _text(bank.context, message)


def test_a_reviewed_article_reaches_those_whose_interests_it_meets(bank: Bank) -> None:
    with bank.context.db.write() as session:
        meets = _customer(bank, session, consents=((SMS, "information"),))
        meets.interests = ["养老"]
        other = _customer(bank, session, consents=((SMS, "information"),))
        other.interests = ["基金"]
        session.add(
            Article(
                key="pension-2027",
                title="个人养老金缴存上限不变",
                summary="全国范围内均可开立账户，每年缴存上限不变。",
                body="…",
                topics=["养老"],
                source="人社部公告",
                state="approved",
                effective_on=date(2027, 2, 1),
                created_at=bank.context.clock.now(),
                updated_at=bank.context.clock.now(),
            )
        )
    report = bank.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="policy_news").as_json()
    (message,) = _messages(bank.context)
    assert report["occurrences"][0]["audience"] == 1
    assert (message.customer_id, message.level) == (meets.id, 2)
    assert "个人养老金缴存上限不变" in _text(bank.context, message)


def test_a_name_that_is_none_blocks_that_message_only(bank: Bank) -> None:
    with bank.context.db.write() as session:
        _customer(bank, session, name="None", birthday=("solar", 2, 1))
        _customer(bank, session, name="王芳", birthday=("solar", 2, 1))
    report = bank.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="birthday").as_json()
    assert report["occurrences"][0]["proposed"] == 1
    assert report["occurrences"][0]["skipped"] == {"placeholder_missing": 1}


def test_the_weekly_cap_counts_across_campaigns_and_channels(bank: Bank) -> None:
    with bank.context.db.write() as session:
        customer = _customer(bank, session, birthday=("solar", 2, 1))
        for back in (2, 3, 4):
            session.add(
                ContactLedger(
                    message_id=uuid.uuid4(),
                    customer_id=customer.id,
                    on_day=date(2027, 2, 1) - timedelta(days=back),
                    purpose="information",
                    channel="wechat",
                    state="committed",
                )
            )
    report = bank.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="birthday").as_json()
    assert report["occurrences"][0]["skipped"] == {"cap_reached": 1}


def test_a_dry_run_counts_and_leaves_nothing(bank: Bank) -> None:
    with bank.context.db.write() as session:
        _customer(bank, session, birthday=("solar", 2, 1))
    day = date(2027, 2, 1)
    report = bank.planner.plan(day, day, campaign="birthday", dry_run=True).as_json()
    assert report["occurrences"][0]["proposed"] == 1
    assert _messages(bank.context) == []


def test_changing_the_send_time_and_the_lead_after_planning_adds_nothing(bank: Bank) -> None:
    with bank.context.db.write() as session:
        _customer(bank, session, birthday=("solar", 2, 1))
    day = date(2027, 2, 1)
    bank.planner.plan(day, day, campaign="birthday")
    (document,) = [one for one in bundled_campaigns() if one.campaign.key == "birthday"]
    changed = document.source.replace("kind: birthday}", "kind: birthday, days_before: 1}").replace(
        "09:30", "10:15"
    )
    apply_campaigns(bank.context, SYSTEM, read_campaigns(changed, "birthday.yaml"))
    bank.planner.plan(date(2027, 1, 31), day, campaign="birthday")
    assert len(_messages(bank.context)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_thousand_customers_are_planned_across_chunks_without_gaps(bank: Bank) -> None:
    with bank.context.db.write() as session:
        for _ in range(1100):
            customer = Customer(
                external_ref=f"B-{uuid.uuid4().hex}",
                name="李华",
                created_at=bank.context.clock.now(),
                updated_at=bank.context.clock.now(),
            )
            session.add(customer)
            session.flush()
            session.add(
                PersonalDate(
                    customer_id=customer.id,
                    kind="birthday",
                    calendar="solar",
                    month=2,
                    day=1,
                    created_at=bank.context.clock.now(),
                    updated_at=bank.context.clock.now(),
                )
            )
    report = bank.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="birthday").as_json()
    assert report["occurrences"][0]["audience"] == 1100
    assert report["occurrences"][0]["skipped"] == {"no_reachable_channel": 1100}


def _approved(bank: Bank) -> None:
    with bank.context.db.read() as session:
        actor = actor_for(session, bank.people.advisor)
    assert approve_all(bank.context, actor, undo_seconds=0).approved == 1


def test_a_changed_name_is_worded_anew_and_voids_the_approval(bank: Bank, clock: ShiftedClock) -> None:
    with bank.context.db.write() as session:
        customer = _customer(bank, session, name="王芳", birthday=("solar", 2, 1))
    day = date(2027, 2, 1)
    bank.planner.plan(day, day, campaign="birthday")
    _approved(bank)
    clock.advance(timedelta(minutes=5))
    with bank.context.db.write() as session:
        changed = session.get_one(Customer, customer.id)
        changed.name, changed.updated_at = "欧阳芳", clock.now()
    clock.advance(timedelta(minutes=5))
    report = bank.planner.plan(day, day, campaign="birthday").as_json()["occurrences"][0]
    (message,) = _messages(bank.context)
    assert (message.status, message.approvals, report["proposed"]) == ("proposed", 0, 1)
    assert "欧阳女士" in _text(bank.context, message)
    with bank.context.db.read() as session:
        assert session.scalars(select(Approval.void_reason)).one() == "input_changed"
        assert session.scalars(select(ContactLedger.state)).all() == ["reserved"]
    _approved(bank)


def test_a_change_that_leaves_the_words_as_they_are_keeps_the_approval(
    bank: Bank, clock: ShiftedClock
) -> None:
    with bank.context.db.write() as session:
        customer = _customer(bank, session, name="王芳", birthday=("solar", 2, 1))
    day = date(2027, 2, 1)
    bank.planner.plan(day, day, campaign="birthday")
    _approved(bank)
    clock.advance(timedelta(minutes=5))
    with bank.context.db.write() as session:
        changed = session.get_one(Customer, customer.id)
        changed.assets_fen, changed.updated_at = 5, clock.now()
    bank.planner.plan(day, day, campaign="birthday")
    (message,) = _messages(bank.context)
    assert (message.status, message.approvals) == ("scheduled", 1)


def test_a_new_advisor_signs_what_waits(bank: Bank, clock: ShiftedClock) -> None:
    with bank.context.db.write() as session:
        customer = _customer(bank, session, name="王芳", birthday=("solar", 2, 1))
    day = date(2027, 2, 1)
    bank.planner.plan(day, day, campaign="birthday")
    with bank.context.db.write() as session:
        session.get_one(Customer, customer.id).main_advisor_id = bank.people.deputy.id
    clock.advance(timedelta(minutes=1))
    bank.planner.plan(day, day, campaign="birthday")
    (message,) = _messages(bank.context)
    assert (message.status, message.advisor_id) == ("proposed", bank.people.deputy.id)
    assert "陈静" in _text(bank.context, message)
    assert "李伟" not in _text(bank.context, message)
