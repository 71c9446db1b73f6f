"""Data expected daily: what is late or suddenly small holds care and marketing, and its arrival lets them go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from store.feeds import hold_key, late_feeds
from store.models.messages import Message
from store.models.records import StaffNotice
from tests.integration.bank_in.conftest import SHANGHAI, TODAY, Branch
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services import feeds
from wenhou.services.context import Context
from wenhou.services.events import NewEvent, take_in
from wenhou.services.feeds import Delivery, FeedSpec, apply_feeds, read_feeds, record_arrival, watch_feeds

DAY = date(2027, 1, 30)


def _feed(key: str = "deaths", **facts: object) -> FeedSpec:
    values: dict[str, object] = {
        "key": key,
        "name": "身故名单",
        "kind": "death",
        "expected_by": "07:30",
        "smallest_share_percent": 50,
        "control": "none",
        "holds": ("care", "marketing"),
        "first_on": DAY,
    }
    return FeedSpec(**{**values, **facts})  # type: ignore[arg-type]


def _late(context: Context) -> dict[str, str]:
    with context.db.read() as session:
        return dict(late_feeds(session, context.clock.now(), context.bank.zone))


def test_a_feed_that_has_not_come_by_its_hour_holds_care_and_marketing(context: Context) -> None:
    apply_feeds(context, SYSTEM, [_feed()])
    assert _late(context) == {"care": "deaths", "marketing": "deaths"}


def test_before_its_hour_yesterdays_delivery_is_enough(context: Context, clock: ShiftedClock) -> None:
    apply_feeds(context, SYSTEM, [_feed(first_on=DAY - timedelta(days=5))])
    record_arrival(context, SYSTEM, Delivery(key="deaths", rows=3, day=DAY - timedelta(days=1)))
    assert _late(context), "09:00: today's should be here"
    clock.move_to(datetime(2027, 1, 31, 7, 29, tzinfo=SHANGHAI))
    record_arrival(context, SYSTEM, Delivery(key="deaths", rows=3, day=DAY))
    assert _late(context) == {}
    clock.move_to(datetime(2027, 1, 31, 7, 30, tzinfo=SHANGHAI))
    assert _late(context) == {"care": "deaths", "marketing": "deaths"}


def test_a_feed_declared_after_its_hour_is_first_expected_tomorrow(context: Context) -> None:
    apply_feeds(context, SYSTEM, [_feed(first_on=None)])
    assert _late(context) == {}


def test_an_arrival_lets_go_what_waited_in_the_same_transaction(
    context: Context, waiting: Callable[..., Message]
) -> None:
    apply_feeds(context, SYSTEM, [_feed()])
    message = waiting("care")
    with context.db.write() as session:
        session.execute(update(Message).where(Message.id == message.id).values(hold_key=hold_key("deaths")))
    arrival = record_arrival(context, SYSTEM, Delivery(key="deaths", rows=2))
    assert (arrival.accepted, arrival.released) == (True, 1)
    with context.db.read() as session:
        assert session.get_one(Message, message.id).hold_key is None
    assert _late(context) == {}


def _usual(context: Context, rows: int = 1000) -> None:
    apply_feeds(context, SYSTEM, [_feed(first_on=DAY - timedelta(days=9))])
    for back in range(5, 0, -1):
        record_arrival(context, SYSTEM, Delivery(key="deaths", rows=rows, day=DAY - timedelta(days=back)))


def test_a_delivery_suddenly_small_is_not_accepted_and_goes_on_holding(context: Context) -> None:
    _usual(context)
    arrival = record_arrival(context, SYSTEM, Delivery(key="deaths", rows=499))
    assert (arrival.accepted, arrival.problem) == (False, "too_small 499/1000")
    assert _late(context)
    assert record_arrival(context, SYSTEM, Delivery(key="deaths", rows=500)).accepted
    assert _late(context) == {}


def test_a_person_may_take_a_small_delivery_as_it_is(context: Context) -> None:
    _usual(context)
    record_arrival(context, SYSTEM, Delivery(key="deaths", rows=1))
    assert record_arrival(context, SYSTEM, Delivery(key="deaths", rows=1, accept=True)).accepted
    assert _late(context) == {}


@pytest.mark.parametrize(
    ("total", "accepted", "problem"),
    [(None, False, "total_missing"), ("12", False, "total_differs 11/12"), ("11", True, None)],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_control_total_must_agree_with_what_was_taken_in(
    context: Context, total: str | None, accepted: bool, problem: str | None
) -> None:
    apply_feeds(context, SYSTEM, [_feed(control="rows")])
    arrival = record_arrival(context, SYSTEM, Delivery(key="deaths", rows=11, total=total))
    assert (arrival.accepted, arrival.problem) == (accepted, problem)


def test_an_import_of_events_counts_as_the_arrival_it_names(context: Context, branch: Branch) -> None:
    apply_feeds(context, SYSTEM, [_feed()])
    event = NewEvent(
        source="core", source_id="D-1", kind="customer_deceased", customer="C-1", happened_at=TODAY
    )
    take_in(context, SYSTEM, [event], delivery=Delivery(key="deaths", rows=1))
    assert _late(context) == {}


def test_an_empty_file_is_an_arrival_too(context: Context, branch: Branch) -> None:
    apply_feeds(context, SYSTEM, [_feed()])
    take_in(context, SYSTEM, [], delivery=Delivery(key="deaths", rows=0))
    assert _late(context) == {}


def test_operations_is_told_of_a_late_feed_once_a_day(context: Context) -> None:
    apply_feeds(context, SYSTEM, [_feed()])
    assert watch_feeds(context) == ["deaths"]
    assert watch_feeds(context) == []
    with context.db.read() as session:
        (notice,) = session.scalars(select(StaffNotice)).all()
    assert notice.body == {"feed": "deaths", "day": "2027-01-30"}
    assert feeds.warnings(context) == [
        "数据未到：身故名单（2027-01-30 07:30 应到），关怀问候、产品营销暂不发送。"
    ]


def test_an_advisor_declares_no_feeds(context: Context, branch: Branch) -> None:
    with pytest.raises(AccessDenied):
        apply_feeds(context, branch.actors["advisor"], [_feed()])


def test_a_day_still_to_come_is_refused(context: Context) -> None:
    apply_feeds(context, SYSTEM, [_feed()])
    with pytest.raises(InputError, match="still to come"):
        record_arrival(context, SYSTEM, Delivery(key="deaths", rows=1, day=DAY + timedelta(days=1)))


def test_a_feed_file_is_read_and_its_mistakes_named(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    text = 'feeds:\n  - key: deaths\n    name: 身故名单\n    kind: death\n    expected_by: "07:30"\n'
    path.write_text(text, encoding="utf-8")
    (spec,) = read_feeds(path)
    assert (spec.expected_by, spec.holds, spec.control) == ("07:30", ("care", "marketing"), "none")
    path.write_text(text.replace("kind: death", "kind: deeth"), encoding="utf-8")
    with pytest.raises(InputError, match=r"feeds\.yaml:4.*death"):
        read_feeds(path)
