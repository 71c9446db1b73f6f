"""Whatever a feed, a file or a person puts into a placeholder: it reads well or it blocks the message."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates import library
from templates.leftovers import odd_in
from templates.placeholders import OddValueError, Placeholder, PlaceholderType, plain_value
from templates.render import render
from templates.salutations import Addressee

T = PlaceholderType
SAMPLES = {
    T.TEXT: "汉正街支行", T.SALUTATION: "王女士", T.DATE: "2027-03-08", T.INSTANT: "2027-03-08T15:30+08:00",
    T.LUNAR_DATE: "八月十五", T.NAME: "陈静", T.MONEY: "123456", T.PHONE: "027-9558-0000",
    T.DIGITS: "6222020200112233",
    T.URL: "https://care.example/f/a",
}  # fmt: skip
KINDS = sorted(SAMPLES)
NASTY: list[Any] = [
    None, "", " ", "\u3000", "\u200b", "\u2060", "\ufeff", "\u3164", "\u2800", "\u115f", "None", "none", "NONE",
    "null",
    "NULL", "nil", "NaN", "nan", "NaT", "N/A", "#N/A", "<NA>", "undefined", "TBD", "todo", "未知", "无", "暂无",
    "（空）",
    "待定", "王女士{{", "}}", "{{ name }}", "{% if x %}", "{# x #}", "${name}", "{{", "王\x00", "王\x07士",
    "王\n女士",
    "王\r\nBcc: x@y.z", "\u202e王女士", "王\u202d女士", "王\u2066女士", "王\u200b女士", "王\ufffd", "王\ud800",
    "🎂", "🎂🎉", "❤️",
    "好" * 300, "a" * 300, "<script>alert(1)</script>", "-", "--", "---", ".", "…", "?", "？？", "()", "（）",
    "《》", "“”",
    "object at 0x7f", True, False, 1.5, float("nan"), Decimal("1.5"), b"x", [], {}, object, 10**5000, -(10**5000),
    datetime(2027, 3, 8, tzinfo=UTC), date(1, 1, 1), date(9999, 12, 31), Addressee(name=""), Addressee(name="None"),
    Addressee(name="无", gender="male", preferred="None"), Addressee(name="测试"), "Z̴͉̈́̓̀a̵̜͎͐l̷̗̏g̶o",
]  # fmt: skip
NAIVE = datetime(2027, 3, 8, 15, 30, tzinfo=UTC).replace(tzinfo=None)
BARE = {T.TEXT, T.SALUTATION, T.NAME, T.PHONE, T.DIGITS, T.URL}
FILTER = {T.DATE: "cn_date", T.INSTANT: "moment", T.LUNAR_DATE: "lunar_day", T.MONEY: "yuan"}
ODD = re.compile(
    r"\bnone\b|\bnull\b|\bnan\b|undefined|[{}<>\x00-\x1f\u200b-\u200f\u202a-\u202e\ufeff\u3164]",
    re.IGNORECASE,
)


def _declared(kind: PlaceholderType, default: str | None = None) -> Placeholder:
    return Placeholder(name="x", type=kind, source="event.name", sample=SAMPLES[kind], default=default)


def _template(kind: PlaceholderType, locale: str = "zh-CN") -> library.TemplateVersion:
    shown = "{{ x }}" if kind in BARE else f"{{{{ x | {FILTER[kind]} }}}}"
    return library.parse(
        "key: probe\nversion: 1\nname: 试\npurpose: service\nchannels: [wechat]\nplaceholders:\n"
        f"  x: {{type: {kind}, source: event.name, sample: '{SAMPLES[kind]}'}}\n"
        f"variants:\n  - id: a\n    wechat: '您好，{shown}，谢谢。'\n",
        locale=locale,
    )


TEMPLATES = {kind: _template(kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_of_every_type_reads(kind: PlaceholderType) -> None:
    assert render(TEMPLATES[kind], "wechat", {"x": SAMPLES[kind]}, signature="江城银行").ok


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", NASTY, ids=range(len(NASTY)))
def test_a_nasty_value_blocks_the_message_with_the_placeholder_named(
    kind: PlaceholderType, value: Any
) -> None:
    rendered = render(TEMPLATES[kind], "wechat", {"x": value}, signature="江城银行")

    assert [(one.code, one.placeholder) for one in rendered.problems] == [("placeholder_missing", "x")]
    assert rendered.problems[0].detail in {"missing", "empty", "odd", "control", "type", "too_long"}
    assert rendered.text == ""


MIXED = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=80), st.dates(), st.datetimes(),
    st.datetimes(timezones=st.timezones()), st.sampled_from(NASTY),
    st.text(alphabet="王李先生女士 ·.-（）《》，。0123{}$<>%NaNnullone"),
    st.builds(Addressee, name=st.text(max_size=12), preferred=st.none() | st.text(max_size=12)),
)  # fmt: skip


@given(st.sampled_from(KINDS), MIXED)
def test_nobody_receives_a_leftover_whatever_the_value(kind: PlaceholderType, value: Any) -> None:
    rendered = render(TEMPLATES[kind], "wechat", {"x": value}, signature="江城银行")

    assert rendered.ok == bool(rendered.text)
    if rendered.ok:
        body = rendered.text
        assert odd_in(body) == ""
        assert not ODD.search(body) or kind is T.TEXT  # a title of an article may speak of <2%
        assert "{{" not in body


@pytest.mark.parametrize("kind", KINDS)
def test_a_default_is_made_plain_like_any_value(kind: PlaceholderType) -> None:
    declared = _declared(kind, default=SAMPLES[kind])

    assert plain_value(declared, None, "zh-CN") == plain_value(declared, SAMPLES[kind], "zh-CN")
    assert plain_value(_declared(kind, default=""), " ", "zh-CN") == ""


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (T.NAME, "先生"), (T.SALUTATION, "女士"), (T.SALUTATION, "尊敬的王女士"), (T.SALUTATION, "Dear Ms Wang"),
        (T.NAME, "None None"), (T.SALUTATION, "null先生 null"), (T.NAME, "王🎂"), (T.NAME, "陈静13800138000"),
        (T.NAME, "<b>陈静</b>"), (T.NAME, "陈静&刘敏"), (T.PHONE, "00000000000"), (T.PHONE, "转8001"), (T.PHONE, "1"),
        (T.DIGITS, "12a"), (T.DIGITS, "１２３"), (T.URL, "http://a.example"), (T.URL, "javascript:alert(1)"),
        (T.URL, 'https://a.example/"onclick'), (T.MONEY, -1), (T.MONEY, "12.5"), (T.MONEY, 10**15), (T.MONEY, 1.0),
        (T.DATE, "2027-02-30"), (T.DATE, "8/3/2027"), (T.INSTANT, "2027-03-08"), (T.INSTANT, "2027-03-08T15:30"),
        (T.INSTANT, "2027-03-08T15:30Z"), (T.INSTANT, NAIVE),
        (T.LUNAR_DATE, "八月三十一"),
        (T.LUNAR_DATE, "十三月初一"), (T.LUNAR_DATE, 815), (T.INSTANT, date(2027, 3, 8)),
    ],
    ids=repr,
)  # fmt: skip
def test_what_has_the_right_shape_but_no_sense_is_odd(kind: PlaceholderType, value: Any) -> None:
    with pytest.raises(OddValueError):
        plain_value(_declared(kind), value, "zh-CN")


@pytest.mark.parametrize(
    ("kind", "value", "plain"),
    [
        (T.NAME, " 陈静 ", "陈静"), (T.NAME, "陈静（客户经理）", "陈静（客户经理）"),
        (T.NAME, "Anna O'Neill", "Anna O'Neill"),
        (T.NAME, "阿依古丽·买买提", "阿依古丽·买买提"), (T.NAME, "𠮷田", "𠮷田"), (T.TEXT, 60, "60"),
        (T.DIGITS, 60, "60"),
        (T.TEXT, "利率<2%的说明", "利率<2%的说明"), (T.TEXT, "存款1.10%", "存款1.10%"), (T.MONEY, "123", 123),
        (T.MONEY, 0, 0),
        (T.DATE, date(2027, 3, 8), date(2027, 3, 8)),
        (T.INSTANT, datetime(2027, 3, 8, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
         datetime(2027, 3, 8, 9, tzinfo=ZoneInfo("Asia/Shanghai"))),
        (T.LUNAR_DATE, "农历闰四月初一", "闰四月初一"), (T.PHONE, "95580", "95580"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_makes_sense_is_taken_as_it_is(kind: PlaceholderType, value: Any, plain: object) -> None:
    assert plain_value(_declared(kind), value, "zh-CN") == plain
