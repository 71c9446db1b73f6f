"""A version's life: who may do what to it, in which state, and what is in force when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from store.models.campaigns import TemplateVersion
from store.models.records import AuditRow
from store.models.words import WordEdition
from tests.integration.words.desk import Desk, document, midnight
from tests.integration.words.desk import text as given
from wenhou.core.actors import SYSTEM
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services import template_life as life
from wenhou.services.campaign_life import check_text
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.template_reading import list_decisions, list_templates, list_versions, show_template
from wenhou.services.template_standing import VersionRef
from wenhou.services.words_in_force import shipped

CAMPAIGN = """
key: birthday_town
name: {zh-CN: 生日问候, en: Birthday}
purpose: care
trigger: {type: personal_date, kind: birthday}
template: TEMPLATE
channels: [sms]
approval: none
"""


def _row(desk: Desk, number: int, key: str = "birthday") -> TemplateVersion:
    with desk.town.context.db.read() as session:
        return session.scalars(
            select(TemplateVersion).where(
                TemplateVersion.template_key == key, TemplateVersion.number == number
            )
        ).one()


def _change(desk: Desk, **values: Any) -> None:
    """Version 101 of birthday, changed behind the services' back."""
    with desk.town.context.db.write() as session:
        row = session.get_one(TemplateVersion, _row(desk, 101).id)
        for name, value in values.items():
            setattr(row, name, value)


def _delete(desk: Desk) -> None:
    with desk.town.context.db.write() as session:
        session.delete(session.get_one(TemplateVersion, _row(desk, 101).id))


def _execute(desk: Desk, act: str) -> None:
    with desk.town.context.db.write() as session:
        session.execute(text(act))


def _count(desk: Desk, model: type) -> int:
    with desk.town.context.db.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_draft_is_submitted_approved_by_another_and_in_force(desk: Desk) -> None:
    before = desk.number()
    drafted = desk.draft("愿您今天开心。")
    assert (drafted.version, drafted.state, drafted.outcome) == (101, "draft", "created")
    assert desk.number() == before
    assert desk.submit().state == "submitted"
    assert desk.number() == before
    approved = desk.approve()
    assert (approved.state, approved.in_force) == ("approved", 101)
    assert desk.number() == 101
    assert desk.acts() == ["template.draft", "template.submit", "template.approve"]
    with desk.town.context.db.read() as session:
        last = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()
    assert last.actor_id == desk.reviewer.user_id
    assert last.details is not None
    assert last.details["version"] == 101
    assert last.details["digest"] == _row(desk, 101).digest.hex()


def test_a_draft_may_be_rewritten_and_says_who_wrote_on_it(desk: Desk) -> None:
    desk.draft("愿您今天开心。")
    again = desk.draft("愿您天天开心。", actor=desk.second)
    assert (again.version, again.outcome) == (101, "changed")
    assert desk.draft("愿您天天开心。").outcome == "unchanged"
    row = _row(desk, 101)
    assert row.authors == [one.user_id.hex for one in (desk.writer, desk.second) if one.user_id]
    assert "天天" in row.document["source"]


def test_nobody_approves_what_they_wrote_or_submitted(desk: Desk) -> None:
    desk.draft("愿您今天开心。")
    desk.draft("愿您天天开心。", actor=desk.second)  # wrote on it too
    desk.submit(actor=desk.reviewer)
    for own in (desk.second, desk.reviewer):
        with pytest.raises(Refused, match="nobody decides on what they wrote"):
            desk.approve(actor=own)
        with pytest.raises(Refused, match="nobody decides"):
            life.reject(desk.town.context, own, VersionRef(key="birthday"), "不好")
    with pytest.raises(AccessDenied):
        desk.approve(actor=desk.writer)
    assert _row(desk, 101).state == "submitted"


def test_the_database_itself_refuses_an_approval_by_the_author(desk: Desk) -> None:
    desk.draft("愿您今天开心。")
    desk.submit()
    with pytest.raises(DBAPIError):
        _change(desk, state="approved", decided_by=desk.writer.user_id)
    with pytest.raises(DBAPIError):
        _change(desk, state="approved")  # by nobody


@pytest.mark.parametrize("actor", ["advisor", "supervisor"])
def test_who_writes_no_templates_is_refused(desk: Desk, actor: str) -> None:
    with pytest.raises(AccessDenied):
        desk.draft(actor=desk.town.actors[actor])
    desk.draft("愿您今天开心。")
    with pytest.raises(AccessDenied):
        desk.submit(actor=desk.town.actors[actor])
    with pytest.raises(AccessDenied):
        life.retire(
            desk.town.context, desk.town.actors[actor], VersionRef(key="birthday", number=101), "不要了"
        )


@pytest.mark.parametrize("state", ["submitted", "approved", "rejected", "retired"])
def test_words_that_are_no_draft_never_change_whoever_asks_the_database(desk: Desk, state: str) -> None:
    desk.draft("愿您今天开心。")
    desk.submit()
    if state == "rejected":
        life.reject(desk.town.context, desk.reviewer, VersionRef(key="birthday"), "太短")
    elif state != "submitted":
        desk.approve()
    if state == "retired":
        desk.retire()
    assert _row(desk, 101).state == state
    changes: tuple[dict[str, Any], ...] = (
        {"document": {"source": document("别的字。")}},
        {"digest": b"0" * 32},
        {"number": 500},
        {"state": "draft"},
        {"locale": "en"},
        {"origin": "bundled"},
    )
    for change in changes:
        with pytest.raises(DBAPIError, match="never changes"):
            _change(desk, **change)
    with pytest.raises(DBAPIError, match="never changes"):
        _delete(desk)


def test_what_came_into_force_when_is_never_rewritten(desk: Desk) -> None:
    desk.publish("愿您今天开心。")
    for act in ("UPDATE word_editions SET number = 7", "DELETE FROM word_editions"):
        with pytest.raises(DBAPIError, match="append-only"):
            _execute(desk, act)


def test_a_version_comes_into_force_at_midnight_of_the_banks_zone(desk: Desk) -> None:
    before = desk.number()
    day = date(2027, 2, 5)
    desk.publish("愿您今天开心。", first=day)
    assert desk.number(midnight(day) - timedelta(seconds=1)) == before
    assert desk.number(midnight(day)) == 101
    (line,) = [one for one in list_templates(desk.town.context, desk.writer) if one.waiting]
    assert (line.key, line.number, line.waiting) == ("birthday", before, (101, "approved"))


def test_a_version_with_an_end_gives_way_to_what_was_in_force_before(desk: Desk) -> None:
    first = desk.publish("愿您今天开心。")
    season = desk.publish("新春生日快乐。", first=date(2027, 2, 5), until=date(2027, 2, 12))
    assert desk.number(midnight(date(2027, 2, 4))) == first
    assert desk.number(midnight(date(2027, 2, 5))) == season
    assert desk.number(midnight(date(2027, 2, 12)) - timedelta(seconds=1)) == season
    assert desk.number(midnight(date(2027, 2, 12))) == first


def test_days_that_make_no_sense_are_told(desk: Desk) -> None:
    desk.draft("愿您今天开心。")
    desk.submit()
    with pytest.raises(InputError, match="lies in the past"):
        desk.approve(first=date(2027, 1, 29))
    with pytest.raises(InputError, match="must lie after"):
        desk.approve(first=date(2027, 2, 5), until=date(2027, 2, 5))
    assert _row(desk, 101).state == "submitted"


def test_a_roll_back_is_a_new_decision_on_an_old_text(desk: Desk) -> None:
    first, second = desk.publish("愿您今天开心。"), desk.publish("愿您天天开心。")
    rows = _count(desk, TemplateVersion)
    acted = desk.roll_back(first)
    assert (acted.in_force, desk.number()) == (first, first)
    assert _count(desk, TemplateVersion) == rows
    decisions = list_decisions(desk.town.context, desk.writer, "birthday")
    assert [(one.decision, one.version) for one in decisions] == [
        ("rolled_back", first),
        ("approved", second),
        ("approved", first),
    ]
    assert (decisions[0].reason, decisions[0].decided_by) == ("新版反响不好", "何清")
    assert desk.acts()[-1] == "template.roll_back"
    with pytest.raises(Refused, match="in force already"):
        desk.roll_back(first)


def test_a_roll_back_needs_another_person_an_approved_text_and_its_number(desk: Desk) -> None:
    desk.draft("愿您今天开心。", actor=desk.second)
    desk.submit()
    desk.approve()
    desk.publish("愿您天天开心。")
    with pytest.raises(Refused, match="nobody decides"):
        desk.roll_back(101, actor=desk.second)
    desk.draft("愿您月月开心。")
    with pytest.raises(Refused, match="is draft"):
        desk.roll_back(103)
    with pytest.raises(InputError, match="has no version 9"):
        desk.roll_back(9)


def test_the_same_text_is_never_written_twice(desk: Desk) -> None:
    first = desk.publish("愿您今天开心。")
    desk.publish("愿您天天开心。")
    again = desk.draft("愿您今天开心。")
    assert (again.version, again.outcome) == (first, "unchanged")
    bundled = shipped().get("birthday")
    (same,) = life.save_drafts(desk.town.context, desk.writer, [replace(given(), text=bundled.source)])
    assert (same.version, same.outcome) == (bundled.version, "unchanged")


def test_a_retired_version_leaves_what_ships_and_never_comes_back(desk: Desk) -> None:
    before = desk.number()
    first = desk.publish("愿您今天开心。")
    desk.publish("愿您天天开心。")
    acted = desk.retire()
    assert (acted.version, acted.state, acted.in_force) == (102, "retired", before)
    assert desk.number() == before
    with pytest.raises(Refused, match="is retired"):
        desk.roll_back(102)
    with pytest.raises(Refused, match="cannot be retired"):
        desk.retire()
    assert desk.roll_back(first).in_force == first


def test_a_version_taken_back_before_its_day_never_comes_into_force(desk: Desk) -> None:
    first = desk.publish("愿您今天开心。")
    coming = desk.publish("愿您天天开心。", first=date(2027, 2, 5))
    desk.retire(number=coming)
    assert desk.number(midnight(date(2027, 2, 6))) == first
    assert list_decisions(desk.town.context, desk.writer, "birthday")[0].decision == "withdrawn"


def test_a_rejected_text_gives_its_reason_and_the_next_one_is_a_new_version(desk: Desk) -> None:
    desk.draft("愿您今天开心。")
    desk.submit()
    with pytest.raises(InputError, match="say why"):
        life.reject(desk.town.context, desk.reviewer, VersionRef(key="birthday"), "  ")
    life.reject(desk.town.context, desk.reviewer, VersionRef(key="birthday"), "太平淡")
    assert desk.draft("愿您天天开心。").version == 102
    old = [one for one in list_versions(desk.town.context, desk.writer, "birthday") if one.number == 101]
    assert [(one.state, one.reason, one.decided_by) for one in old] == [("rejected", "太平淡", "何清")]


def test_a_dropped_draft_needs_no_compliance(desk: Desk) -> None:
    desk.draft("愿您今天开心。")
    acted = life.retire(desk.town.context, desk.writer, VersionRef(key="birthday", number=101), "不要了")
    assert acted.state == "retired"
    assert _count(desk, WordEdition) == 0


def test_a_draft_that_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    context = desk.town.context
    desk.draft("愿您今天开心。")
    seen = show_template(context, desk.writer, "birthday", number=101).seen
    desk.draft("愿您天天开心。", actor=desk.second)
    with pytest.raises(Refused, match="changed meanwhile"):
        life.save_drafts(context, desk.writer, [given("愿您月月开心。")], seen=seen)
    assert "天天" in _row(desk, 101).document["source"]


def test_a_live_campaigns_channels_and_values_stay_and_it_is_named(desk: Desk) -> None:
    desk.town.go_live(CAMPAIGN.replace("TEMPLATE", "birthday"))
    with pytest.raises(InputError, match=r"birthday_town.*has no words for sms"):
        desk.draft("祝您生日快乐。", channels="wechat")
    asks = document().replace(
        "type: salutation, source: customer.salutation", "type: text, source: event.product"
    )
    with pytest.raises(InputError, match=r"birthday_town.*event\.product"):
        life.save_drafts(desk.town.context, desk.writer, [replace(given(), text=asks)])
    assert _count(desk, TemplateVersion) == 0


def test_the_last_words_of_a_live_campaign_cannot_be_retired(desk: Desk) -> None:
    number = desk.publish("您好。", key="hello_town")
    campaigns = check_text(desk.town.context, CAMPAIGN.replace("TEMPLATE", "hello_town"))
    apply_campaigns(desk.town.context, SYSTEM, campaigns)
    with pytest.raises(InputError, match="birthday_town"):
        desk.retire("hello_town")
    assert desk.number(key="hello_town") == number
    assert _row(desk, number, "hello_town").state == "approved"
    desk.draft("您早。", key="hello_town")
    desk.submit("hello_town")
    assert (
        desk.approve("hello_town", until=date(2027, 2, 5)).in_force == number + 1
    )  # the first one is there after it


def test_a_purpose_is_one_in_all_locales_and_versions(desk: Desk) -> None:
    with pytest.raises(InputError, match="one purpose"):
        desk.draft("祝您生日快乐。", purpose="service")
    two = [
        given("您好。", key="hello_town"),
        given("Hello.", key="hello_town", purpose="service", locale="en"),
    ]
    with pytest.raises(InputError, match="one purpose"):
        life.save_drafts(desk.town.context, desk.writer, two)
    assert _count(desk, TemplateVersion) == 0


def test_several_files_are_kept_together_or_not_at_all(desk: Desk) -> None:
    two = [given("您好。", key="hello_town"), given("{{ nobody }}", key="hello_town", locale="en")]
    with pytest.raises(InputError, match="nobody"):
        life.save_drafts(desk.town.context, desk.writer, two)
    assert _count(desk, TemplateVersion) == 0
    two[1] = given("hello.", key="hello_town", locale="en")
    assert [one.locale for one in life.save_drafts(desk.town.context, desk.writer, two)] == ["zh-CN", "en"]
