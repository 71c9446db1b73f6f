from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.lateness import expected_by
from store.lateness import list_outages, note_planner_beat, plan_from
from store.models.campaigns import Occurrence
from store.models.messages import Message
from tests.integration.bank_out.world import TODAY, World, at
from wenhou.core.statuses import Event
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.lateness import LateRow, report_late

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _beat(world: World, *instants: datetime) -> None:
    for instant in instants:
        with world.context.db.write() as session:
            note_planner_beat(session, instant)


def _report(world: World, *, everything: bool = False) -> list[LateRow]:
    rows, _ = report_late(
        world.context,
        since=at(0),
        expected=lambda _session, spec, day: spec.key == "new_year" and day == TODAY,
        everything=everything,
    )
    return rows


def test_a_long_silence_of_the_planner_is_an_outage_and_a_short_one_is_not(world: World) -> None:
    _beat(world, at(8), at(8, 9), at(8, 40), at(8, 41))
    with world.context.db.read() as session:
        (outage,) = list_outages(session, at(0), at(8, 50))
        assert (outage.since, outage.until) == (at(8, 9), at(8, 40))
        assert list_outages(session, at(8, 41), at(8, 50)) == []
        assert list_outages(session, at(0), at(12))[-1].until is None


def test_planning_begins_with_the_day_the_planner_was_last_seen(world: World) -> None:
    with world.context.db.read() as session:
        assert plan_from(session, at(9), SHANGHAI) == TODAY
    _beat(world, at(9, day=TODAY - timedelta(days=3)))
    with world.context.db.read() as session:
        assert plan_from(session, at(9), SHANGHAI) == TODAY - timedelta(days=3)
        later = at(9, day=TODAY + timedelta(days=90))
        assert plan_from(session, later, SHANGHAI) == TODAY + timedelta(days=59)


def test_a_run_that_left_in_its_window_is_not_reported(world: World) -> None:
    run = world.go_live(more="late: skip")
    world.hand_over(world.wait(run, None, 2))
    assert _report(world) == []
    (row,) = _report(world, everything=True)
    assert (row.counts.due, row.counts.sent_in_time, row.cause) == (2, 2, None)


def test_what_left_after_its_window_and_what_never_did_is_told_with_the_outage(world: World) -> None:
    run = world.go_live(more="late: {policy: send_late, days: 2}")
    ids = world.wait(run, None, 4)
    _beat(world, at(8), at(22))
    world.clock.move_to(at(23))
    world.hand_over(ids[:1])
    with world.context.db.write() as session:
        for one, reason in ((ids[1], "too_late"), (ids[2], "no_consent")):
            message = session.get_one(Message, one)
            message.status, message.reason = "skipped", reason
    (row,) = _report(world)
    counts = row.counts
    assert (counts.due, counts.sent_late, counts.too_late, counts.waiting) == (3, 1, 1, 1)
    assert (row.policy, row.late_days, row.cause) == ("send_late", 2, "down")
    assert row.as_json()["outages"][0]["until"] == at(22).isoformat()


def test_what_waits_for_somebody_after_its_window_was_asked_again(world: World) -> None:
    run = world.go_live(more="late: {policy: ask_again, days: 2}")
    (one,) = world.wait(run, None, 1)
    world.clock.move_to(at(23))
    with world.context.db.write() as session:
        message = session.get_one(Message, one)
        message.status, message.created_at = "proposed", at(22, 30)
        session.get_one(Occurrence, run.id).created_at = at(22, 30)
    (row,) = _report(world)
    assert (row.counts.asked_again, row.policy, row.cause) == (1, "ask_again", "planned_late")


def test_a_campaign_paused_over_its_window_has_no_outage_for_a_cause(world: World) -> None:
    run = world.go_live(more="late: {policy: send_late, days: 2}")
    ids = world.wait(run, None, 1)
    _beat(world, *(at(8) + timedelta(minutes=9 * step) for step in range(100)))
    world.clock.move_to(at(22, 50))
    world.hand_over(ids, Event.ACCEPT)
    (row,) = _report(world)
    assert (row.counts.sent_late, row.cause) == (1, "not_sent")


def test_an_occasion_nobody_could_plan_was_never_planned(world: World) -> None:
    run = world.go_live(more="late: skip")
    with world.context.db.write() as session:
        session.delete(session.get_one(Occurrence, run.id))
    _beat(world, at(8, day=TODAY - timedelta(days=40)))
    world.clock.move_to(at(8, day=TODAY + timedelta(days=5)))
    _beat(world, at(8, day=TODAY + timedelta(days=5)))
    (row,) = _report(world)
    assert (row.campaign, row.on_day, row.never_planned, row.cause) == ("new_year", TODAY, True, "down")


def test_an_installation_that_was_not_there_missed_nothing(world: World) -> None:
    run = world.go_live(more="late: skip")
    with world.context.db.write() as session:
        session.delete(session.get_one(Occurrence, run.id))
    world.clock.move_to(at(8, day=TODAY + timedelta(days=5)))
    _beat(world, at(8, day=TODAY + timedelta(days=5)))
    assert _report(world) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_report_knows_on_which_days_a_festival_falls(world: World) -> None:
    text = (
        "key: tomb_sweeping\nname: {zh-CN: 清明, en: Qingming}\npurpose: care\n"
        "trigger: {type: festival, festival: qingming}\ntemplate: qingming\nchannels: [sms]\n"
    )
    spec = read_campaigns(text, "tomb.yaml")[0].campaign
    with world.context.db.read() as session:
        expected = expected_by(world.context)
        assert expected(session, spec, date(2027, 4, 5))
        assert not expected(session, spec, date(2027, 4, 6))
