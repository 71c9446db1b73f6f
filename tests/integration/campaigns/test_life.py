"""From draft to the end: who may do what, all or nothing, and what an ending does to what waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from store.campaigns import list_campaigns
from store.frozen_audiences import is_frozen
from store.models.campaigns import Campaign, CampaignVersion
from store.models.hearing import Task
from store.models.messages import Message, MessageEvent
from tests import factories
from tests.integration.approvals.conftest import Branch
from wenhou.core.actors import Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status
from wenhou.services import campaign_life, campaign_specs, campaign_views, campaigns
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.context import Context

GREETING = """\
# 手写的说明 a note by hand
key: greeting
name: {zh-CN: 春节问候, en: Spring greeting}
purpose: care
trigger: {type: festival, festival: spring_festival, days_before: 1}
template: spring_festival
channels: [wechat, sms]
send_at: "09:00"
until: "18:00"
"""
LATER = GREETING.replace('"09:00"', '"10:00"')
ONCE = (
    GREETING.replace("key: greeting", "key: once")
    .replace("{type: festival, festival: spring_festival, days_before: 1}", "{type: once, on: 2027-02-05}")
    .replace("template: spring_festival", "template: birthday")
)


def _apply(context: Context, branch: Branch, text: str, who: str = "operations") -> campaigns.Applied:
    (applied,) = campaigns.apply_campaigns(context, branch.actors[who], read_campaigns(text, "file.yaml"))
    return applied


def _state(context: Context, key: str = "greeting") -> tuple[str, list[tuple[int, str]]]:
    with context.db.read() as session:
        row = session.scalars(select(Campaign).where(Campaign.key == key)).one()
        versions = session.scalars(
            select(CampaignVersion)
            .where(CampaignVersion.campaign_id == row.id)
            .order_by(CampaignVersion.number)
        )
        return row.state, [(version.number, version.state) for version in versions]


@pytest.fixture
def strict(context: Context) -> Context:
    """A bank that asks for a second person."""
    return replace(context, campaigns_need_two=True)


def test_a_file_goes_live_at_once_where_nobody_asks_for_a_second_person(
    context: Context, branch: Branch
) -> None:
    assert _apply(context, branch, GREETING) == campaigns.Applied(
        key="greeting", version=1, outcome="created", state="live"
    )
    assert _apply(context, branch, GREETING).outcome == "unchanged"
    assert _apply(context, branch, "# another note\n" + GREETING).outcome == "unchanged"
    assert _apply(context, branch, LATER).outcome == "changed"
    assert _state(context) == ("live", [(1, "retired"), (2, "live")])


def test_a_second_person_approves_before_a_version_is_planned(strict: Context, branch: Branch) -> None:
    operations, supervisor = branch.actors["operations"], branch.actors["supervisor"]
    assert _apply(strict, branch, GREETING).state == "checked"
    with pytest.raises(Refused, match="is checked; it must be approved first"):
        campaign_life.go_live(strict, operations, "greeting")
    with pytest.raises(AccessDenied):
        campaign_life.approve(strict, branch.actors["advisor"], "greeting")
    assert campaign_life.approve(strict, supervisor, "greeting") == 1
    assert _state(strict) == ("approved", [(1, "approved")])
    with strict.db.read() as session:
        assert campaigns.live_campaigns(session) == []
    assert campaign_life.go_live(strict, operations, "greeting") == 1
    with strict.db.read() as session:
        ((row, spec),) = campaigns.live_campaigns(session)
    assert (row.state, spec.key) == ("live", "greeting")


def test_the_version_in_force_stays_until_the_next_one_is_live(strict: Context, branch: Branch) -> None:
    _apply(replace(strict, campaigns_need_two=False), branch, GREETING)
    assert _apply(strict, branch, LATER).state == "checked"
    with strict.db.read() as session:
        ((row, spec),) = campaigns.live_campaigns(session)
    assert (row.number, f"{spec.steps[0].send_at:%H:%M}") == (1, "09:00")
    campaign_life.approve(strict, branch.actors["compliance"], "greeting")
    campaign_life.go_live(strict, branch.actors["operations"], "greeting")
    assert _state(strict) == ("live", [(1, "retired"), (2, "live")])


def test_nobody_approves_what_they_wrote(strict: Context, branch: Branch) -> None:
    with strict.db.write() as session:
        both = factories.make_user(
            session, "both", "两职", branch.tree.head_office, Role.OPERATIONS, Role.COMPLIANCE
        )
        actor = factories.actor_for(session, both)
    campaigns.apply_campaigns(strict, actor, read_campaigns(GREETING, "file.yaml"))
    with pytest.raises(Refused, match="ask a second person"):
        campaign_life.approve(strict, actor, "greeting")
    assert campaign_life.approve(strict, branch.actors["compliance"], "greeting") == 1


def test_what_two_persons_must_read_is_approved_by_compliance_alone(strict: Context, branch: Branch) -> None:
    _apply(strict, branch, GREETING + "approval: two_persons\n")
    with pytest.raises(AccessDenied, match="only compliance"):
        campaign_life.approve(strict, branch.actors["supervisor"], "greeting")
    assert campaign_life.approve(strict, branch.actors["compliance"], "greeting") == 1


def test_only_operations_writes(context: Context, branch: Branch) -> None:
    for who in ("advisor", "supervisor", "compliance", "administrator"):
        with pytest.raises(AccessDenied):
            _apply(context, branch, GREETING, who)
        with pytest.raises(AccessDenied):
            campaign_life.save_draft(context, branch.actors[who], GREETING)
        with pytest.raises(AccessDenied):
            campaign_life.finish_campaign(context, branch.actors[who], "greeting")


def test_a_live_campaign_is_never_replaced_by_a_broken_one(context: Context, branch: Branch) -> None:
    _apply(context, branch, GREETING)
    broken = LATER.replace("[wechat, sms]", "[wechat, smss]")
    with pytest.raises(InputError, match="did you mean sms"):
        _apply(context, branch, broken)
    misfit = read_campaigns(LATER + "product: NONE-SUCH\n", "misfit.yaml")
    sound = read_campaigns(ONCE, "sound.yaml")
    with pytest.raises(InputError, match=r"misfit\.yaml:10:1: product 'NONE-SUCH'"):
        campaigns.apply_campaigns(context, branch.actors["operations"], [*sound, *misfit])
    campaign_life.save_draft(context, branch.actors["operations"], broken)
    with pytest.raises(InputError, match="did you mean sms"):
        campaign_life.check_draft(context, branch.actors["operations"], "greeting")
    assert _state(context) == ("live", [(1, "live"), (2, "draft")])
    with context.db.read() as session:
        assert [row.key for row in list_campaigns(session)] == ["greeting"]
        ((row, _),) = campaigns.live_campaigns(session)
    assert row.number == 1


def test_a_draft_keeps_its_faults_and_is_checked_when_they_are_gone(context: Context, branch: Branch) -> None:
    operations = branch.actors["operations"]
    key, number = campaign_life.save_draft(context, operations, GREETING.replace("care", "car"))
    assert (key, number, _state(context)[0]) == ("greeting", 1, "draft")
    with pytest.raises(Refused):
        campaign_life.go_live(context, operations, "greeting")
    campaign_life.save_draft(context, operations, GREETING)
    assert campaign_life.check_draft(context, operations, "greeting") == 2
    assert _state(context) == ("checked", [(1, "retired"), (2, "checked")])
    assert campaign_life.go_live(context, operations, "greeting") == 2
    with pytest.raises(InputError, match="give the campaign a key first"):
        campaign_life.save_draft(context, operations, "name: x\n")


def test_a_pause_names_its_reason_and_a_new_version_does_not_end_it(context: Context, branch: Branch) -> None:
    _apply(context, branch, GREETING)
    with pytest.raises(InputError):
        campaign_life.pause_campaign(context, branch.actors["compliance"], "greeting", "  ")
    campaign_life.pause_campaign(context, branch.actors["compliance"], "greeting", "文案待核")
    _apply(context, branch, LATER)
    assert _state(context) == ("paused", [(1, "retired"), (2, "live")])
    line = campaign_views.show_campaign(context, branch.actors["operations"], "greeting").line
    assert (line.state, line.paused_reason, line.version) == ("paused", "文案待核", 2)
    campaign_life.resume_campaign(context, branch.actors["operations"], "greeting")
    assert _state(context)[0] == "live"
    with pytest.raises(Refused):
        campaign_life.resume_campaign(context, branch.actors["operations"], "greeting")


def test_an_ended_campaign_plans_nothing_and_cancels_what_waits(context: Context, branch: Branch) -> None:
    _apply(context, branch, GREETING)
    with context.db.write() as session:
        row = session.scalars(select(Campaign)).one()
        make = factories.make_message
        waiting = [
            make(session, context.vault, branch.customer, row, status=status).id
            for status in (Status.PROPOSED, Status.SCHEDULED)
        ]
        claimed = make(session, context.vault, branch.customer, row, status=Status.SCHEDULED)
        claimed.claim_until = context.clock.now() + timedelta(minutes=1)
        session.add(_task(row, context))
        claimed_id = claimed.id
    assert campaign_life.finish_campaign(context, branch.actors["operations"], "greeting") == 2
    assert _state(context) == ("finished", [(1, "retired")])
    with context.db.read() as session:
        assert campaigns.live_campaigns(session) == []
        for message_id in waiting:
            assert session.get_one(Message, message_id).status == Status.CANCELLED
            last = session.scalars(
                select(MessageEvent)
                .where(MessageEvent.message_id == message_id)
                .order_by(MessageEvent.at.desc(), MessageEvent.id.desc())
            ).first()
            assert last is not None
            assert last.reason == "campaign_finished"
        assert session.get_one(Message, claimed_id).status == Status.SCHEDULED
        assert session.scalars(select(Task.state)).all() == ["dropped"]
    assert _apply(context, branch, GREETING).state == "retired"
    assert _apply(context, branch, LATER).state == "live"


def test_an_interrupted_ending_is_completed_by_the_sweep(context: Context, branch: Branch) -> None:
    _apply(context, branch, GREETING)
    with context.db.write() as session:
        row = session.scalars(select(Campaign)).one()
        message_id = factories.make_message(session, context.vault, branch.customer, row).id
        row.state = "finished"  # as a process leaves it that dies after the first transaction of an ending
    assert campaign_life.finish_past(context) == []
    with context.db.read() as session:
        assert session.get_one(Message, message_id).status == Status.CANCELLED


def test_a_one_time_campaign_fixes_its_audience_and_ends_by_itself(
    strict: Context, branch: Branch, at_day: Callable[[date], None]
) -> None:
    _apply(strict, branch, ONCE + "valid_days: 2\n")
    campaign_life.approve(strict, branch.actors["supervisor"], "once")
    with strict.db.read() as session:
        version = session.scalars(select(CampaignVersion)).one()
        assert is_frozen(session, version.id)
    campaign_life.go_live(strict, branch.actors["operations"], "once")
    at_day(date(2027, 2, 7))
    assert campaign_life.finish_past(strict) == []
    at_day(date(2027, 2, 8))
    assert campaign_life.finish_past(strict) == ["once"]
    assert _state(strict, "once") == ("finished", [(1, "retired")])
    assert campaign_life.finish_past(strict) == []


def test_a_one_time_campaign_whose_day_is_over_is_not_approved(
    strict: Context, branch: Branch, at_day: Callable[[date], None]
) -> None:
    _apply(strict, branch, ONCE)
    at_day(date(2027, 2, 6))
    with pytest.raises(Refused, match="is over"):
        campaign_life.approve(strict, branch.actors["supervisor"], "once")


def test_what_is_exported_is_the_authors_text_and_reads_back_the_same(
    context: Context, branch: Branch
) -> None:
    campaigns.apply_campaigns(
        context, branch.actors["operations"], read_campaigns(f"{ONCE}---\n{GREETING}", "two.yaml")
    )
    assert campaigns.export_campaign(context, "greeting") == GREETING
    written = campaigns.export_campaign(context, "greeting", canonical=True)
    assert "手写" not in written
    assert _apply(context, branch, written).outcome == "unchanged"


def test_a_message_keeps_its_number_from_version_to_version(context: Context, branch: Branch) -> None:
    _apply(context, branch, GREETING)
    with pytest.raises(InputError, match=r"file\.yaml:9:6: step message was message 1 .* write number: 1"):
        _apply(context, branch, _two_steps("  - {key: first, template: spring_festival}\n"))
    assert _apply(context, branch, _two_steps("")).version == 2


def test_the_history_says_who_wrote_who_approved_and_what_changed(strict: Context, branch: Branch) -> None:
    compliance, operations = branch.actors["compliance"], branch.actors["operations"]
    for text in (GREETING, LATER):
        _apply(strict, branch, text)
        campaign_life.approve(strict, compliance, "greeting")
        campaign_life.go_live(strict, operations, "greeting")
    second, first = campaign_views.show_campaign(strict, compliance, "greeting").versions
    assert (second.number, second.is_current, second.created_by, second.approved_by) == (
        2,
        True,
        "吴云",
        "何清",
    )
    assert first.ended_at is not None
    said = campaign_views.diff_versions(strict, operations, "greeting", 1, 2)
    assert '+    send_at: "10:00"' in said.splitlines()
    assert campaign_views.diff_versions(strict, operations, "greeting", 2, 2) == ""
    with pytest.raises(AccessDenied):
        campaign_views.show_campaign(strict, branch.actors["advisor"], "greeting")


def test_a_version_that_this_release_cannot_read_plans_nothing_and_stops_nobody(
    context: Context, branch: Branch
) -> None:
    _apply(context, branch, GREETING)
    with context.db.write() as session:
        factories.make_campaign(session, key="old_form")
    with context.db.read() as session:
        assert [row.key for row, _ in campaigns.live_campaigns(session)] == ["greeting"]
    assert campaign_views.show_campaign(context, branch.actors["operations"], "old_form").spec is None


def _two_steps(before: str) -> str:
    head, _, _ = GREETING.partition("template:")
    return (
        f"{head}channels: [wechat, sms]\nsteps:\n{before}"
        '  - {key: message, template: spring_festival, send_at: "11:00", until: "18:00"}\n'
    )


def _task(row: Campaign, context: Context) -> Task:
    now = context.clock.now()
    return Task(
        id=new_id(),
        kind="call",
        dedupe_key="task:x",
        campaign_id=row.id,
        step_key="call",
        due_at=now,
        created_at=now,
    )


def test_every_live_campaign_is_found_while_its_cache_makes_room(
    context: Context, branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_specs, "_KEPT", 2)
    keys = [f"greeting_{number}" for number in range(5)]
    for key in keys:
        _apply(context, branch, GREETING.replace("key: greeting", f"key: {key}"))
    for _ in range(2):
        with context.db.read() as session:
            assert sorted(row.key for row, _ in campaigns.live_campaigns(session)) == keys
