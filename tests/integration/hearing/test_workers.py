"""Several workers on one backlog: each word has its effect once."""

from concurrent.futures import ThreadPoolExecutor

from store.models.hearing import Conversation, Feedback, Task
from tests import factories
from tests.integration.hearing.world import World
from wenhou.services import intake


def test_four_workers_on_one_backlog_apply_each_word_once(world: World) -> None:
    with world.context.db.write() as session:
        for number in range(5):
            reach = factories.Reach(phone=f"+861370013700{number}")
            factories.make_customer(session, world.context.vault, org=world.tree.outlet, reach=reach)
    events = [world.says("你们几点开门？", address=f"+861370013700{number % 5}") for number in range(40)]
    # The provider repeats itself: the same events again, spelt differently, so that they are items of their own.
    world.post(*events)
    world.post(*[event | {"again": True} for event in events])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: intake.apply_pending(world.context, world.parsers), range(4)))
    while intake.apply_pending(world.context, world.parsers):
        pass
    assert set(world.callbacks()) == {"done"}
    assert len(world.entries()) == 40
    assert len(world.rows(Task)) == 40
    assert sorted(row.unread for row in world.rows(Conversation)) == [8] * 5


def test_a_burst_of_complaints_of_one_customer_on_four_workers_is_one_case(world: World) -> None:
    world.post(*[world.says(f"我要投诉，第{number}次") for number in range(12)])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: intake.apply_pending(world.context, world.parsers), range(4)))
    while intake.apply_pending(world.context, world.parsers):
        pass
    assert len(world.cases()) == 1
    assert len(world.answers()) == 1
    assert len(world.entries()) == 12
    assert world.rows(Feedback) == []
