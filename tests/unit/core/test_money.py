"""Amounts as people write them, to fen and back, nothing rounded on the way in."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.money import MAX_FEN, MoneyInvalid, format_money, format_wan, format_yuan, parse_money


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12.5万", 12_500_000), ("1,234.56", 123_456), ("-8,019", -801_900), ("(8,019)", -801_900),
        ("0", 0), ("-0", 0),
        ("¥1,000", 100_000), ("￥-5", -500), ("-¥5", -500), ("1.2亿元", 12_000_000_000),
        ("１２，３４５．６", 1_234_560),
        ("3千", 300_000), ("12.5 万元", 12_500_000), ("100元整", 10_000), ("RMB 5", 500), ("−3", -300),
        ("5w", 5_000_000),
        ("12.34567万", 12_345_670), ("1.50", 150), (" 7 ", 700), ("1.5000", 150),
    ],
)  # fmt: skip
def test_an_amount_is_read_to_the_fen(text: str, fen: int) -> None:
    assert parse_money(text) == fen


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "money_empty"), ("  ", "money_empty"), ("abc", "money_invalid"), ("1e5", "money_invalid"),
        ("1,23", "money_invalid"), ("1,2345", "money_invalid"), ("--5", "money_invalid"),
        ("-¥-5", "money_invalid"),
        ("(5", "money_invalid"), ("nan", "money_invalid"), ("1.", "money_invalid"), ("5%", "money_invalid"),
        ("1.234", "money_fraction"), ("0.0000001万", "money_fraction"),
        ("1" * 18, "money_too_large"), ("9" * 80, "money_invalid"), ("12万3千", "money_invalid"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_told_what_would_be_right(text: str, code: str) -> None:
    with pytest.raises(MoneyInvalid) as caught:
        parse_money(text)

    assert caught.value.code == code
    assert caught.value.sentence_zh
    assert caught.value.sentence_en


@given(st.integers(min_value=-MAX_FEN, max_value=MAX_FEN))
def test_what_is_written_reads_back_the_same(fen: int) -> None:
    assert parse_money(format_yuan(fen)) == fen
    assert parse_money(format_money(fen)) == fen


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (format_yuan(-801_900), "-8,019.00"), (format_money(80_000), "800元"), (format_money(5), "0.05元"),
        (format_money(123_456), "1,234.56元"), (format_money(12_500_000), "12.5万元"),
        (format_money(-12_500_000), "-12.5万元"),
        (format_money(10**10), "1亿元"), (format_wan(12_345_678), "12.35万"), (format_wan(-1), "0.00万"),
    ],
)  # fmt: skip
def test_people_read_a_plain_amount(shown: str, text: str) -> None:
    assert shown == text


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    with contextlib.suppress(MoneyInvalid):
        assert abs(parse_money(text)) <= MAX_FEN
