"""The console says a fault in Chinese; what nobody foresaw stays as it is, never blank."""

from __future__ import annotations

import re

import pytest

from console.faults import divided, in_chinese
from tests.unit.services.campaigns.test_bad_input import GREETING, SOUND
from wenhou.core.errors import InputError
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaign_reading import faults_of

_CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GREETING.replace("care", "car", 1), "purpose 不认识 'car'；是不是 care？"),
        (GREETING + "colour: red\n", "没有字段 colour"),
        (GREETING + "audience: {field: stat, is: [active]}\n", "audience：不认识 'stat'；是不是 state？"),
        (GREETING.replace('"18:00"', '"25:00"'), 'until 应为带引号的时间，如 "09:30"'),
        (GREETING.replace('"18:00"', '"08:00"'), "截止 08:00 不晚于 send_at 09:00"),
        (SOUND.replace("after: ask", "after: mend"), "步骤 mend 在等自己"),
        (SOUND + "holdout: 5\n", "不设对照组"),
        (f"{GREETING}---\n{GREETING}", "两个活动的代码都是 greeting"),
        ("- x\n", "活动是一组"),
    ],
)
def test_a_fault_is_said_in_chinese(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_campaigns(text, "")
    said = [in_chinese(fault.sentence) for fault in faults_of(caught.value)]
    assert any(words in one for one in said), said
    assert all(_CHINESE.search(one) for one in said)


def test_what_no_pattern_knows_stays_as_it_is() -> None:
    assert in_chinese("the moon is full") == "the moon is full"


def test_a_remark_is_divided_from_its_place() -> None:
    assert divided("file.yaml:12:3: wait longer") == (12, 3, "wait longer")
    assert divided("12:3: wait longer") == (12, 3, "wait longer")
    assert divided("wait longer") == (None, None, "wait longer")
