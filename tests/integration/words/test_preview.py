"""A template as a real customer would read it, who may look, what the look leaves, and tests to one's own phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from scheduler.previewing import fill_one
from store.accounts import ensure_account
from store.models.customers import CareRestriction
from store.models.messages import Message
from store.models.organisation import User
from store.models.records import AuditRow
from tests import factories
from tests.integration.scheduler.world import CountingSender
from tests.integration.words.desk import Desk, document
from wenhou.core.actors import Actor
from wenhou.core.channels import SMS, Permanent
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.ids import new_id
from wenhou.services import live_words, stopping
from wenhou.services.preview_types import ChannelLook, Preview, Wanted
from wenhou.services.template_preview import preview
from wenhou.services.template_tests import MOST_A_DAY, send_test
from wenhou.services.wording import Edit

CAMPAIGN = """
key: birthday_town
name: {zh-CN: 生日问候, en: Birthday}
purpose: care
trigger: {type: personal_date, kind: birthday}
template: birthday
channels: [sms]
approval: APPROVAL
"""
DAY = date(2027, 2, 2)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    context = desk.town.context = replace(desk.town.context, fill_one=fill_one)
    sender = desk.town.sender
    with context.db.write() as session:
        ensure_account(
            session,
            channel=SMS,
            provider=sender.provider,
            account=sender.account,
            rate=1000,
            real=context.clock.real(),
        )
    return desk


def look(desk: Desk, actor: str = "advisor", **wanted: Any) -> Preview:
    return preview(desk.town.context, desk.town.actors[actor], Wanted(**{"key": "birthday", **wanted}))


def by(shown: Preview, channel: str) -> ChannelLook:
    return next(one for one in shown.channels if one.channel == channel)


def acts(desk: Desk, act: str) -> list[AuditRow]:
    with desk.town.context.db.read() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.act == act).order_by(AuditRow.id)))


def phone_of(desk: Desk, actor: Actor, phone: str | None) -> None:
    with desk.town.context.db.write() as session:
        session.get_one(User, actor.user_id).phone = phone


def test_a_preview_reads_what_the_planner_then_writes(desk: Desk) -> None:
    town = desk.town
    town.go_live(CAMPAIGN.replace("APPROVAL", "none"))
    customer = town.customer("王芳", gender="female", birthday=("solar", 2, 2))
    shown = look(desk, customer=customer.external_ref)
    town.plan(DAY)
    (message,) = town.messages()
    assert shown.on == DAY
    assert by(shown, SMS).text == town.words(message)
    assert shown.wording == message.variant
    assert shown.campaign == ("生日问候", "Birthday")


def test_without_a_customer_the_samples_speak_and_every_channel_is_measured(desk: Desk) -> None:
    shown = look(desk)
    assert [one.channel for one in shown.channels] == ["wechat", "wecom", "sms", "email"]
    assert {one.state for one in shown.values} == {"sample"}
    sms = by(shown, SMS)
    assert (sms.parts, sms.price[0], sms.may_go) == (1, "1条", True)
    assert sms.units == len(sms.text)
    assert shown.may_go


def test_each_value_says_where_it_came_from_and_a_missing_one_what_to_do(desk: Desk) -> None:
    nobody = desk.town.customer("  ", gender="unknown", advisor=None)
    shown = look(desk, "operations", customer=nobody.external_ref)
    salutation = next(one for one in shown.values if one.name == "salutation")
    assert salutation.state == "missing"
    assert salutation.origin == ("客户资料", "the customer's record")
    assert "称谓" in salutation.to_do[0]
    assert not shown.may_go
    assert {fault.code for one in shown.channels for fault in one.faults} == {"placeholder_missing"}
    assert all(one.text == "" for one in shown.channels)


def test_an_advisor_previews_only_customers_of_their_own(desk: Desk) -> None:
    customer = desk.town.customer("王芳")
    with desk.town.context.db.write() as session:
        who = factories.actor_for(session, session.get_one(User, desk.town.people.other_advisor.id))
    wanted = Wanted(key="birthday", customer=customer.external_ref)
    with pytest.raises(AccessDenied) as out_of_sight:
        preview(desk.town.context, who, wanted)
    with pytest.raises(AccessDenied) as not_there:
        preview(desk.town.context, who, replace(wanted, customer="C-NOBODY"))
    said = str(out_of_sight.value).replace(customer.external_ref, "-")
    assert said == str(not_there.value).replace("C-NOBODY", "-")


def test_operations_see_a_masked_name_the_own_advisor_the_whole(desk: Desk) -> None:
    customer = desk.town.customer("欧阳修远", gender="male")
    mine = look(desk, customer=customer.external_ref)
    theirs = look(desk, "operations", customer=customer.external_ref)
    assert mine.customer == (customer.external_ref, "欧阳修远")
    assert theirs.customer == (customer.external_ref, "欧***")
    assert "修远" not in str(theirs)
    assert "+86" not in str(theirs)


def test_a_name_given_in_full_is_masked_in_the_words_too(desk: Desk) -> None:
    customer = desk.town.customer("欧阳修远", gender="male")
    text = document("您好。").replace(
        "salutation: {type: salutation, source: customer.salutation",
        "salutation: {type: name, source: customer.name",
    )
    shown = look(desk, "operations", text=text, customer=customer.external_ref)
    assert "欧某某" in by(shown, SMS).text
    assert "修远" not in str(shown)


def test_a_confidential_restriction_changes_nothing_in_a_preview(desk: Desk) -> None:
    customer = desk.town.customer("王芳", gender="female")
    before = look(desk, customer=customer.external_ref)
    with desk.town.context.db.write() as session:
        session.add(
            CareRestriction(
                id=new_id(), customer_id=customer.id, kind="anti_money_laundering", visibility="confidential",
                from_on=date(2027, 1, 1), source="compliance", purposes=["care"],
                created_at=desk.town.clock.now(),
            )
        )  # fmt: skip
    assert look(desk, customer=customer.external_ref) == before


def test_who_looked_at_whom_is_recorded_by_id_alone(desk: Desk) -> None:
    customer = desk.town.customer("王芳")
    look(desk, "operations", customer=customer.external_ref)
    look(desk, "operations")
    (row,) = acts(desk, "template.preview")
    assert (row.subject_kind, row.subject_id) == ("customer", customer.id)
    assert row.details == {"template": "birthday", "locale": "zh-CN", "version": 2}


def test_a_customers_own_links_never_stand_in_a_preview(desk: Desk) -> None:
    customer = desk.town.customer("王芳", gender="female")
    link = '  link: {type: url, source: link.preferences, sample: "https://example.com/p"}\nvariants:'
    text = document("点这里退订：{{ link }}", channels="wechat").replace("variants:", link)
    shown = look(desk, "operations", text=text, customer=customer.external_ref)
    assert "https://example.com/p" in by(shown, "wechat").text
    whole = "".join(f"{one.text}{one.html}" for one in look(desk, customer=customer.external_ref).channels)
    assert desk.town.context.bank.public_url not in whole


def test_a_solemn_day_is_shown_with_quiet_words(desk: Desk) -> None:
    qingming = date(2027, 4, 5)
    customer = desk.town.customer("王芳", gender="female", birthday=("solar", 4, 5))
    shown = look(desk, customer=customer.external_ref, on=qingming)
    quiet = {one.id for one in shown.variants if ("肃穆日", "solemn days") in one.notes}
    assert (shown.tone, shown.on) == ("solemn", qingming)
    assert shown.wording.partition(".")[0] in quiet
    assert look(desk, customer=customer.external_ref, on=date(2027, 3, 9)).tone == ""


def test_every_wording_may_be_chosen_and_the_ones_beside_it_are_named(desk: Desk) -> None:
    first = look(desk, wording="a")
    assert by(look(desk, wording=first.after), SMS).text != by(first, SMS).text
    assert look(desk, wording=first.after).before == first.wording
    with pytest.raises(InputError, match="there is no variant zz"):
        look(desk, wording="zz")


def test_a_rule_is_marked_where_it_is_broken(desk: Desk) -> None:
    shown = look(desk, "operations", text=document("这款产品保本。"))
    sms = by(shown, SMS)
    marked = [run.text for run in sms.words if run.level == "block"]
    assert any("保本" in text for text in marked)
    assert "".join(run.text for run in sms.words) == sms.text
    assert not sms.may_go


def test_only_writers_preview_a_text_that_is_not_kept(desk: Desk) -> None:
    with pytest.raises(AccessDenied):
        look(desk, text=document())


def test_a_version_by_its_number_reads_as_it_was_written(desk: Desk) -> None:
    desk.draft("愿您今天开心。")
    assert "愿您今天开心" in by(look(desk, "operations", number=101), SMS).text
    assert "愿您今天开心" not in by(look(desk, "operations"), SMS).text
    with pytest.raises(InputError, match="has no version 999"):
        look(desk, "operations", number=999)


# --- while somebody types -----------------------------------------------------------------------------------------------


def test_a_draft_is_told_its_faults_with_line_and_its_preview_at_once(desk: Desk) -> None:
    good = Wanted(key="birthday", text=document("愿您今天开心。"))
    found = live_words.check_draft(desk.town.context, desk.writer, good)
    assert found.is_sound
    assert found.preview is not None
    broken = live_words.check_draft(
        desk.town.context, desk.writer, replace(good, text=document("保本保收益。"))
    )
    assert {fault.line for fault in broken.faults} == {10}
    assert broken.preview is not None
    unread = live_words.check_draft(desk.town.context, desk.writer, replace(good, text="key: ["))
    assert (unread.is_sound, unread.preview) == (False, None)
    other = live_words.check_draft(desk.town.context, desk.writer, replace(good, key="spring_festival"))
    assert "spring_festival" in str(other.faults[0])


@pytest.fixture
def waiting(desk: Desk) -> Message:
    """A greeting that waits for its advisor."""
    town = desk.town
    town.go_live(CAMPAIGN.replace("APPROVAL", "advisor"))
    town.customer("王芳", gender="female", birthday=("solar", 2, 2))
    town.plan(DAY)
    (message,) = town.messages()
    return message


@pytest.mark.parametrize(
    ("typed", "may_save", "rule"),
    [
        ("王女士，生日快乐，愿您平安。", True, None),
        ("王女士，这款理财保本。", False, "guarantee"),
        ("王女士，生日快乐😀", False, None),
        ("", False, "empty_text"),
        ("祝" * 600, False, "too_long"),
    ],
)
def test_words_being_typed_are_told_what_saving_would_say(
    desk: Desk,
    waiting: Message,
    typed: str,
    may_save: bool,
    rule: str | None,
) -> None:
    context, actor = desk.town.context, desk.town.actors["advisor"]
    (found,) = live_words.check_edit(context, actor, waiting.id, {SMS: Edit(text=typed)})
    assert found.may_save is may_save
    if may_save:
        assert (found.parts, found.units > len(typed)) == (1, True)
    if rule == "guarantee":
        placed = next(one.fault for one in found.hits if one.level == "block")
        assert typed[placed.start : placed.end] == placed.found
    elif rule:
        assert rule in {one.fault.rule for one in found.hits}


def test_who_may_not_see_a_message_learns_nothing_by_typing(desk: Desk, waiting: Message) -> None:
    with desk.town.context.db.write() as session:
        other = factories.actor_for(session, session.get_one(User, desk.town.people.other_advisor.id))
    with pytest.raises(AccessDenied):
        live_words.check_edit(desk.town.context, other, waiting.id, {SMS: Edit(text="保本")})


# --- tests to oneself -----------------------------------------------------------------------------------------------------


def test_a_test_goes_to_ones_own_phone_and_counts_nowhere(desk: Desk) -> None:
    phone_of(desk, desk.writer, "13800000001")
    sender = desk.town.sender
    done = send_test(desk.town.context, desk.writer, Wanted(key="birthday"), SMS, sender)
    (taken,) = sender.taken
    assert taken.address == "+8613800000001"
    assert taken.content.text.startswith("【江城银行】（测试）王女士")
    assert taken.content.text.count("【") == 1
    assert taken.content.text.endswith("拒收请回复R")
    assert (done.outcome, done.left_today) == ("accepted", MOST_A_DAY - 1)
    assert "13800000001" not in str(done)
    assert desk.town.messages() == []
    assert len(acts(desk, "template.test")) == 1
    assert "138" not in str(acts(desk, "template.test")[0].details)


@pytest.mark.parametrize(("phone", "channel"), [(None, "sms"), ("13800000001", "email")])
def test_without_an_address_of_ones_own_nothing_is_sent(desk: Desk, phone: str | None, channel: str) -> None:
    phone_of(desk, desk.writer, phone)
    sender = CountingSender(channel)
    with pytest.raises(Refused, match="no test is sent"):
        send_test(desk.town.context, desk.writer, Wanted(key="birthday"), channel, sender)
    assert sender.taken == []


def test_a_test_is_never_a_customers_words(desk: Desk) -> None:
    phone_of(desk, desk.writer, "13800000001")
    customer = desk.town.customer("欧阳修远", gender="male")
    wanted = Wanted(key="birthday", customer=customer.external_ref)
    send_test(desk.town.context, desk.writer, wanted, SMS, desk.town.sender)
    assert "欧阳" not in desk.town.sender.taken[0].content.text


def test_so_many_tests_a_day_and_no_more(desk: Desk) -> None:
    phone_of(desk, desk.writer, "13800000001")
    wanted = Wanted(key="birthday")
    for _ in range(MOST_A_DAY):
        send_test(desk.town.context, desk.writer, wanted, SMS, desk.town.sender)
    with pytest.raises(Refused) as told:
        send_test(desk.town.context, desk.writer, wanted, SMS, desk.town.sender)
    assert told.value.code == "too_many_tests"
    desk.town.at(date(2027, 1, 31))
    assert (
        send_test(desk.town.context, desk.writer, wanted, SMS, desk.town.sender).left_today == MOST_A_DAY - 1
    )


def test_words_a_rule_stops_and_a_stopped_line_send_no_test(desk: Desk) -> None:
    phone_of(desk, desk.writer, "13800000001")
    context, sender = desk.town.context, desk.town.sender
    broken = Wanted(key="birthday", text=document("保本保收益。"))
    with pytest.raises(Refused) as told:
        send_test(context, desk.writer, broken, SMS, sender)
    assert told.value.code == "no_words"
    stopping.stop(context, desk.writer, "all", "", "演练")
    with pytest.raises(Refused) as told:
        send_test(context, desk.writer, Wanted(key="birthday"), SMS, sender)
    assert told.value.code == "stopped"
    assert sender.taken == []
    assert acts(desk, "template.test") == []


def test_a_refusal_of_the_line_is_told_with_its_code(desk: Desk) -> None:
    phone_of(desk, desk.writer, "13800000001")
    sender = CountingSender(answers=[Permanent(code="number_invalid")])
    sender.account = desk.town.sender.account
    done = send_test(desk.town.context, desk.writer, Wanted(key="birthday"), SMS, sender)
    assert (done.outcome, done.code) == ("refused", "number_invalid")
