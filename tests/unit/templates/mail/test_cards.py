"""A template that names a card: every channel but SMS goes with it, and nothing goes without an approved one."""

from __future__ import annotations

import pytest

from templates import library
from templates.render import render
from tests.unit.templates.mail.letters import CARD

DOCUMENT = """
key: probe
version: 1
name: Probe
purpose: care
card: mid_autumn
channels: [wechat, wecom, sms, email]
placeholders:
  salutation: {type: salutation, source: customer.salutation, sample: 王女士}
variants:
  - id: a
    sms: "{{ salutation }}，中秋安康。"
    wechat: "{{ salutation }}，中秋安康。"
    wecom: "{{ salutation }}，中秋安康。"
    email: {subject: "{{ salutation }}，中秋安康", paragraphs: ["{{ salutation }}：", "愿您平安。"]}
"""
VERSION = library.parse(DOCUMENT, locale="zh-CN")


@pytest.mark.parametrize("channel", ["wechat", "wecom", "email"])
def test_words_go_with_the_cards_digest(channel: str) -> None:
    made = render(VERSION, channel, {"salutation": "王女士"}, signature="江城银行", card=CARD)

    assert made.ok
    assert made.media == (CARD.digest,)


@pytest.mark.parametrize("channel", ["wechat", "wecom", "email"])
def test_without_an_approved_card_there_are_no_words(channel: str) -> None:
    made = render(VERSION, channel, {"salutation": "王女士"}, signature="江城银行")

    assert [problem.code for problem in made.problems] == ["card_missing"]
    assert (made.text, made.media) == ("", ())


def test_a_text_message_carries_none_and_needs_none() -> None:
    made = render(VERSION, "sms", {"salutation": "王女士"}, signature="江城银行", card=CARD)

    assert made.ok
    assert made.media == ()


def test_a_template_that_names_no_card_takes_none() -> None:
    plain = library.parse(DOCUMENT.replace("card: mid_autumn\n", ""), locale="zh-CN")

    made = render(plain, "email", {"salutation": "王女士"}, signature="江城银行", card=CARD)

    assert made.ok
    assert made.media == ()
    assert "cid:" not in str(made.html)


def test_two_cards_under_one_text_are_two_renderings() -> None:
    other = library.parse(DOCUMENT, locale="zh-CN")
    values = {"salutation": "李先生"}
    first = render(other, "wechat", values, signature="江城银行", card=CARD)
    second = render(
        other,
        "wechat",
        values,
        signature="江城银行",
        card=type(CARD)(digest="sha256:" + "0" * 64, width=1, height=1, alt_zh="a", alt_en="b"),
    )

    assert first.media != second.media
