"""Rules that ask more than the words: which festival is greeted, and who reads."""

from __future__ import annotations

from datetime import date

import pytest

from store.models.customers import Customer
from tests.integration.words.desk import Desk, document
from wenhou.services import template_life as life
from wenhou.services.template_checks import TemplateText

EVE, DRAGON_BOAT = date(2027, 6, 8), date(2027, 6, 9)
GREETING = """
key: dragon_boat
name: {zh-CN: 端午问候, en: Dragon Boat greeting}
purpose: care
trigger: {type: festival, festival: dragon_boat}
audience:
  all:
    - {field: state, is: [active]}
template: dragon_boat
channels: [sms]
approval: none
send_at: "09:30"
until: "18:00"
"""
BIRTHDAY = """
key: birthday
name: {zh-CN: 生日问候, en: Birthday greeting}
purpose: care
trigger: {type: personal_date, kind: birthday}
audience:
  all:
    - {field: state, is: [active]}
template: birthday
channels: [sms]
approval: none
send_at: "09:30"
until: "20:00"
"""
AGE = "今天您45岁生日，祝您快乐。"


@pytest.mark.parametrize(
    ("words", "leaves"), [("佳节将至，祝您节日快乐。", False), ("粽叶飘香，祝您端午安康。", True)]
)
def test_words_that_only_the_greeted_day_makes_wrong_do_not_leave(
    desk: Desk, words: str, leaves: bool
) -> None:
    """Nothing in them names the day: the rule learns it from the campaign."""
    desk.publish(words, key="dragon_boat")
    desk.town.go_live(GREETING)
    desk.town.customer()
    desk.town.at(EVE)
    desk.town.plan(DRAGON_BOAT)

    (message,) = desk.town.messages()
    assert (message.status != "skipped") is leaves


@pytest.mark.parametrize(("gender", "leaves"), [("female", False), ("male", True)])
def test_an_age_is_not_said_to_a_woman_even_where_no_word_names_her_one(
    desk: Desk, gender: str, leaves: bool
) -> None:
    (drafted,) = life.save_drafts(
        desk.town.context,
        desk.writer,
        [TemplateText(text=document(AGE).replace("王女士", "王老师"), locale="zh-CN", file="birthday.yaml")],
    )
    desk.submit(number=drafted.version)
    desk.approve(number=drafted.version)
    desk.town.go_live(BIRTHDAY)
    customer = desk.town.customer("王清", gender=gender, birthday=("solar", 3, 1))
    with desk.town.context.db.write() as session:
        session.get_one(Customer, customer.id).salutation = "王老师"
    desk.town.at(date(2027, 2, 28))
    desk.town.plan(date(2027, 3, 1))

    (message,) = desk.town.messages()
    assert (message.status != "skipped") is leaves
