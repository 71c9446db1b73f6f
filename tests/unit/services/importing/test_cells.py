"""One cell at a time: what is taken, and what a wrong one is told."""

from __future__ import annotations

from datetime import date

import pytest

from wenhou.services.importing import cells
from wenhou.services.importing.cells import CellError
from wenhou.services.importing.fields import BY_KEY, FIELDS, find_field, nearest_heading

TODAY = date(2027, 1, 30)


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("birthday_solar", "1990-02-30", "30"),
        ("birthday_solar", "2023-02-29", "闰年"),
        ("birthday_solar", "农历八月十五", "农历生日"),
        ("birthday_lunar", "08-31", "30 天"),
        ("birthday_lunar", "八月三十一", "30 天"),
        ("birthday_solar", "2031-01-01", "之后"),
        ("phone", "027-85558888", "固定电话"),
        ("phone", "1380013800", "手机"),
        ("email", "wang@", "@"),
        ("gender", "猫", "男"),
        ("assets", "很多", "金额"),
        ("external_ref", "1.23457E+17", "科学计数法"),
        ("consent_sms_care", "也许", "是"),
        ("opened_on", "03-08", "年份"),
        ("time_zone", "Mars/Olympus", "Asia/Shanghai"),
    ],
)
def test_a_wrong_cell_says_what_would_be_right(key: str, text: str, says: str) -> None:
    with pytest.raises(CellError) as caught:
        BY_KEY[key].parse(text, TODAY)
    assert says in caught.value.zh
    assert caught.value.en.isascii() or "年" not in caught.value.en


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("phone", "+86 138-0013-8000", "+8613800138000"),
        ("assets", "-8,019", -801900),
        ("assets", "12.5万", 12500000),
        ("gender", "女", "female"),
        ("tags", "理财客户；房贷客户、理财客户", ["理财客户", "房贷客户"]),
        ("state", "销户", "closed"),
        ("locale", "英文", "en"),
    ],
)
def test_a_right_cell_is_read(key: str, text: str, value: object) -> None:
    assert BY_KEY[key].parse(text, TODAY) == value


def test_digits_under_the_lunar_heading_are_lunar() -> None:
    day = cells.lunar_day("08-15", TODAY)
    assert (day.calendar, day.month, day.day) == ("lunar", 8, 15)


def test_a_default_looking_date_is_questioned_not_refused() -> None:
    day = cells.solar_day("1970-01-01", TODAY)
    assert day.question is not None
    assert day.question.code == "default_looking_date"


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("客户号", "external_ref"),
        ("Customer No", "external_ref"),
        ("资产（元）", "assets"),
        ("微信OpenID", "wechat_openid"),
        ("B角", "deputy_advisor"),
        ("短信关怀同意", "consent_sms_care"),
        ("企微营销同意", "consent_wecom_marketing"),
    ],
)
def test_a_heading_is_found_in_chinese_and_english(heading: str, key: str) -> None:
    assert find_field(heading) == key


def test_no_heading_stands_for_two_fields() -> None:
    seen: dict[str, str] = {}
    for field in FIELDS:
        for name in (*field.headings, field.key):
            assert seen.setdefault(name.casefold(), field.key) == field.key
            assert find_field(name) == field.key


def test_an_unknown_heading_is_told_the_nearest() -> None:
    assert nearest_heading("客戶号") == "客户号"
    assert nearest_heading("qqqq") is None
