"""Texts filed with providers: what they refuse, how they are filled, which of our words they can carry."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.errors import InputError
from wenhou.core.limits import dialects
from wenhou.core.limits.dialects import ALIYUN, HUAWEI, TENCENT, Dialect
from wenhou.core.limits.filed import FiledText, check_filed, check_values, fill, find_fit, list_fits

NO_VARIABLES = replace(TENCENT, in_notices=False, in_promotions=False)


def _filed(text: str, dialect: Dialect = ALIYUN, *, promotional: bool = False) -> FiledText:
    return FiledText(code="SMS_1", text=text, dialect=dialect, promotional=promotional)


@pytest.mark.parametrize(
    ("text", "dialect", "promotional", "codes"),
    [
        ("${name}，您好。", ALIYUN, False, []),
        ("{1}，您好，{2}敬上。", TENCENT, False, []),
        ("${1}，您好，${2}敬上。", HUAWEI, False, []),
        ("${TEXT}，您的电话${PHONE}已登记。", HUAWEI, False, []),
        ("${name}，生日快乐！拒收请回复R", ALIYUN, True, []),
        ("您好，生日快乐！拒收请回复R", HUAWEI, True, []),
        ("", ALIYUN, False, ["filed_empty"]),
        ("  ", ALIYUN, False, ["filed_empty"]),
        ("${name}，生日快乐！", ALIYUN, True, ["opt_out_missing"]),
        ("${name}，生日快乐！拒收请回复R。", ALIYUN, True, ["opt_out_missing"]),
        ("${name}，生日快乐！回T退订", ALIYUN, True, ["opt_out_missing"]),
        ("${1}，生日快乐！拒收请回复R", HUAWEI, True, ["filed_variables"]),
        ("{1}，您好。", NO_VARIABLES, False, ["filed_variables"]),
        ("【江城银行】${name}，您好。", ALIYUN, False, ["filed_brackets"]),
        ("[江城银行]${name}，您好。", ALIYUN, False, ["filed_brackets", "characters"]),
        ("${name}${day}是您的生日。", ALIYUN, False, ["filed_adjacent"]),
        ("{1}{2}", TENCENT, False, ["filed_all_variables", "filed_adjacent"]),
        ("${name}。", ALIYUN, False, ["filed_all_variables"]),
        ("${name}，您好，${name}。", ALIYUN, False, ["filed_twice"]),
        ("${1}，您好，${1}。", HUAWEI, False, []),
        ("{1}，您好，{3}。", TENCENT, False, ["filed_numbers"]),
        ("{2}，您好，{1}。", TENCENT, False, []),
        ("{name}，您好。", TENCENT, False, ["filed_syntax"]),
        ("${name，您好。", ALIYUN, False, ["filed_syntax"]),
        ("$name，您好。", ALIYUN, False, ["filed_syntax"]),
        ("{{ name }}，您好。", TENCENT, False, ["filed_syntax"]),
        ("${NAME}，您好。", HUAWEI, False, ["filed_syntax"]),
        ("★${name}，您好。", ALIYUN, False, ["characters"]),
        ("生日快乐🎂${name}。", ALIYUN, False, ["characters"]),
        ("好" * 501, ALIYUN, False, ["too_many_units"]),
        ("，".join(f"好{{{number}}}" for number in range(1, 22)), TENCENT, False, ["filed_many_variables"]),
    ],
)
def test_a_text_the_provider_would_refuse_is_found_before_it_is_filed(
    text: str, dialect: Dialect, promotional: bool, codes: list[str]
) -> None:
    assert [one.code for one in check_filed(_filed(text, dialect, promotional=promotional))] == codes


@pytest.mark.parametrize(
    ("value", "dialect", "codes"),
    [
        ("王女士", ALIYUN, []),
        ("王" * 35, ALIYUN, []),
        ("王" * 36, ALIYUN, ["value_long"]),
        ("阿依古丽女士", TENCENT, []),
        ("阿依古丽女士好", TENCENT, ["value_long"]),
        ("𠮷𠮷𠮷", TENCENT, []),
        ("𠮷𠮷𠮷𠮷", TENCENT, ["value_long"]),
        ("王" * 100, dialects.TENCENT_OLD, []),
        ("", ALIYUN, ["value_empty"]),
        ("   ", ALIYUN, ["value_empty"]),
        ("https://a.example/x", ALIYUN, ["value_link"]),
        ("www.a.cn", ALIYUN, ["value_link"]),
        ("江城.com看看", ALIYUN, []),
        ("jcbank.com看看", ALIYUN, ["value_link"]),
        ("t.cn/Abc", ALIYUN, ["value_link"]),
        ("3.5折", ALIYUN, []),
        ("【他行】", ALIYUN, ["value_brackets"]),
        ("[x]", ALIYUN, ["value_brackets"]),
        ("王\n女士", ALIYUN, ["value_control"]),
        ("王\u202e女士", ALIYUN, ["value_control"]),
        ("${name}", ALIYUN, ["value_variable"]),
        ("{1}", TENCENT, ["value_variable"]),
        ("王★", ALIYUN, ["characters"]),
        ("王🎂", ALIYUN, ["characters"]),
    ],
)
def test_a_value_the_provider_would_refuse_is_found_before_the_call(
    value: str, dialect: Dialect, codes: list[str]
) -> None:
    name = "1" if dialect.numbered else "name"
    filed = _filed("{1}，您好。" if dialect.numbered else "${name}，您好。", dialect)

    faults = check_values(filed, {name: value})

    assert [one.code for one in faults] == codes
    assert all(one.field == name for one in faults)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("PHONE", "027-9558-0000", "王女士"),
        ("DATETIME", "3月8日15:30", "明天"),
        ("MONEY", "1,234.56", "很多"),
        ("TEXT", "王女士", ""),
    ],
)
def test_a_typed_variable_takes_only_its_kind(kind: str, good: str, bad: str) -> None:
    filed = _filed(f"您好，${{{kind}}}已登记。", HUAWEI)

    assert check_values(filed, {"1": good}) == ()
    assert [one.code for one in check_values(filed, {"1": bad})] == ["value_kind" if bad else "value_empty"]


def test_each_variable_has_one_value_and_no_value_is_left_over() -> None:
    filed = _filed("${name}，${day}是您的生日。")

    assert [(one.code, one.field) for one in check_values(filed, {"name": "王女士", "x": "1"})] == [
        ("value_unknown", "x"),
        ("value_missing", "day"),
    ]


def test_a_figure_filed_for_one_variable_is_stricter_than_the_dialect() -> None:
    filed = replace(_filed("${name}，您好，${note}。"), longest={"name": 4, "note": 90})

    faults = check_values(filed, {"name": "阿依古丽女士", "note": "好" * 36})

    assert [(one.field, one.detail) for one in faults] == [("name", "6"), ("note", "36")]


def test_a_filed_text_is_filled_to_the_words_the_customer_reads() -> None:
    filed = _filed("{2}，今天{1}是您的生日。", TENCENT)

    assert fill(filed, {"1": "3月8日", "2": "王女士"}) == "王女士，今天3月8日是您的生日。"
    with pytest.raises(InputError, match="为空") as refused:
        fill(filed, {"1": "", "2": "王女士"})
    assert refused.value.code == "value_empty"


def test_the_words_that_a_filed_text_can_carry_are_found_with_their_values() -> None:
    filed = [_filed("${name}，节日安康！", ALIYUN), _filed("${name}，今天${day}是您的生日。${who}贺", ALIYUN)]
    texts = {
        "a": "王女士，今天3月8日是您的生日。陈静贺",
        "b": "王女士，生日快乐！",
        "c": "王女士，节日安康！",
    }

    fits = list_fits(texts, filed)

    assert set(fits) == {"a", "c"}
    assert fits["a"].values == {"name": "王女士", "day": "3月8日", "who": "陈静"}
    assert fill(fits["a"].filed, fits["a"].values) == texts["a"]


def test_words_fit_only_with_values_the_provider_takes() -> None:
    assert find_fit("阿依古丽·买买提女士，您好。", [_filed("{1}，您好。", TENCENT)]) is None
    assert find_fit("www.a.cn，您好。", [_filed("${1}，您好。", HUAWEI)]) is None
    assert find_fit("甲您好。乙", [_filed("${1}您好。${1}", HUAWEI)]) is None
    assert find_fit("王，您好，王", [_filed("${1}，您好，${1}", HUAWEI)]) is not None


def test_words_that_repeat_the_fixed_words_are_matched_in_bounded_time() -> None:
    filed = _filed("a".join(f"{{{number}}}" for number in range(1, 21)) + "b", dialects.TENCENT_OLD)
    started = time.perf_counter()

    assert find_fit("a" * 500, [filed]) is None
    assert time.perf_counter() - started < 1.5


VALUES = st.text(alphabet="王李张女士先生3月8日a1", min_size=1, max_size=6)


@given(
    st.lists(VALUES, min_size=1, max_size=4),
    st.lists(st.sampled_from("，您好。安康"), min_size=5, max_size=5),
)
def test_what_was_filled_is_found_again_and_reads_the_same(values: list[str], words: list[str]) -> None:
    text = words[0] + "".join(f"{{{number + 1}}}{words[number + 1]}" for number in range(len(values)))
    filed = _filed(text, TENCENT)
    read = fill(filed, {str(number + 1): value for number, value in enumerate(values)})

    fit = find_fit(read, [filed])

    assert fit is not None
    assert fill(filed, fit.values) == read


@given(st.text(max_size=40), st.sampled_from([ALIYUN, TENCENT, HUAWEI]))
def test_any_text_and_any_value_get_a_verdict(text: str, dialect: Dialect) -> None:
    filed = _filed(text, dialect)

    for fault in (*check_filed(filed), *check_values(filed, {"1": text}), *check_values(filed, {})):
        assert fault.sentence_zh
        assert fault.sentence_en
        assert "{" not in fault.sentence_zh or "{" in text


@pytest.mark.parametrize(
    ("text", "name", "names"),
    [
        ("${name}，${day}好", "aliyun", ("name", "day")),
        ("{2}，{1}好", "tencent", ("2", "1")),
        ("${1}，${2}，${1}好", "huawei", ("1", "2")),
        ("${TEXT}，${PHONE}好", "huawei", ("1", "2")),
        ("您好", "aliyun", ()),
    ],
)
def test_the_dialect_of_a_text_shows_in_its_variables(text: str, name: str, names: tuple[str, ...]) -> None:
    dialect = dialects.dialect_of(text)

    assert dialect.name == name
    assert _filed(text, dialect).names == names
