"""Two planners at once, rules on workdays, and a canary that must never be seen."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from scheduler.planning import Planner
from store.models.campaigns import PolicyVersion
from store.models.handover import Attempt, ChannelAccount
from store.models.hearing import Callback
from store.models.messages import Message
from store.models.records import AuditRow
from tests.integration.hearing.world import MAIL, PHONE
from tests.integration.hearing.world import World as Hearing
from tests.integration.planning.test_planning import Bank, Mute, _customer, _messages
from tests.integration.scheduler.world import CountingSender
from wenhou.core.channels import ChannelFault, Permanent
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.services.policies import policy_in_force

DAY = date(2027, 2, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_two_planners_at_once_plan_once_and_neither_fails(bank: Bank) -> None:
    with bank.context.db.write() as session:
        for _ in range(40):
            _customer(bank, session, birthday=("solar", 2, 1))
    carriers = Carriers(senders={channel: Mute(channel) for channel in ("sms", "email")})

    def run(_: int) -> int:
        report = Planner(bank.context, carriers).plan(DAY, DAY, campaign="birthday").as_json()
        new: int = report["occurrences"][0]["new"]
        return new

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 40
    assert len(_messages(bank.context)) == 40


def test_a_window_of_workdays_is_shut_at_the_weekend(bank: Bank) -> None:
    now = bank.context.clock.now()
    rule = {"opens": "09:00", "closes": "20:00", "workdays_only": True}
    with bank.context.db.write() as session:
        session.add(
            PolicyVersion(
                id=new_id(),
                number=7,
                document={"windows": {"marketing": rule}},
                effective_from=now,
                created_at=now,
            )
        )
        session.flush()
        policy = policy_in_force(session, now)
    saturday = datetime(2027, 1, 30, 10, 0, tzinfo=SHANGHAI)
    opens = policy.windows[Purpose.MARKETING].earliest(saturday, SHANGHAI, policy.days_off)
    assert opens == datetime(2027, 2, 1, 9, 0, tzinfo=SHANGHAI)


def test_nothing_of_a_person_is_seen_in_logs_audit_or_codes(
    hearing: Hearing, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)
    _message, attempt = hearing.sent(asks="csat")
    for said in ("我要投诉，金丝雀", "退订", "1 金丝雀很差", "再发我打12378 金丝雀", "我妈妈去世了 金丝雀"):
        hearing.hear(hearing.says(said))
    hearing.hear(hearing.receipt(attempt, "undelivered", suppress="number_invalid", definite=True))
    hearing.post({"type": "nonsense", "text": "金丝雀", "address": PHONE})
    hearing.client.post("/hooks/simulator/sms", data="金丝雀".encode())
    sender = CountingSender(
        answers=[Permanent(code="refused"), ChannelFault(code="token", reason="the token is wrong")]
    )
    hearing.planned("service")
    worker = Dispatcher(hearing.context, Carriers(senders={"sms": sender}))
    worker.run_once()
    worker.close()
    seen = caplog.text + "".join(capsys.readouterr())
    with hearing.context.db.read() as session:
        seen += repr(session.execute(select(AuditRow.details, AuditRow.act)).all())
        seen += repr(session.execute(select(Callback.error)).all())
        seen += repr(session.execute(select(Attempt.code)).all())
        seen += repr(session.execute(select(Message.reason, Message.trace)).all())
        seen += repr(session.execute(select(ChannelAccount.paused_reason)).all())
    for canary in ("金丝雀", PHONE, PHONE[3:], MAIL, hearing.customer.name):
        assert canary not in seen
