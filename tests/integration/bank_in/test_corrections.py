"""A corrected event withdraws its waiting call-back and frees it to be planned anew; a cancelled one withdraws it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from store.models.campaigns import BusinessEvent
from store.models.messages import Message
from tests import factories
from tests.integration.bank_in.conftest import SHANGHAI, TODAY, Branch, Tell, status_of
from wenhou.core.errors import InputError
from wenhou.core.statuses import Status
from wenhou.services.context import Context
from wenhou.services.event_files import read_events

CallBack = Callable[[Status], Message]
KEY = "callback|event:core:account_opened-1/1"


@pytest.fixture
def call_back(context: Context, branch: Branch, tell: Tell) -> CallBack:
    """The call-back of the account C-1 opened, in a status."""

    def _call_back(status: Status = Status.SCHEDULED) -> Message:
        tell("account_opened")
        with context.db.write() as session:
            event = session.scalars(select(BusinessEvent)).one()
            campaign = factories.make_campaign(session, key="callback", purpose="service")
            made = factories.make_message(
                session, context.vault, branch.customer, campaign, status=status, dedupe_key=KEY
            )
            session.execute(update(Message).where(Message.id == made.id).values(origin_id=event.id))
            return made

    return _call_back


def _keys(context: Context) -> list[str]:
    with context.db.read() as session:
        return list(session.scalars(select(Message.dedupe_key)))


def test_a_cancelled_event_withdraws_its_waiting_call_back(
    context: Context, call_back: CallBack, tell: Tell
) -> None:
    message = call_back(Status.SCHEDULED)
    assert tell("account_opened", cancelled=True).cancelled == 1
    assert status_of(context, message) == (Status.CANCELLED, "event_cancelled")
    assert _keys(context) == [KEY], "a cancelled event is never planned again"


@pytest.mark.parametrize(
    "change",
    [
        {"happened_at": TODAY + timedelta(days=1)},
        {"kind": "branch_visit", "source_id": "account_opened-1"},
        {"details": {"product": "稳健一号"}},
    ],
    ids=["time", "kind", "details"],
)
def test_a_corrected_event_withdraws_the_call_back_and_frees_its_key(
    context: Context, call_back: CallBack, tell: Tell, change: dict[str, object]
) -> None:
    message = call_back(Status.SCHEDULED)
    facts = {"kind": "account_opened", **change}
    assert tell(str(facts.pop("kind")), **facts).corrected == 1
    assert status_of(context, message) == (Status.CANCELLED, "event_corrected")
    assert KEY not in _keys(context), "so that the planner plans it once more"
    assert tell(str({"kind": "account_opened", **change}["kind"]), **facts).unchanged == 1


def test_a_correction_after_the_call_back_has_left_never_calls_twice(
    context: Context, call_back: CallBack, tell: Tell
) -> None:
    message = call_back(Status.SCHEDULED)
    with context.db.write() as session:
        session.execute(update(Message).where(Message.id == message.id).values(status=Status.SENT))
    tell("account_opened", happened_at=TODAY + timedelta(days=1))
    assert status_of(context, message)[0] == Status.SENT
    assert _keys(context) == [KEY]


def test_a_call_back_somebody_rejected_is_not_brought_back_by_a_correction(
    context: Context, call_back: CallBack, tell: Tell
) -> None:
    message = call_back(Status.PROPOSED)
    with context.db.write() as session:
        session.execute(update(Message).where(Message.id == message.id).values(status=Status.REJECTED))
    tell("account_opened", happened_at=TODAY + timedelta(days=1))
    assert _keys(context) == [KEY]


def test_a_cancellation_that_comes_first_leaves_the_event_dead(context: Context, tell: Tell) -> None:
    assert tell("account_opened", cancelled=True).cancelled == 1
    assert tell("account_opened").unchanged == 1
    with context.db.read() as session:
        assert session.scalars(select(BusinessEvent)).one().state == "cancelled"


def test_an_older_revision_that_comes_late_corrects_nothing(context: Context, tell: Tell) -> None:
    tell("account_opened", revision=2, details={"product": "新"})
    assert tell("account_opened", revision=1, details={"product": "旧"}).unchanged == 1
    assert tell("account_opened", revision=3, details={"product": "更新"}).corrected == 1


def test_a_delivery_without_a_detail_leaves_what_is_known(context: Context, tell: Tell) -> None:
    tell("product_bought", details={"product": "稳健一号"})
    assert tell("product_bought").unchanged == 1


def test_a_file_brings_details_by_name_and_chinese_words_for_risk(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(
        "流水号,业务类型,客户号,发生时间,产品,detail.step_name,借据号,状态,版本\n"
        "1,购买产品,C-1,2027-01-29 10:00,稳健一号,,,,2\n"
        "2,贷款逾期,C-1,2027-01-29 10:00,,,J-9,已更正,\n"
        "3,贷款进度,C-1,2027-01-29 10:00,,资料已收齐,,,\n"
        "4,开户,C-1,2027-01-29 10:00,,,,失效,\n",
        encoding="utf-8",
    )
    events, refusals = read_events(path, SHANGHAI)
    assert [event.kind for event in events] == ["product_bought", "loan_overdue", "loan_progress"]
    assert events[0].details == {"product": "稳健一号"}
    assert events[0].revision == 2
    assert events[1].details == {"loan": "J-9"}
    assert events[2].details == {"step_name": "资料已收齐"}
    assert [(one["line"], one["column"]) for one in refusals] == [(5, "state")]


def test_an_unknown_column_is_refused_with_the_nearest_word(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("source_id,kind,custmer,happened_at\n", encoding="utf-8")
    with pytest.raises(InputError, match="did you mean customer"):
        read_events(path, SHANGHAI)
