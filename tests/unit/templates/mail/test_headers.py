"""A subject no header may hold is a problem before anybody approves it."""

from __future__ import annotations

import pytest

from templates.mail.headers import refused_in_name, refused_in_subject
from tests.unit.templates.mail.letters import bundled_mails


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("王女士，生日快乐", ""),
        ("Happy birthday, Ms Wang", ""),
        ("祝您平安 🎂", ""),
        ("一家人👨\u200d👩\u200d👧", ""),
        ("生日快乐\r\nBcc: all@bank.example", "control"),
        ("hello\nX: y", "control"),
        ("tab\there", "control"),
        ("行\u2028分", "control"),
        ("空\x00字", "control"),
        ("反\u202eexe.txt", "direction"),
        ("零\u200b宽", "invisible"),
        ("\ufeff开头", "invisible"),
        ("=?utf-8?B?5L2g?=", "encoded_word"),
        ("长" * 121, "length"),
        ("  ", "empty"),
    ],
)
def test_what_a_subject_may_hold(subject: str, why: str) -> None:
    assert refused_in_subject(subject) == why


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("江城银行", ""),
        ("Jiangcheng Bank", ""),
        ("江城银行 <ceo@bank.example>", "address"),
        ("名" * 61, "length"),
    ],
)
def test_a_display_name_is_no_address_of_somebody_else(name: str, why: str) -> None:
    assert refused_in_name(name) == why


def test_every_bundled_subject_is_safe() -> None:
    for name, mail in bundled_mails():
        assert refused_in_subject(str(mail.subject)) == "", name
