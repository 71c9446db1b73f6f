"""A service message that surely did not arrive goes on to the next channel, where its campaign says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from integrations.simulator.magic import Behaviour, magic_addresses
from store.models.handover import Attempt
from store.models.messages import ContactLedger, Message
from store.models.organisation import User
from tests.acceptance.stage import Stage, open_stage
from tests.factories import actor_for, make_people, make_tree
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import ShiftedClock
from wenhou.core.statuses import Status
from wenhou.services.approvals import approve_all
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Context
from wenhou.services.events import NewEvent, take_in
from wenhou.services.falling_back import fall_back
from wenhou.services.importing.mapping import Mapping
from wenhou.services.importing.run import Request, import_customers

SHANGHAI = ZoneInfo("Asia/Shanghai")
_CAMPAIGN = """
key: callback_test
name: {{zh-CN: 回访, en: Call-back}}
purpose: service
trigger: {{type: business_event, event: account_opened, workdays_after: 1}}
template: callback_account_opened
channels: [sms, email]
send_at: "10:00"
until: "19:00"
fallback_undelivered: {opts_in}
"""


@pytest.fixture
def stage(context: Context, tmp_path: Path) -> Iterator[Stage]:
    """A bank with one customer whose phone takes messages and never gets them; mail works."""
    with context.db.write() as session:
        tree = make_tree(session)
        people = make_people(session, tree)
        advisor = people.advisor.employee_no
    phone = magic_addresses(Behaviour.UNDELIVERED)["sms"]
    file = tmp_path / "customers.csv"
    file.write_text(
        f"客户号,姓名,手机,邮箱,客户经理,管户机构\nF001,王芳,{phone},wang@example.com,{advisor},WH0101\n",
        encoding="utf-8",
    )
    assert import_customers(context, Request(path=file, mapping=Mapping())).as_json()["created"] == 1
    with open_stage(context) as opened:
        yield opened


def _called_back(stage: Stage, clock: ShiftedClock, *, opts_in: bool) -> None:
    text = _CAMPAIGN.format(opts_in=str(opts_in).lower())
    apply_campaigns(stage.context, SYSTEM, read_campaigns(text, "callback.yaml"))
    at = datetime(2027, 1, 29, 15, 0, tzinfo=SHANGHAI)
    take_in(
        stage.context,
        SYSTEM,
        [NewEvent(source="core", source_id="A-1", kind="account_opened", customer="F001", happened_at=at)],
    )
    stage.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="callback_test")
    with stage.context.db.read() as session:
        actor = actor_for(session, session.scalars(select(User).where(User.login == "liwei")).one())
    assert approve_all(stage.context, actor, undo_seconds=0).approved == 1
    clock.move_to(datetime(2027, 2, 1, 10, 1, tzinfo=SHANGHAI))
    assert stage.dispatch().sent == 1
    assert stage.wait(lambda: stage.hear() > 0)


def test_what_surely_did_not_arrive_goes_on_by_mail_in_the_words_that_were_approved(
    stage: Stage, clock: ShiftedClock
) -> None:
    _called_back(stage, clock, opts_in=True)
    with stage.context.db.read() as session:
        waiting = session.scalars(select(Message)).one()
        assert (waiting.status, waiting.channel) == (Status.SCHEDULED, "email")
    assert stage.dispatch().sent == 1
    assert stage.postbox.recipients == ["wang@example.com"]
    with stage.context.db.read() as session:
        sent = session.scalars(select(Message)).one()
        attempts = session.scalars(select(Attempt).order_by(Attempt.id)).all()
        ledger = session.scalars(select(ContactLedger)).all()
    assert sent.status == Status.SENT
    assert [attempt.channel for attempt in attempts] == ["sms", "email"]
    assert [row.state for row in ledger] == ["committed"]
    assert stage.dispatch().sent == 0, "there is no third channel"


def test_what_may_have_been_sent_never_falls_back(stage: Stage, clock: ShiftedClock) -> None:
    _called_back(stage, clock, opts_in=True)
    with stage.context.db.write() as session:
        message, attempt = session.scalars(select(Message)).one(), session.scalars(select(Attempt)).one()
        message.status, attempt.outcome = Status.UNDELIVERED, "unknown"
        assert not fall_back(session, message, attempt, stage.context.clock.now())


def test_a_campaign_that_does_not_opt_in_leaves_it_undelivered(stage: Stage, clock: ShiftedClock) -> None:
    _called_back(stage, clock, opts_in=False)
    with stage.context.db.read() as session:
        assert session.scalars(select(Message.status)).one() == Status.UNDELIVERED
    assert stage.dispatch().sent == 0
    assert stage.postbox.recipients == []
