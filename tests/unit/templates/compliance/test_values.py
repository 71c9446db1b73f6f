"""At planning only values are judged, and the answer is that of the whole text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates import library
from templates.compliance.about import About
from templates.compliance.lint import lint, places_in
from templates.compliance.rules import bundled_rules
from templates.compliance.values import mark, prepare, value_hits

_EXPRESSION = re.compile(r"\{\{\s*([a-z_]+).*?\}\}")
_TAG = re.compile(r"\{%.*?%\}")
_NASTY = (
    "保 稳 赚 本 零 风险 138 00138000 保本 。 ， ！ % 1.5% 元 五万 快乐 ben zhuan 险 女士 王 钟 伞 送 4 250 【 】 http:// "
    "evil.com 岁 七十三 密码 \u200b 龘 不 不会 0 t.cn 订单号 3月8日 公告 适合C3 投资有风险 谁说 理财 推荐"
).split(" ")
_VALUES = st.one_of(
    st.sampled_from(_NASTY),
    st.text(alphabet=st.sampled_from("".join(_NASTY) + "王李张丽娜敏明 ab-."), max_size=12),
    st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6),
)
_ABOUTS = st.builds(
    About,
    purpose=st.sampled_from(["care", "service", "information", "marketing"]),
    channel=st.sampled_from(["", "sms", "wechat", "email"]),
    day_tone=st.sampled_from(["", "solemn", "festive"]),
    is_finished=st.booleans(),
    signature=st.sampled_from(["", "江城银行"]),
    domains=st.sampled_from([frozenset[str](), frozenset({"bank.example"})]),
)


def _bundled_sources() -> list[str]:
    """Texts of the bundled library with marks where their values stand."""
    rows = [row for version in library.bundled().versions.values() for row in version.source.splitlines()]
    texts = [row.partition(":")[2].strip() for row in rows if "{{" in row]
    return [_TAG.sub("", _EXPRESSION.sub(lambda found: mark(found[1]), text)) for text in texts]


SOURCES = _bundled_sources()
_MADE_UP = st.lists(
    st.one_of(st.sampled_from(_NASTY), st.sampled_from([mark("a"), mark("b")])), min_size=1, max_size=8
).map("".join)


@settings(max_examples=300, deadline=None)
@given(source=st.one_of(st.sampled_from(SOURCES), _MADE_UP), about=_ABOUTS, data=st.data())
def test_values_are_judged_as_the_whole_text_is(source: str, about: About, data: st.DataObject) -> None:
    wording = prepare(source, about, often=data.draw(st.sampled_from([0, 64])))
    for _ in range(2):
        values = {name: data.draw(_VALUES) for name in wording.names}

        assert value_hits(wording, values) == lint(wording.rendered(values), about)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(_VALUES, _MADE_UP), about=_ABOUTS)
def test_a_text_made_neutral_breaks_the_same_rules_at_the_same_places(text: str, about: About) -> None:
    found = [(hit.rule, hit.start, hit.end) for hit in lint(text, about)]
    rules = bundled_rules().chosen(about).rules

    assert found == [
        (rules[number].id, start, end) for number, start, end in places_in(text, about, bundled_rules())
    ]


def test_a_word_split_between_wording_and_value_is_found() -> None:
    wording = prepare(f"这款产品保{mark('name')}，您放心", About(purpose="marketing"))

    assert "promise_principal" not in [hit.rule for hit in wording.static_hits]
    assert "promise_principal" in [hit.rule for hit in value_hits(wording, {"name": "本"})]
    assert "promise_principal" not in [hit.rule for hit in value_hits(wording, {"name": "丽"})]


def test_hits_of_the_words_alone_are_known_at_once() -> None:
    wording = prepare(f"{mark('name')}，稳赚不赔", About(purpose="marketing"))

    assert [hit.rule for hit in wording.static_hits] == ["promise_return"]


def test_names_that_no_rule_tells_apart_are_judged_once() -> None:
    wording = prepare(f"{mark('name')}，您好。", About(purpose="care"))

    for name in ("李娜", "李敏", "赵娜"):
        value_hits(wording, {"name": name})

    assert len(wording.known) == 1


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        value_hits(prepare(mark("name"), About(purpose="care")), {})
