"""One look at a finished content: would its channel carry it? And what it costs, and what to write instead."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.channels import Capabilities, Content
from wenhou.core.limits.characters import INSTEAD, advice, refused_in, replaced
from wenhou.core.limits.check import check_limits
from wenhou.core.limits.dialects import ALIYUN, HUAWEI, TENCENT
from wenhou.core.limits.filed import FiledText
from wenhou.core.limits.prices import NAMES, PriceClass, price_class, price_of
from wenhou.core.limits.terms import ChannelTerms, terms_for, terms_of


def _sms(body: str, **more: Any) -> Content:
    return Content(channel="sms", sender="江城银行", text=f"【江城银行】{body}", **more)


def _codes(content: Content, terms: ChannelTerms | None = None) -> list[str]:
    return [one.code for one in check_limits(content, terms)]


PLAIN = Content(channel="sms", sender="江城银行", text="")


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (_sms("王女士，您好。"), []),
        (_sms("好" * 494), []),
        (_sms("好" * 495), ["too_many_units"]),
        (_sms("好" * 492 + "𠮷"), []),
        (_sms("好" * 493 + "𠮷"), ["too_many_units"]),
        (PLAIN, ["text_empty"]),
        (replace(PLAIN, text="【江城银行】"), ["text_empty"]),
        (replace(PLAIN, text="您好"), ["signature_missing"]),
        (replace(PLAIN, text="您好【江城银行】"), ["signature_place"]),
        (replace(PLAIN, text="【江城银行】您好【江城银行】"), ["signature_repeated"]),
        (replace(PLAIN, text="【江城银行】【重要】您好"), ["signature_repeated"]),
        (replace(PLAIN, text="【他行】您好"), ["signature_unfiled"]),
        (_sms("您好★"), ["characters"]),
        (_sms("您好🎂"), ["characters"]),
        (_sms("您\x07好"), ["control_characters"]),
        (_sms("您好", media=("sha256:1",)), ["too_many_images"]),
        (Content(channel="wechat", sender="", text="好" * 682), []),
        (Content(channel="wechat", sender="", text="好" * 683), ["too_many_bytes"]),
        (Content(channel="wechat", sender="", text="好\n好"), []),
        (Content(channel="wechat", sender="", text="好\u202e好"), ["control_characters"]),
        (Content(channel="wechat", sender="", text="👨‍👩‍👧❤️"), []),
        (Content(channel="wecom", sender="", text="好" * 1333), []),
        (Content(channel="wecom", sender="", text="好" * 1334), ["too_many_bytes"]),
        (Content(channel="wecom", sender="", text="好", media=tuple("123456789")), []),
        (Content(channel="wecom", sender="", text="好", media=tuple("1234567890")), ["too_many_images"]),
        (Content(channel="email", sender="江城银行", text="好", subject="您好"), []),
        (Content(channel="email", sender="江城银行", text="好"), ["subject_missing"]),
        (Content(channel="email", sender="江城银行", text="好", subject="a\r\nBcc: x"), ["subject_lines"]),
        (Content(channel="email", sender="江城银行", text="好", subject="好" * 121), ["subject_long"]),
        (
            Content(
                channel="wechat", sender="", text="x", provider_template="T", parameters={"phrase1": "已办结"}
            ),
            [],
        ),
        (
            Content(
                channel="wechat", sender="", text="x", provider_template="T", parameters={"first": "您好"}
            ),
            ["field_unknown"],
        ),
        (Content(channel="pigeon", sender="", text="好" * 9999), []),
    ],
)
def test_a_content_is_judged_by_its_channel(content: Content, codes: list[str]) -> None:
    assert _codes(content) == codes


def test_a_line_may_want_the_signature_behind_and_an_exact_last_word() -> None:
    terms = replace(terms_for("sms"), signature_at_end=True, suffix="拒收请回复R", max_parts=1)

    assert _codes(replace(PLAIN, text="您好。拒收请回复R【江城银行】"), terms) == []
    assert _codes(_sms("您好。拒收请回复R"), terms) == ["signature_place"]
    assert _codes(replace(PLAIN, text="您好。回T退订【江城银行】"), terms) == ["opt_out_missing"]
    assert _codes(replace(PLAIN, text="好" * 80 + "拒收请回复R【江城银行】"), terms) == ["too_many_parts"]


FILED = (
    FiledText(code="SMS_7", text="${name}，今天是您的生日。拒收请回复R", dialect=ALIYUN, promotional=True),
    FiledText(code="SMS_8", text="今天是您的生日，愿您平安。拒收请回复R", dialect=HUAWEI, promotional=True),
    FiledText(code="SMS_9", text="{1}，款项已到账。", dialect=TENCENT, promotional=False),
)
LINE = replace(terms_for("sms"), carries_filed_only=True, filed=FILED)


@pytest.mark.parametrize(
    ("body", "code", "values", "codes"),
    [
        ("王女士，今天是您的生日。拒收请回复R", "SMS_7", {"name": "王女士"}, []),
        ("王女士，今天是您的生日。拒收请回复R", None, {}, []),
        ("今天是您的生日，愿您平安。拒收请回复R", "SMS_8", {}, []),
        ("王女士，生日快乐。拒收请回复R", None, {}, ["filed_only"]),
        ("王女士，生日快乐。拒收请回复R", "SMS_7", {"name": "王女士"}, ["filed_differs"]),
        ("王女士，今天是您的生日。拒收请回复R", "SMS_7", {}, ["value_missing"]),
        ("王女士，今天是您的生日。拒收请回复R", "SMS_1", {}, ["filed_unknown"]),
        ("阿依古丽女士，款项已到账。", "SMS_9", {"1": "阿依古丽女士"}, []),
        ("买买提江女士们，款项已到账。", "SMS_9", {"1": "买买提江女士们"}, ["value_long"]),
    ],
)
def test_a_line_of_filed_texts_carries_these_words_only(
    body: str, code: str | None, values: dict[str, str], codes: list[str]
) -> None:
    assert _codes(_sms(body, provider_template=code, parameters=values), LINE) == codes


def test_an_account_may_be_stricter_than_its_dialect() -> None:
    named = _sms(
        "王女士，今天是您的生日。拒收请回复R", provider_template="SMS_7", parameters={"name": "王女士"}
    )

    assert _codes(named, replace(LINE, max_variable=2)) == ["value_long"]
    assert _codes(named, replace(LINE, max_variable=200)) == []
    assert _codes(named, replace(LINE, allows_variables=False)) == ["filed_variables"]
    unbound = replace(named, provider_template=None, parameters={})
    assert _codes(unbound, replace(LINE, allows_variables=False)) == ["filed_only"]


def test_the_terms_of_an_account_come_from_its_settings() -> None:
    said = Capabilities(
        channel="sms", purposes=frozenset(), carries_filed_only=True, allows_variables=False, max_variable=6
    )

    terms = terms_of(said, FILED)

    assert (terms.carries_filed_only, terms.allows_variables, terms.max_variable) == (True, False, 6)
    assert (terms.filed, terms.max_units) == (FILED, 500)


def test_what_lines_refuse_is_named_with_what_to_write_instead() -> None:
    (fault,) = check_limits(_sms("★到账¥100→余额🎂"))

    assert fault.detail == "★¥→🎂"
    assert fault.sentence_zh == ("含通道不支持的字符：“★”请删去、“¥”改为“元”、“→”改为“到”、“🎂”请删去")
    assert "write to for →" in fault.sentence_en


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("汉口→武昌", "汉口到武昌", "汉口to武昌"),
        ("★重要★", "重要", "重要"),
        ("您好^_^", "您好", "您好"),
        ("吃喝&玩乐", "吃喝和玩乐", "吃喝and玩乐"),
        ("[提示]您好", "（提示）您好", "(提示)您好"),
        ("生日快乐🎂 ❤️ 好", "生日快乐 好", "生日快乐 好"),
        ("𠮷先生，您好", "𠮷先生，您好", "𠮷先生，您好"),
    ],
)
def test_an_editor_can_offer_the_text_without_them(text: str, zh: str, en: str) -> None:
    assert (replaced(text), replaced(text, "en")) == (zh, en)


@given(st.text(max_size=60))
def test_a_replaced_text_holds_nothing_that_lines_refuse(text: str) -> None:
    assert refused_in(replaced(text)) == ""
    assert refused_in(replaced(text, "en")) == ""


def test_every_listed_sign_is_refused_and_has_advice() -> None:
    for sign in INSTEAD:
        assert refused_in(f"您好{sign}") == sign
        assert sign in advice(sign)[0]


@pytest.mark.parametrize(
    ("parts", "name", "fen"),
    [
        (0, PriceClass.NONE, "0"), (1, PriceClass.SINGLE, "4.5"), (2, PriceClass.DOUBLE, "9.0"),
        (3, PriceClass.LONG, "13.5"), (8, PriceClass.LONG, "36.0"), (-1, PriceClass.NONE, "0"),
    ],
)  # fmt: skip
def test_a_message_costs_its_parts(parts: int, name: PriceClass, fen: str) -> None:
    assert price_class(parts) is name
    assert price_of(parts, Decimal("4.5")) == Decimal(fen)
    assert len(NAMES[name]) == 2


@given(st.text(max_size=600), st.sampled_from(["sms", "wechat", "wecom", "email"]))
def test_any_text_gets_a_verdict_in_two_languages(text: str, channel: str) -> None:
    for fault in check_limits(Content(channel=channel, sender="江城银行", text=text, subject=text)):
        assert fault.sentence_zh
        assert fault.sentence_en
