"""A skeleton that was used stays as it is; the letter says the same in both parts."""

from __future__ import annotations

import hashlib

import pytest

from templates import email_skeleton
from templates.mail.letter_1 import content_id
from tests.unit.templates.mail.letters import CARD, SAMPLE, bundled_mails
from wenhou.core.errors import TemplateError

PLAIN = [
    (
        {
            "locale": "zh-CN",
            "subject": "王女士，生日快乐 <b>",
            "paragraphs": "王女士：\n\n今天八月十五。\n谢谢。\n\n陈静\n汉正街支行",
            "bank": "江城银行",
            "branch": "汉正街支行",
            "hotline": "027-5550-0100",
            "reason": "因为",
            "preferences_url": "https://care.example/p/a?b=1&c=2",
            "action_label": "看一看",
            "action_url": "https://care.example/x",
        },
        "f75a143bddcf168c0c403e82859e77e408bfc8a1de9b62e225c04b8613aa857a",
        "82f4d510d7de193fc972cb4bbc6511c417ee2ed974b5943335ce47be65c2f221",
    ),
    (
        {"locale": "en", "subject": "Hello", "paragraphs": "One", "bank": "Bank & Co"},
        "487bba247cb3b2a9d20390427133b2372281f8365f4905d1882bf8be8a35197c",
        "e29c60ab2e4a867a5f89a934c223c2188793a4f3739938cdacc43083cbb212ae",
    ),
]


@pytest.mark.parametrize(("parameters", "text", "html"), PLAIN)
def test_the_first_skeleton_is_the_same_byte_for_byte(
    parameters: dict[str, str], text: str, html: str
) -> None:
    mail = email_skeleton.build("plain/1", parameters)

    assert hashlib.sha256(mail.text.encode()).hexdigest() == text
    assert hashlib.sha256(mail.html.encode()).hexdigest() == html


def test_both_parts_say_the_same() -> None:
    mail = email_skeleton.build("letter/1", {**SAMPLE, **CARD.parameters("zh-CN")})

    for words in (
        "王女士：",
        "今天八月十五，是您的生日。",
        "愿您平安。",
        "陈静",
        "027-5550-0123",
        "选一个方便的时间",
        CARD.alt_zh,
        "江城银行 · 汉正街支行",
        "同意接收问候",
        "客服电话：027-5550-0100",
        "不会在邮件中索要密码",
    ):
        assert words in mail.text
        assert words in mail.html
    assert "https://care.example/f/a" in mail.text
    assert f'src="cid:{content_id(CARD.digest)}"' in mail.html
    assert 'width="536" height="280"' in mail.html


def test_the_words_own_sign_off_is_signed_once_with_the_phone_under_it() -> None:
    mail = email_skeleton.build("letter/1", {**SAMPLE, "advisor": "陈静"})

    assert mail.text.count("陈静") == 1
    assert "陈静\n汉正街支行\n027-5550-0123\n\n-- \n" in mail.text


def test_words_without_a_sign_off_get_the_advisors() -> None:
    words = "王女士：\n\n存款到期了，请留意。"

    mail = email_skeleton.build("letter/1", {**SAMPLE, "paragraphs": words, "advisor": "陈静"})

    assert "请留意。" in mail.text
    assert "陈静\n汉正街支行\n027-5550-0123" in mail.text


def test_a_last_sentence_is_never_taken_for_a_sign_off() -> None:
    mail = email_skeleton.build("letter/1", {**SAMPLE, "paragraphs": "王女士：\n\n祝好！", "phone": ""})

    assert ">祝好！</p>" in mail.html
    assert 'font-weight:bold;color:#2b2926;">祝好' not in mail.html


@pytest.mark.parametrize(
    "change",
    [
        {"card": "sha256:xyz"},
        {"card_alt": " "},
        {"card_width": "0"},
        {"card_height": "12px"},
        {"card_width": None},
    ],
)
def test_a_card_that_is_not_described_whole_makes_no_mail(change: dict[str, str | None]) -> None:
    whole = {**SAMPLE, **CARD.parameters("zh-CN"), **change}
    parameters = {name: value for name, value in whole.items() if value is not None}

    with pytest.raises(TemplateError, match="a card needs"):
        email_skeleton.build("letter/1", parameters)


def test_every_bundled_mail_is_built_again_from_its_parameters() -> None:
    for name, mail in bundled_mails():
        again = email_skeleton.build(str(mail.skeleton_id), dict(mail.parameters))

        assert (again.text, again.html) == (mail.text, mail.html), name
