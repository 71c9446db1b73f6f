"""The main walk on both databases: import, plan, approve, dispatch, receipt, reply; real SMTP, loopback SMS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from store.models.customers import ConsentState, Customer
from store.models.hearing import Case, ConversationEntry, Feedback, Task
from store.models.messages import Message, MessageEvent
from store.models.organisation import Org, User
from tests.acceptance.stage import Stage, open_stage
from tests.factories import actor_for, make_people, make_tree
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import ShiftedClock
from wenhou.services.approvals import approve_all
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns
from wenhou.services.context import Context
from wenhou.services.events import NewEvent, take_in
from wenhou.services.importing.mapping import Mapping
from wenhou.services.importing.run import Request, import_customers

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILE = """客户号,姓名,性别,公历生日,农历生日,手机,邮箱,客户经理,管户机构,短信关怀同意,邮件关怀同意,协议版本,签署日期
J001,王芳,女,1980-02-01,,13800000001,wang@example.com,{advisor},WH0101,是,是,2026-01,2026-03-01
J002,欧阳明,男,,十二月廿五,13800000002,,{advisor},WH0101,是,,2026-01,2026-03-01
J003,李静,女,1975-02-01,,,li@example.com,{advisor},WH0101,,是,2026-01,2026-03-01
J004,赵强,男,1991-02-01,,13800000004,,{advisor},WH0101,,,2026-01,2026-03-01
J005,陈晨,男,1988-02-30,,13800000005,,{advisor},WH0101,是,,2026-01,2026-03-01
"""


@pytest.fixture
def stage(context: Context, clock: ShiftedClock, tmp_path: Path) -> Iterator[Stage]:
    """The bank on 30 January 2027, 09:00: five rows imported, campaigns live."""
    with context.db.write() as session:
        people = make_people(session, make_tree(session))
        number = people.advisor.employee_no
    file = tmp_path / "branch.csv"
    file.write_text(FILE.format(advisor=number), encoding="gb18030")
    report = import_customers(context, Request(path=file, mapping=Mapping())).as_json()
    assert (report["rows"], report["created"], report["refused"]) == (5, 4, 1)
    assert (report["refusals"][0]["line"], report["refusals"][0]["value"]) == (6, "1988-02-30")
    apply_campaigns(context, SYSTEM, bundled_campaigns())
    with open_stage(context) as made:
        yield made


def _approve_everything(stage: Stage) -> int:
    with stage.context.db.read() as session:
        advisor = session.scalars(select(User).where(User.login == "liwei")).one()
        actor = actor_for(session, advisor)
    return approve_all(stage.context, actor, undo_seconds=0).approved


def _statuses(context: Context) -> Counter[str]:
    with context.db.read() as session:
        return Counter(session.scalars(select(Message.status)))


def _go_to(clock: ShiftedClock, day: int, hour: int, minute: int = 0) -> None:
    clock.move_to(datetime(2027, 2, day, hour, minute, tzinfo=SHANGHAI))


def _birthday_is_sent(stage: Stage, clock: ShiftedClock) -> None:
    """The first of February: planned ahead, approved, handed over at half past nine."""
    stage.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="birthday")
    assert _statuses(stage.context) == {"proposed": 3, "skipped": 1}
    assert _approve_everything(stage) == 3
    assert stage.dispatch().sent == 0, "nothing leaves before its day"
    _go_to(clock, 1, 9, 31)
    tally = stage.dispatch()
    assert (tally.sent, tally.failed, tally.unknown) == (3, 0, 0)


def test_customers_are_greeted_once_each_and_receipts_arrive(stage: Stage, clock: ShiftedClock) -> None:
    _birthday_is_sent(stage, clock)
    assert stage.postbox.recipients == ["li@example.com"]
    mail = stage.postbox.mails[0]
    assert "李女士" in str(mail["Subject"]) + str(mail.get_body(("plain",)))
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stage.provider.state.counts("address") == {"+8613800000001": 1, "+8613800000002": 1}
    stage.hear()
    assert _statuses(stage.context) == {"delivered": 2, "sent": 1, "skipped": 1}
    stage.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="birthday")
    assert stage.dispatch().sent == 0
    with stage.context.db.read() as session:
        events = list(
            session.scalars(
                select(MessageEvent.status)
                .join(Message, Message.id == MessageEvent.message_id)
                .where(Message.channel == "sms", Message.dedupe_key.contains("solar"))
                .order_by(MessageEvent.id)
            )
        )
    assert events == ["proposed", "scheduled", "sending", "sent", "delivered"]


def test_a_reply_by_purpose_withdraws_marketing_and_keeps_the_birthday(
    stage: Stage, clock: ShiftedClock
) -> None:
    _birthday_is_sent(stage, clock)
    stage.provider.reply("sms", "+8613800000001", "别再发理财了，生日可以")
    stage.hear()
    with stage.context.db.read() as session:
        states = {
            (row.channel, row.purpose): row.state
            for row in session.scalars(
                select(ConsentState)
                .join(Customer, Customer.id == ConsentState.customer_id)
                .where(Customer.external_ref == "J001")
            )
        }
        words = list(session.scalars(select(ConversationEntry.direction)))
    assert "withdrawn" in {state for (_, purpose), state in states.items() if purpose == "marketing"}
    assert states["sms", "care"] == "granted"
    assert "in" in words


def test_td_stops_everything_but_service_is_confirmed_once_and_greys_what_waits(
    stage: Stage, clock: ShiftedClock
) -> None:
    _birthday_is_sent(stage, clock)
    _go_to(clock, 2, 9)
    stage.planner.plan(date(2027, 2, 5), date(2027, 2, 5), campaign="spring_festival")
    before = _statuses(stage.context)["proposed"]
    for _ in range(2):
        stage.provider.reply("sms", "+8613800000002", "ＴＤ ")
    stage.hear()
    with stage.context.db.read() as session:
        waiting = session.scalars(
            select(Message).where(
                Message.dedupe_key.startswith("spring_festival"), Message.reason == "consent_withdrawn"
            )
        ).all()
        confirmations = session.scalars(select(Message).where(Message.origin == "confirmation")).all()
    assert [message.status for message in waiting] == ["skipped"]
    assert _statuses(stage.context)["proposed"] == before - 1
    assert len(confirmations) == 1
    stage.dispatch()
    assert stage.provider.state.counts("address")["+8613800000002"] == 2


def test_a_threat_to_complain_is_an_opt_out_and_a_case_whose_clock_runs(
    stage: Stage, clock: ShiftedClock
) -> None:
    _birthday_is_sent(stage, clock)
    stage.provider.reply("sms", "+8613800000001", "再发我打12378")
    stage.hear()
    with stage.context.db.read() as session:
        case = session.scalars(select(Case)).one()
        advisor = session.scalars(select(User).where(User.login == "liwei")).one()
        care = session.scalars(
            select(ConsentState.state).where(
                ConsentState.purpose == "care", ConsentState.state == "withdrawn"
            )
        ).all()
    assert case.kind == "complaint"
    assert case.state in {"open", "answered"}
    assert case.assignee_id is not None
    assert case.assignee_id != advisor.id, "never the person complained about"
    assert case.first_answer_due_at > case.opened_at
    assert care


def test_a_call_back_is_rated_and_the_rating_is_feedback(stage: Stage, clock: ShiftedClock) -> None:
    at = datetime(2027, 1, 29, 15, 0, tzinfo=SHANGHAI)
    event = NewEvent(source="core", source_id="A-1", kind="account_opened", customer="J004", happened_at=at)
    assert take_in(stage.context, SYSTEM, [event, event]).created == 1
    assert take_in(stage.context, SYSTEM, [event]).created == 0
    stage.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="callback_account_opened")
    _approve_everything(stage)
    _go_to(clock, 1, 10, 1)
    assert stage.dispatch().sent == 1
    stage.hear()
    stage.provider.reply("sms", "+8613800000004", "５分，办得很快")
    stage.hear()
    with stage.context.db.read() as session:
        feedback = session.scalars(select(Feedback)).one()
        asked = session.get_one(Message, feedback.message_id)
    assert (feedback.kind, feedback.score, asked.asks) == ("csat", 5, "csat")
    assert feedback.comment is not None


def test_plain_words_land_in_the_conversation_and_make_the_advisor_a_task(
    stage: Stage, clock: ShiftedClock
) -> None:
    _birthday_is_sent(stage, clock)
    stage.provider.reply("sms", "+8613800000001", "谢谢小李！我的存折丢了怎么办？")
    stage.hear()
    with stage.context.db.read() as session:
        tasks = session.scalars(select(Task).where(Task.state == "open")).all()
        advisor = session.scalars(select(User).where(User.login == "liwei")).one()
        assert session.scalars(select(Org)).first() is not None
    assert {task.assignee_id for task in tasks} == {advisor.id}
    assert "answer_question" in {task.kind for task in tasks}
