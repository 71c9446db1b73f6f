import random
from datetime import timedelta
from threading import Thread

import pytest

from store.models.messages import Message
from store.models.records import AuditRow, StaffNotice
from store.waves import Figures, clear_holds, open_wave
from tests.integration.bank_out.world import LIMITS, WAVES, World
from wenhou.core.campaigns import Limits
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.statuses import Event
from wenhou.services.campaign_life import pause_campaign, resume_campaign
from wenhou.services.run_figures import breach_of, list_stop_rows, list_wave_rows
from wenhou.services.waves import MIN_SAMPLE, release_next, steer_runs


def test_the_next_wave_leaves_after_the_observation_when_the_limits_hold(world: World) -> None:
    run = world.go_live()
    first, second, rest = (world.wait(run, wave, 10) for wave in (0, 1, 2))
    world.hand_over(first)
    world.clock.advance(timedelta(minutes=59))
    assert steer_runs(world.context).released == 0
    world.clock.advance(timedelta(minutes=1))
    assert steer_runs(world.context).released == 1
    assert (world.held(second), world.held(rest)) == (0, 10)
    (let_go,) = world.wave_rows()
    assert (let_go.wave, let_go.figures["tried"], let_go.released_by) == (1, 10, None)


def test_a_wave_is_not_judged_before_nearly_all_of_it_is_settled(world: World) -> None:
    run = world.go_live()
    first, second = world.wait(run, 0, 20), world.wait(run, 1, 3)
    world.hand_over(first[:18])
    world.clock.advance(timedelta(hours=2))
    steer_runs(world.context)
    assert world.held(second) == 3
    world.hand_over(first[18:19])
    world.clock.advance(timedelta(hours=2))
    steer_runs(world.context)
    assert world.held(second) == 0


def test_a_wave_with_too_many_withdrawals_stops_the_campaign_with_its_figures(world: World) -> None:
    run = world.go_live(more=WAVES.replace("opt_out_percent: 1", "opt_out_percent: 10"))
    first, second = world.wait(run, 0, 10), world.wait(run, 1, 4)
    world.hand_over(first)
    for one in first[:2]:
        world.withdraw(one)
    world.clock.advance(timedelta(hours=1))
    assert steer_runs(world.context).stopped == ["new_year"]
    stopped = world.run()
    assert (stopped.campaign_state, stopped.paused_reason) == ("paused", "退订率20%，超过上限10%：第1批 2/10")
    assert world.held(second) == 4
    with world.context.db.read() as session:
        (notice,) = session.query(StaffNotice).filter_by(kind="campaign_stopped_itself")
        assert notice.user_id is None
        assert notice.body["percent"] == 20
        assert session.query(AuditRow).filter_by(act="campaign.stopped_itself").count() == 1
    assert steer_runs(world.context).stopped == []


def test_what_a_file_withdraws_says_nothing_of_the_run(world: World) -> None:
    run = world.go_live()
    first, second = world.wait(run, 0, 5), world.wait(run, 1, 1)
    world.hand_over(first)
    world.withdraw(first[0], source="file")
    world.clock.advance(timedelta(hours=1))
    steer_runs(world.context)
    assert world.held(second) == 0


def test_a_stopped_run_goes_on_when_a_person_resumes_it_and_this_is_recorded(world: World) -> None:
    run = world.go_live()
    first, second, rest = (world.wait(run, wave, 6) for wave in (0, 1, 2))
    world.hand_over(first)
    world.complain(first[0])
    world.clock.advance(timedelta(hours=1))
    steer_runs(world.context)
    resume_campaign(world.context, world.actors["operations"], "new_year")
    steer_runs(world.context)
    assert (world.run().campaign_state, world.held(second), world.held(rest)) == ("live", 0, 6)
    (stop,) = list_stop_rows(world.context, run)
    assert stop["resumed_by"] == str(world.people.operations.id)
    assert world.wave_rows()[0].released_by == world.people.operations.id


def test_a_run_without_waves_is_stopped_once_enough_calls_have_ended(world: World) -> None:
    run = world.go_live(more=LIMITS)
    ids = world.wait(run, None, MIN_SAMPLE)
    world.hand_over(ids[: MIN_SAMPLE - 4])
    world.hand_over(ids[-4:-1], Event.FAIL)
    assert steer_runs(world.context).stopped == []
    world.hand_over(ids[-1:])
    assert steer_runs(world.context).stopped == ["new_year"]
    assert world.run().paused_reason == f"失败率6%，超过上限5%：截至目前 3/{MIN_SAMPLE}"


def test_after_a_person_resumed_a_run_it_is_measured_anew(world: World) -> None:
    run = world.go_live(more=LIMITS)
    bad = world.wait(run, None, MIN_SAMPLE)
    world.hand_over(bad, Event.FAIL)
    steer_runs(world.context)
    world.clock.advance(timedelta(minutes=5))
    resume_campaign(world.context, world.actors["operations"], "new_year")
    assert steer_runs(world.context).stopped == []
    world.clock.advance(timedelta(minutes=5))
    world.hand_over(world.wait(run, None, MIN_SAMPLE), Event.FAIL)
    assert steer_runs(world.context).stopped == ["new_year"]


def test_an_empty_first_wave_is_passed_only_when_the_run_is_planned_whole_and_due(world: World) -> None:
    run = world.go_live()
    second = world.wait(run, 1, 3)
    steer_runs(world.context)
    assert world.held(second) == 0  # due now, planned whole
    assert world.out(run) == 1


def test_a_wave_of_which_nothing_was_tried_proves_nothing(world: World) -> None:
    run = world.go_live()
    first, second = world.wait(run, 0, 3), world.wait(run, 1, 3)
    with world.context.db.write() as session:
        for one in first:
            session.get_one(Message, one).status = "rejected"
    world.clock.advance(timedelta(hours=5))
    steer_runs(world.context)
    assert world.held(second) == 3


def test_a_paused_campaign_lets_no_wave_go(world: World) -> None:
    run = world.go_live()
    first, second = world.wait(run, 0, 3), world.wait(run, 1, 3)
    world.hand_over(first)
    pause_campaign(world.context, world.actors["operations"], "new_year", "看一看")
    world.clock.advance(timedelta(hours=5))
    steer_runs(world.context)
    assert world.held(second) == 3


def test_a_process_killed_between_letting_go_and_clearing_is_mended_by_the_next_look(world: World) -> None:
    run = world.go_live()
    second = world.wait(run, 1, 3)
    with world.context.db.write() as session:
        assert open_wave(session, run.id, 1, {}, at=world.clock.now())
    assert world.held(second) == 3
    steer_runs(world.context)
    assert world.held(second) == 0


def test_holds_of_a_wave_that_may_not_leave_are_not_cleared(world: World) -> None:
    run = world.go_live()
    rest = world.wait(run, 2, 3)
    with world.context.db.write() as session:
        assert not open_wave(session, run.id, 2, {}, at=world.clock.now())
        assert clear_holds(session, run.id, 2, at=world.clock.now()) == 0
    assert world.held(rest) == 3


def test_two_that_look_at_once_let_a_wave_go_once(world: World) -> None:
    run = world.go_live()
    first = world.wait(run, 0, 3)
    world.wait(run, 1, 30)
    world.wait(run, 2, 3)
    world.hand_over(first)
    world.clock.advance(timedelta(hours=1))
    found: list[int] = []
    threads = [Thread(target=lambda: found.append(steer_runs(world.context).released)) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(found) == 1
    assert world.out(run) == 1


def test_a_person_may_let_a_wave_go_with_a_reason(world: World) -> None:
    run = world.go_live()
    world.wait(run, 0, 3)
    second = world.wait(run, 1, 3)
    operations = world.actors["operations"]
    with pytest.raises(InputError):
        release_next(world.context, operations, "new_year", run.on_day, " ")
    with pytest.raises(AccessDenied):
        release_next(world.context, world.actors["advisor"], "new_year", run.on_day, "看过了")
    assert release_next(world.context, operations, "new_year", run.on_day, "看过了") == 2
    assert world.held(second) == 0
    assert world.wave_rows()[0].figures["reason"] == "看过了"
    release_next(world.context, operations, "new_year", run.on_day, "看过了")
    with pytest.raises(Refused):
        release_next(world.context, operations, "new_year", run.on_day, "看过了")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", range(12))
def test_no_wave_ever_leaves_before_the_one_before_it_was_judged(world: World, seed: int) -> None:
    dice = random.Random(seed)
    run = world.go_live()
    waiting = {wave: world.wait(run, wave, dice.choice((0, 1, 4))) for wave in (0, 1, 2)}
    left: dict[int, list[object]] = {0: [], 1: [], 2: []}
    for _ in range(25):
        world.clock.advance(timedelta(minutes=dice.choice((1, 30, 61))))
        steer_runs(world.context)
        out = world.out(run)
        for wave, ids in waiting.items():
            free = [one for one in ids if world.held([one]) == 0]
            if wave > out:
                assert free == []
            if free and dice.random() < 0.6:
                world.hand_over(free[:1], dice.choice((Event.ACCEPT, Event.ACCEPT, Event.FAIL)))
                ids.remove(free[0])
                left[wave].append(free[0])
        for wave in (1, 2):
            if left[wave]:
                assert [row.wave for row in world.wave_rows()][:wave] == list(range(1, wave + 1))


def test_exactly_at_the_limit_is_not_over_it() -> None:
    limits = Limits(opt_out_percent=1)
    assert breach_of(limits, Figures(handed_over=100, opted_out=1)) is None
    broken = breach_of(limits, Figures(handed_over=165, opted_out=3), 0)
    assert broken is not None
    assert broken.sentence() == "退订率1.8%，超过上限1%：第1批 3/165"
    assert broken.sentence("en") == "opt-out rate 1.8 %, over the limit of 1 %: wave 1 3/165"


def test_figures_of_every_wave_are_listed_with_their_denominators(world: World) -> None:
    run = world.go_live()
    first = world.wait(run, 0, 4)
    world.wait(run, 1, 2)
    world.hand_over(first[:3])
    world.hand_over(first[3:], Event.FAIL)
    rows = list_wave_rows(world.context, run)
    assert [(row["wave"], row["state"]) for row in rows] == [(1, "settled"), (2, "waits"), (3, "waits")]
    assert (rows[0]["tried"], rows[0]["handed_over"], rows[0]["failure_percent"]) == (4, 3, 25)
