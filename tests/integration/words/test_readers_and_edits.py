"""Who got which wording, and what an advisor changed: answerable for ever."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from store.models.customers import Customer, CustomerKey
from store.models.messages import Message
from store.models.words import PlannedWords
from store.template_readers import ReadersWanted, wording_of
from store.transitions import Change, change_status
from tests.integration.words.desk import Desk
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.statuses import Event, Status
from wenhou.services.approvals import Edit, current_hash, edit
from wenhou.services.template_diffs import EditDiff, diff_versions, edit_diff
from wenhou.services.template_reading import readers
from wenhou.services.word_diff import GONE, KEPT, NEW
from wenhou.services.words_in_force import shipped

CAMPAIGN = """
key: birthday
name: {zh-CN: 生日, en: Birthday}
purpose: care
trigger: {type: personal_date, kind: birthday}
template: birthday
channels: [sms]
approval: LEVEL
send_at: "09:30"
until: "20:00"
"""
FIRST, SECOND = date(2027, 2, 3), date(2027, 2, 5)


@pytest.fixture
def sent(desk: Desk) -> tuple[Customer, Customer]:
    """张三 read what ships on the 3rd, 李四 the bank's own words on the 5th."""
    town = desk.town
    town.go_live(CAMPAIGN.replace("LEVEL", "none"))
    one = town.customer("张三", birthday=("solar", 2, 3))
    other = town.customer("李四", birthday=("solar", 2, 5))
    for day, words in ((FIRST, None), (SECOND, "愿您今天过得称心。")):
        town.at(day, 8)
        if words:
            desk.publish(words)
        town.plan(day)
        town.at(day, 10)
        assert town.dispatch() == 1
    return one, other


def test_who_read_which_wording_is_known(desk: Desk, sent: tuple[Customer, Customer]) -> None:
    context, actor = desk.town.context, desk.reviewer
    found = readers(context, actor, ReadersWanted(key="birthday"))
    ships = shipped().get("birthday").version
    assert [(one.customer, one.on_day, one.number, one.origin) for one in found] == [
        (sent[0].external_ref, FIRST, ships, "bundled"),
        (sent[1].external_ref, SECOND, 101, "bank"),
    ]
    assert {(one.channel, one.status) for one in found} == {("sms", "sent")}
    assert found[1].variant == "a"
    only = readers(context, actor, ReadersWanted(key="birthday", number=101, variant="a"))
    assert [one.customer for one in only] == [sent[1].external_ref]
    early = readers(context, actor, ReadersWanted(key="birthday", last_on=FIRST))
    assert [one.customer for one in early] == [sent[0].external_ref]


def test_a_variant_means_all_its_wordings(desk: Desk, sent: tuple[Customer, Customer]) -> None:
    (first, _) = desk.town.messages()
    assert first.variant is not None
    variant = first.variant.partition(".")[0]
    for wanted in (variant, first.variant):
        found = readers(
            desk.town.context, desk.reviewer, ReadersWanted(key="birthday", variant=wanted, last_on=FIRST)
        )
        assert [one.message_id for one in found] == [first.id]
    with desk.town.context.db.read() as session:
        assert wording_of(session, first.id) == (
            "birthday", "zh-CN", shipped().get("birthday").version, "bundled", first.variant,
        )  # fmt: skip


def test_it_stays_known_after_an_erasure_and_a_roll_back(desk: Desk, sent: tuple[Customer, Customer]) -> None:
    desk.retire(number=101)
    with desk.town.context.db.write() as session:
        session.get_one(Customer, sent[1].id).state = "erased"
        session.execute(update(CustomerKey).where(CustomerKey.customer_id == sent[1].id).values(wrapped=None))
    (found,) = readers(desk.town.context, desk.reviewer, ReadersWanted(key="birthday", number=101))
    assert (found.customer, found.customer_state, found.variant) == (sent[1].external_ref, "erased", "a")


def test_only_who_sees_customers_asks_and_only_for_their_part(
    desk: Desk, sent: tuple[Customer, Customer]
) -> None:
    context = desk.town.context
    with pytest.raises(AccessDenied):
        readers(context, desk.town.actors["advisor"], ReadersWanted(key="birthday"))
    assert len(readers(context, desk.town.actors["supervisor"], ReadersWanted(key="birthday"))) == 2
    with pytest.raises(InputError, match="no template birthdai"):
        readers(context, desk.reviewer, ReadersWanted(key="birthdai"))
    with context.db.write() as session:
        session.execute(
            update(Customer)
            .where(Customer.id == sent[0].id)
            .values(managing_org_id=desk.town.tree.other_branch.id)
        )
    assert len(readers(context, desk.town.actors["supervisor"], ReadersWanted(key="birthday"))) == 1


@pytest.fixture
def edited(desk: Desk) -> Message:
    """A birthday greeting that its advisor changed twice."""
    town, actor = desk.town, desk.town.actors["advisor"]
    desk.publish("祝您生日快乐，天天开心。")
    town.go_live(CAMPAIGN.replace("LEVEL", "advisor"))
    town.customer("王芳", gender="female", birthday=("solar", 2, 2))
    town.plan(date(2027, 2, 2))
    (message,) = town.messages()
    for words in ("王女士，祝您生日快乐，年年开心。", "王女士，祝您生日快乐，年年称心。"):
        seen = current_hash(town.context, actor, message.id)
        edit(town.context, actor, message.id, {"sms": Edit(text=words)}, seen)
    return message


def _pieces(found: EditDiff) -> list[tuple[str, str]]:
    (text,) = found.texts
    assert (text.channel, text.part) == ("sms", "text")
    return [(piece.kind, piece.text) for piece in text.pieces]


def test_an_edit_is_told_against_the_words_as_planned_not_the_last_edit(desk: Desk, edited: Message) -> None:
    found = edit_diff(desk.town.context, desk.town.actors["advisor"], edited.id)
    assert found.is_edited
    assert _pieces(found) == [
        (KEPT, "王女士，祝您生日快乐，"),
        (GONE, "天天开"),
        (NEW, "年年称"),
        (KEPT, "心。"),
    ]


def test_an_edit_stays_told_when_the_template_changes_and_the_message_left(
    desk: Desk, edited: Message
) -> None:
    before = edit_diff(desk.town.context, desk.reviewer, edited.id)
    desk.publish("别的话。")
    desk.town.plan(date(2027, 2, 2))
    assert edit_diff(desk.town.context, desk.reviewer, edited.id) == before


def test_planned_words_are_sealed_and_go_with_the_customers_key(desk: Desk, edited: Message) -> None:
    with desk.town.context.db.read() as session:
        body = session.scalars(select(PlannedWords.body)).one()
    assert "开心".encode() not in body
    with desk.town.context.db.write() as session:
        session.execute(
            update(CustomerKey).where(CustomerKey.customer_id == edited.customer_id).values(wrapped=None)
        )
    assert edit_diff(desk.town.context, desk.reviewer, edited.id).texts == ()


def test_who_may_not_see_the_message_sees_no_edit(desk: Desk, edited: Message) -> None:
    with desk.town.context.db.write() as session:
        session.execute(
            update(Customer)
            .where(Customer.id == edited.customer_id)
            .values(main_advisor_id=None, managing_org_id=desk.town.tree.other_branch.id)
        )
        session.execute(
            update(Message)
            .where(Message.id == edited.id)
            .values(advisor_id=None, org_id=desk.town.tree.other_branch.id)
        )
    with pytest.raises(AccessDenied):
        edit_diff(desk.town.context, desk.town.actors["deputy"], edited.id)


def test_a_message_that_is_planned_anew_is_nobodys_edit(desk: Desk, edited: Message) -> None:
    change = Change(
        message_id=edited.id, was=Status.PROPOSED, event=Event.SKIP, actor="system", reason="other"
    )
    with desk.town.context.db.write() as session:
        assert change_status(session, [change], desk.town.clock.now())
    desk.town.plan(date(2027, 2, 2))
    assert desk.town.messages()[0].status == Status.PROPOSED
    found = edit_diff(desk.town.context, desk.reviewer, edited.id)
    assert (found.is_edited, found.texts) == (False, ())


def test_two_versions_differ_by_channel_and_variant(desk: Desk) -> None:
    desk.publish("祝您生日快乐。", channels="sms, wechat")
    desk.publish("祝您生辰快乐。", channels="sms, wechat")
    found = diff_versions(desk.town.context, desk.reviewer, "birthday", 101, 102)
    assert [(one.variant, one.channel, one.part) for one in found.texts] == [
        ("a", "sms", "text"),
        ("a", "wechat", "text"),
    ]
    assert [(piece.kind, piece.text) for piece in found.texts[0].pieces] == [
        (KEPT, "{{ salutation }}，祝您生"),
        (GONE, "日"),
        (NEW, "辰"),
        (KEPT, "快乐。"),
    ]
    ships = shipped().get("birthday").version
    assert diff_versions(desk.town.context, desk.reviewer, "birthday", ships, ships).texts == ()
    with pytest.raises(InputError, match="no version 7"):
        diff_versions(desk.town.context, desk.reviewer, "birthday", 7, 101)
