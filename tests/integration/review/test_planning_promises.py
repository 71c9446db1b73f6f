"""What planning promises about shared numbers, days and people, each once broken."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update

from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from store.models.campaigns import Article
from store.models.customers import CareRestriction, ConsentState, PersonalDate
from store.pending import skip_pending
from store.transitions import Change, change_status
from tests.factories import Reach, actor_for
from tests.integration.planning.test_planning import Bank, _customer, _messages
from tests.integration.scheduler.world import CountingSender
from wenhou.core.clock import ShiftedClock
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Event, Status
from wenhou.services import approvals

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2027, 2, 1)
SHARED = "+8613900001111"


def move_clock(bank: Bank, to: datetime) -> None:
    assert isinstance(bank.context.clock, ShiftedClock)
    bank.context.clock.move_to(to)


def write_article(bank: Bank, **facts: object) -> None:
    now = bank.context.clock.now()
    known: dict[str, object] = {
        "key": "pension-2027",
        "title": "个人养老金缴存上限不变",
        "summary": "全国范围内均可开立账户，每年缴存上限不变。",
        "body": "…",
        "topics": [],
        "source": "人社部公告",
        "state": "approved",
        "effective_on": DAY,
        "created_at": now,
        "updated_at": now,
    }
    with bank.context.db.write() as session:
        session.add(Article(**known | facts))


def test_no_date_is_written_to_a_shared_number(bank: Bank) -> None:
    news = (("sms", "information"),)
    with bank.context.db.write() as session:
        for name in ("王芳", "王强"):
            _customer(bank, session, name=name, reach=Reach(phone=SHARED), consents=news)
        alone = _customer(bank, session, name="李静", reach=Reach(phone="+8613900002222"), consents=news)
    write_article(bank)
    bank.planner.plan(DAY, DAY, campaign="policy_news")
    found = {message.customer_id: (message.status, message.reason) for message in _messages(bank.context)}
    assert found.pop(alone.id) == ("proposed", None)
    assert set(found.values()) == {("skipped", "shared_address")}
    assert len(found) == 2


def test_a_number_shared_since_planning_gets_no_date_either(bank: Bank) -> None:
    news = (("sms", "information"),)
    with bank.context.db.write() as session:
        _customer(bank, session, reach=Reach(phone=SHARED), consents=news)
    write_article(bank)
    bank.planner.plan(DAY, DAY, campaign="policy_news")
    (message,) = _messages(bank.context)
    with bank.context.db.write() as session:
        change = Change(
            message_id=message.id, was=Status.PROPOSED, event=Event.APPROVE, actor="system", sets={"level": 0}
        )
        change_status(session, [change], bank.context.clock.now())
        _customer(bank, session, name="王强", reach=Reach(phone=SHARED))
    sender = CountingSender()
    move_clock(bank, datetime(2027, 2, 1, 11, 0, tzinfo=SHANGHAI))
    worker = Dispatcher(bank.context, Carriers(senders={"sms": sender}))
    worker.run_once()
    worker.close()
    (message,) = _messages(bank.context)
    assert (sender.calls, message.status, message.reason) == (0, "skipped", "shared_address")


def test_an_article_reviewed_before_eight_is_told_that_day(bank: Bank) -> None:
    with bank.context.db.write() as session:
        _customer(bank, session, consents=(("sms", "information"),))
    write_article(
        bank, effective_on=date(2027, 1, 1), reviewed_at=datetime(2027, 2, 1, 7, 0, tzinfo=SHANGHAI)
    )
    bank.planner.plan(DAY, DAY, campaign="policy_news")
    assert len(_messages(bank.context)) == 1


def test_who_approved_words_that_were_skipped_may_approve_the_new_ones(bank: Bank) -> None:
    with bank.context.db.write() as session:
        customer = _customer(bank, session, birthday=("solar", 2, 1))
        advisor = actor_for(session, bank.people.advisor)
    bank.planner.plan(DAY, DAY, campaign="birthday")
    (message,) = _messages(bank.context)
    approvals.approve(bank.context, advisor, message.id, message.content_hash or b"")
    with bank.context.db.write() as session:
        session.execute(
            update(ConsentState).where(ConsentState.customer_id == customer.id).values(state="withdrawn")
        )
        skip_pending(
            session,
            [customer.id],
            [Purpose.CARE],
            reason="consent_withdrawn",
            actor="customer",
            at=bank.context.clock.now(),
        )
    with bank.context.db.write() as session:
        session.execute(
            update(ConsentState).where(ConsentState.customer_id == customer.id).values(state="granted")
        )
    bank.planner.plan(DAY, DAY, campaign="birthday")
    (message,) = _messages(bank.context)
    assert (message.status, message.approvals) == ("proposed", 0)
    approvals.approve(bank.context, advisor, message.id, message.content_hash or b"")
    (message,) = _messages(bank.context)
    assert message.status == Status.SCHEDULED


def test_a_solar_and_a_lunar_birthday_on_one_day_are_one_greeting(bank: Bank) -> None:
    with bank.context.db.write() as session:
        customer = _customer(bank, session, birthday=("solar", 2, 1))
        session.add(
            PersonalDate(
                customer_id=customer.id,
                kind="birthday",
                calendar="lunar",
                month=12,
                day=25,
                created_at=bank.context.clock.now(),
                updated_at=bank.context.clock.now(),
            )
        )
    bank.planner.plan(DAY, DAY, campaign="birthday")
    assert sorted(message.status for message in _messages(bank.context)).count("proposed") == 1


def test_a_restriction_from_today_counts_before_eight_too(bank: Bank) -> None:
    clock = bank.context.clock
    move_clock(bank, datetime(2027, 2, 1, 0, 30, tzinfo=SHANGHAI))
    with bank.context.db.write() as session:
        customer = _customer(bank, session, birthday=("solar", 2, 1))
        session.add(
            CareRestriction(
                id=new_id(),
                customer_id=customer.id,
                kind="deceased",
                from_on=DAY,
                source="core",
                purposes=["all"],
                visibility="open",
                created_at=clock.now(),
            )
        )
    bank.planner.plan(DAY, DAY, campaign="birthday")
    assert [message.reason for message in _messages(bank.context)] == ["care_restricted"]
