from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.carriers import Carriers
from scheduler.seeding import pending_seeds, send_seeds
from store.accounts import ensure_account
from store.models.messages import ContactLedger, Message
from store.models.records import StaffNotice
from store.runs import RunRow
from tests.integration.bank_out.world import World
from tests.integration.scheduler.world import CountingSender
from wenhou.core.channels import Permanent, ReceiptEvent
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.statuses import Receipt
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.receipts import apply_receipt
from wenhou.services.seeds import add_seed, list_seeds, list_sends, remove_seed, sample_words
from wenhou.services.stopping import stop

SEEDS = "seeds: true"


class Killed(BaseException):
    """The process ends here."""


def _carriers(world: World, *senders: CountingSender) -> Carriers:
    with world.context.db.write() as session:
        for one in senders:
            ensure_account(
                session,
                channel=one.capabilities.channel,
                provider=one.provider,
                account=one.account,
                rate=1000,
                real=world.context.clock.real(),
            )
    return Carriers(senders={one.capabilities.channel: one for one in senders})


def _begun(world: World, more: str = SEEDS) -> RunRow:
    run = world.go_live(more=more)
    world.hand_over(world.wait(run, None, 1))
    return run


def _seed(world: World, address: str = "13800138000", org: str | None = None) -> None:
    add_seed(
        world.context,
        world.actors["operations"],
        name="移动测试机",
        channel="sms",
        address=address,
        carrier="移动",
        org=org,
    )


def test_each_seed_gets_one_marked_sample_once_the_run_has_begun(world: World) -> None:
    _seed(world)
    sender = CountingSender()
    carriers = _carriers(world, sender)
    run = world.go_live(more=SEEDS)
    ids = world.wait(run, None, 2)
    assert pending_seeds(world.context, carriers) == 0
    world.hand_over(ids[:1])
    assert pending_seeds(world.context, carriers) == 1
    assert pending_seeds(world.context, carriers) == 0
    (sample,) = sender.taken
    assert sample.address == "+8613800138000"
    assert sample.content.text.startswith("【江城银行】（样本）")
    assert sample.content.text.endswith("拒收请回复R")
    assert [(row["outcome"], row["carrier"]) for row in list_sends(world.context, run.id)] == [
        ("accepted", "移动")
    ]


def test_a_sample_is_no_message_and_counts_nowhere(world: World) -> None:
    _seed(world)
    run = _begun(world)
    with world.context.db.read() as session:
        before = session.query(Message).count(), session.query(ContactLedger).count()
    assert send_seeds(world.context, _carriers(world, CountingSender()), run.id) == 1
    with world.context.db.read() as session:
        assert (session.query(Message).count(), session.query(ContactLedger).count()) == before
        assert session.query(StaffNotice).filter_by(kind="seeds_sent").count() == 1


@pytest.mark.parametrize("point", ["seeds.open.after_commit", "seeds.call.after"])
def test_a_process_killed_on_the_way_never_sends_a_sample_twice(world: World, point: str) -> None:
    _seed(world)
    run = _begun(world)
    sender = CountingSender()
    carriers = _carriers(world, sender)

    def kill(passed: str) -> None:
        if passed == point:
            raise Killed

    with pytest.raises(Killed):
        send_seeds(replace(world.context, passed=kill), carriers, run.id)
    assert send_seeds(world.context, carriers, run.id) == 0
    assert sender.calls <= 1
    assert [row["outcome"] for row in list_sends(world.context, run.id)] == ["unknown"]


def test_a_campaign_without_seeds_sends_none(world: World) -> None:
    _seed(world)
    run = _begun(world, more="late: skip")
    sender = CountingSender()
    assert send_seeds(world.context, _carriers(world, sender), run.id) == 0
    assert pending_seeds(world.context, _carriers(world, sender)) == 0
    assert sender.calls == 0


def test_a_seed_of_an_org_reads_only_runs_that_reached_it(world: World) -> None:
    _seed(world, "13800138001", org="YC")
    _seed(world, "13800138002", org="WH")
    run = _begun(world)
    sender = CountingSender()
    send_seeds(world.context, _carriers(world, sender), run.id)
    assert list(sender.counts) == ["+8613800138002"]


def test_an_order_to_stop_holds_for_samples_until_it_is_lifted(world: World) -> None:
    _seed(world)
    run = _begun(world)
    sender = CountingSender()
    stop(world.context, world.actors["operations"], "channel", "sms", "等一等")
    assert send_seeds(world.context, _carriers(world, sender), run.id) == 0
    assert list_sends(world.context, run.id) == []


def test_what_the_provider_refuses_is_recorded_with_its_code(world: World) -> None:
    _seed(world)
    run = _begun(world)
    send_seeds(
        world.context, _carriers(world, CountingSender(answers=[Permanent(code="number_invalid")])), run.id
    )
    (row,) = list_sends(world.context, run.id)
    assert (row["outcome"], row["code"]) == ("refused", "number_invalid")


@pytest.mark.parametrize("by_reference", [True, False])
def test_a_receipt_of_a_sample_is_kept_on_it(world: World, by_reference: bool) -> None:
    _seed(world)
    run = _begun(world)
    sender = CountingSender()
    send_seeds(world.context, _carriers(world, sender), run.id)
    (sample,) = sender.taken
    event = ReceiptEvent(
        key="k",
        receipt=Receipt.DELIVERED,
        at=None,
        reference=sample.reference if by_reference else None,
        provider_message_id=None if by_reference else f"p-{sample.attempt_id.hex}",
    )
    with world.context.db.write() as session:
        apply_receipt(session, world.context, "counting", "sms", event)
    assert list_sends(world.context, run.id)[0]["receipt"] == "delivered"


def test_the_list_is_kept_by_operations_and_compliance_with_masked_addresses(world: World) -> None:
    with pytest.raises(AccessDenied):
        list_seeds(world.context, world.actors["advisor"])
    with pytest.raises(InputError):
        _seed(world, "12345")
    _seed(world)
    _seed(world)
    (row,) = list_seeds(world.context, world.actors["compliance"])
    assert row.address == "138****8000"
    remove_seed(world.context, world.actors["operations"], row.id)
    assert list_seeds(world.context, world.actors["compliance"]) == []
    _seed(world)
    assert list_seeds(world.context, world.actors["compliance"])[0].id == row.id


def test_a_run_of_last_week_sends_no_samples_any_longer(world: World) -> None:
    _seed(world)
    _begun(world)
    world.clock.advance(timedelta(days=4))
    assert pending_seeds(world.context, _carriers(world, CountingSender())) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel", ["sms", "wechat", "email"])
def test_a_sample_is_marked_in_a_way_its_channel_allows(world: World, channel: str) -> None:
    (document,) = read_campaigns(
        f"key: sample\nname: {{zh-CN: 问候, en: Hello}}\npurpose: care\n"
        f"trigger: {{type: festival, festival: spring_festival}}\ntemplate: spring_festival\nchannels: [{channel}]\n",
        "sample.yaml",
    )
    content = sample_words(world.context, document.campaign, channel)
    assert content is not None
    mark = "（样本）" if channel == "sms" else "【样本】"
    assert mark in content.text
    if channel == "email":
        assert content.subject is not None
        assert content.subject.startswith(mark)
        assert content.html is not None
        assert mark in content.html
    assert len(content.text) > 20
