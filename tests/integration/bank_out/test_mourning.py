from datetime import date, timedelta

import pytest

from store.models.messages import Message
from store.mourning import Mourning, is_solemn, mournings_in_force, rests_until
from tests.integration.bank_out.world import LIMITS, TODAY, World
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services.mourning import end_mourning, list_mournings, list_silenced, start_mourning

SPAN = (TODAY, TODAY + timedelta(days=2))


def _start(world: World, org: str | None = "WH", who: str = "operations") -> None:
    start_mourning(world.context, world.actors[who], org=org, days=SPAN, reason="公祭")


def test_mourning_holds_at_an_org_and_below_it_from_the_first_day_to_the_last(world: World) -> None:
    _start(world)
    below, beside = world.tree.outlet.path, world.tree.other_branch.path
    with world.context.db.read() as session:
        for ahead, expected in ((-1, False), (0, True), (2, True), (3, False)):
            day = TODAY + timedelta(days=ahead)
            assert is_solemn(session, below, day) is expected
            assert is_solemn(session, beside, day) is False
        assert len(mournings_in_force(session, TODAY)) == 1


def test_a_mourning_of_the_whole_bank_covers_who_belongs_to_no_org(world: World) -> None:
    _start(world, org=None)
    with world.context.db.read() as session:
        assert is_solemn(session, None, TODAY)
        assert is_solemn(session, world.tree.other_branch.path, TODAY)


def test_words_rest_through_mournings_that_meet() -> None:
    def days(first: int, last: int, path: str | None = None) -> Mourning:
        return Mourning(org_path=path, from_on=date(2027, 4, first), until_on=date(2027, 4, last))

    both = [days(1, 3), days(4, 5, "/HQ/WH/"), days(7, 8)]
    assert rests_until(both, "/HQ/WH/WH01/", date(2027, 4, 2)) == date(2027, 4, 5)
    assert rests_until(both, "/HQ/YC/", date(2027, 4, 2)) == date(2027, 4, 3)
    assert rests_until(both, "/HQ/YC/", date(2027, 4, 6)) is None


def test_only_operations_and_compliance_of_that_part_of_the_bank_throw_the_switch(world: World) -> None:
    for who in ("advisor", "supervisor", "administrator"):
        with pytest.raises(AccessDenied):
            _start(world, who=who)
    with pytest.raises(InputError):
        _start(world, org="NOWHERE")
    with pytest.raises(InputError):
        start_mourning(
            world.context, world.actors["operations"], org=None, days=(SPAN[1], SPAN[0]), reason="公祭"
        )


def test_what_is_silenced_is_listed_with_the_customers_in_sight(world: World) -> None:
    run = world.go_live(more=LIMITS)
    skipped, waiting = world.wait(run, None, 2), world.wait(run, None, 3)
    _start(world)
    with world.context.db.write() as session:
        for one in skipped:
            message = session.get_one(Message, one)
            message.status, message.reason = "skipped", "mourning"
    rows = list_silenced(world.context, world.actors["supervisor"])
    assert [(row.state, row.count) for row in rows] == [("skipped", 2), ("will_rest", len(waiting))]
    assert len(rows[0].customers) == 2
    assert list_silenced(world.context, world.actors["other_advisor"]) == []
    with pytest.raises(AccessDenied):
        list_silenced(world.context, world.actors["administrator"])


def test_ending_it_early_makes_what_it_held_fall_due_again(world: World) -> None:
    run = world.go_live(more=LIMITS)
    (held,) = world.wait(run, None, 1)
    _start(world)
    later = world.clock.now() + timedelta(days=3)
    with world.context.db.write() as session:
        message = session.get_one(Message, held)
        message.reason, message.due_at = "mourning", later
    (row,) = list_mournings(world.context)
    assert end_mourning(world.context, world.actors["compliance"], row.id) == 1
    with world.context.db.read() as session:
        message = session.get_one(Message, held)
        assert (message.reason, message.due_at) == (None, world.clock.now())
        assert not is_solemn(session, world.tree.outlet.path, TODAY)
    assert list_mournings(world.context)[0].state == "ended"
    with pytest.raises(Refused):
        end_mourning(world.context, world.actors["compliance"], row.id)
