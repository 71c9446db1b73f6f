"""Fields of an official account's template messages, kind by kind (official-account spec §5.2)."""

from __future__ import annotations

import pytest

from wenhou.core.limits.platform_fields import KINDS, check_field, check_fields

GOOD = [
    ("thing1", "网点开户业务办理"), ("thing2", "好" * 20), ("thing3", "VIP客户，3号窗口！"),
    ("number1", "12"), ("number2", "3.50"), ("number3", "-1"), ("number4", "9" * 32),
    ("letter1", "ABC"), ("symbol1", "！？"),
    ("character_string1", "T20270308-017"), ("character_string2", "a" * 32),
    ("time1", "15:01"), ("time2", "2026年3月1日 10:20"), ("time3", "2026-03-01 10:20:05"), ("time4", "09:00~17:30"),
    ("date1", "2026年3月1日"), ("date2", "2026-03-01"), ("date3", "2026/3/1 15:01"),
    ("date4", "2026年3月1日~2026年3月8日"),
    ("amount1", "¥123.45"), ("amount2", "100元"), ("amount3", "￥1234567890"),
    ("phone_number1", "027-9558-0000"), ("phone_number2", "+86-13800138000"),
    ("car_number1", "鄂A12345"), ("car_number2", "鄂AD12345"),
    ("name1", "王伟"), ("name2", "Maximilian von Essen"), ("name3", "阿依古丽·买买提"), ("name4", "好" * 10),
    ("phrase1", "已办结"), ("phrase2", "正在处理中"), ("const1", "已受理"), ("short_thing1", "办理中"),
]  # fmt: skip
BAD = [
    ("thing1", "好" * 21, "field_long"), ("thing1", "第一行\n第二行", "value_control"), ("thing1", "", "value_empty"),
    ("thing1", " ", "value_empty"), ("number1", "十二", "field_shape"), ("number1", "9" * 33, "field_long"),
    ("letter1", "A1", "field_shape"), ("letter1", "A" * 33, "field_long"), ("symbol1", "!!!!!!", "field_long"),
    ("symbol1", "a", "field_shape"), ("character_string1", "编号17", "field_shape"),
    ("character_string1", "a" * 33, "field_long"), ("time1", "25:00", "field_shape"), ("time1", "今天", "field_shape"),
    ("time1", "2026-03-01", "field_shape"), ("date1", "3月1日", "field_shape"), ("date1", "2026年13月1日", "field_shape"),
    ("amount1", "12345678901", "field_shape"), ("amount1", "¥¥1", "field_shape"), ("amount1", "一百元", "field_shape"),
    ("phone_number1", "1" * 18, "field_long"), ("phone_number1", "转8001", "field_shape"),
    ("car_number1", "鄂A1234567", "field_shape"), ("name1", "好" * 11, "field_long"), ("name1", "王2", "field_shape"),
    ("name1", "a" * 21, "field_long"), ("name1", "王 Maximilian", "field_long"), ("phrase1", "正在处理之中", "field_long"),
    ("phrase1", "OK", "field_shape"), ("const1", "好" * 21, "field_long"), ("short_thing1", "好" * 6, "field_long"),
    ("first", "您好", "field_unknown"), ("remark1", "谢谢", "field_unknown"), ("thing", "您好", "field_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), GOOD)
def test_a_field_within_its_kind_passes(key: str, value: str) -> None:
    assert check_field(key, value) is None


@pytest.mark.parametrize(("key", "value", "code"), BAD)
def test_a_field_beyond_its_kind_is_named_with_the_reason(key: str, value: str, code: str) -> None:
    found = check_field(key, value)

    assert found is not None
    assert (found.code, found.field) == (code, key)
    assert found.sentence_zh
    assert found.sentence_en


def test_every_kind_is_tried() -> None:
    assert {key.rstrip("0123456789") for key, _ in GOOD} == KINDS


def test_a_constant_must_be_one_of_those_approved_for_the_template() -> None:
    approved = {"const1": frozenset({"已受理", "已办结"})}

    assert check_fields({"const1": "已受理"}, approved) == ()
    assert [one.code for one in check_fields({"const1": "已拒绝", "thing2": "好"}, approved)] == [
        "field_unlisted"
    ]
