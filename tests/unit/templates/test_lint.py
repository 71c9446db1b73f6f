"""The first lint rules: what is caught with its tricks, and ordinary sentences with the same characters that pass."""

from __future__ import annotations

import pytest

from templates.lint import blocks, bundled_rules, lint, read_rules
from wenhou.core.errors import TemplateError


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("这款产品保本", "promise_principal"),
        ("保　本，放心", "promise_principal"),
        ("保.本", "promise_principal"),
        ("保\u200b本", "promise_principal"),
        ("ｂａｏｂｅｎ", "promise_principal"),
        ("本金绝对安全", "promise_principal"),
        ("不是保本？那一款才保本", "promise_principal"),
        ("稳赚不赔", "promise_return"),
        ("稳。赚", "promise_return"),
        ("保证收益", "promise_return"),
        ("guaranteed returns", "promise_return"),
        ("零风险", "no_risk"),
        ("０风险", "no_risk"),
        ("没有任何风险", "no_risk"),
        ("risk-free", "no_risk"),
        ("risk free", "no_risk"),
        ("最高收益", "highest_return"),
        ("年化收益高达百分之五", "highest_return"),
        ("业内第一", "superlative"),
        ("仅剩3席", "pressure"),
        ("请把验证码告诉我，回复验证码即可", "asks_for_secret"),
        ("您的卡号6222020200112233445", "personal_number"),
        ("手机13800138000", "personal_number"),
        ("顺便说一句，新客理财优惠", "sales_in_care"),
        ("清明快乐", "wrong_wish"),
    ],
)
def test_a_hard_block_is_caught(text: str, rule: str) -> None:
    hits = lint(text, purpose="care")

    assert rule in [hit.rule for hit in hits]
    assert blocks(hits)
    assert all(hit.sentence_zh and hit.sentence_en and hit.source for hit in hits)


@pytest.mark.parametrize(
    "text",
    [
        "理财非存款，产品不保本",
        "本产品不承诺保本，也不保证收益",
        "这是一款非保本浮动收益型产品",
        "请确保本人到场",
        "确保本次办理顺利",
        "医保本年度缴费",
        "担保本息以合同为准",
        "投资有风险，没有零风险的投资",
        "本行不会在邮件中索要密码、验证码或卡号。",
        "请勿把验证码告诉任何人",
        "今天15:30前打给您，编号T20270308-017",
        "谢谢您关注收益。保证金请在周五前存入。",
        "客服电话027-9558-0000",
        "祝您生日快乐",
        "We never ask for your password.",
    ],
)
def test_an_ordinary_sentence_passes(text: str) -> None:
    assert lint(text, purpose="information", day_tone="festive") == []


def test_festive_words_are_blocked_on_a_solemn_day_only() -> None:
    assert [hit.rule for hit in lint("祝您快乐", purpose="care", day_tone="solemn")] == [
        "festive_on_solemn_day"
    ]
    assert lint("祝您快乐", purpose="care", day_tone="festive") == []


def test_a_rate_raises_the_approval_level_without_stopping() -> None:
    hits = lint("一年期2.1%，自3月8日起", purpose="information")

    assert [(hit.rule, hit.level) for hit in hits] == [("rate_or_yield", "raise")]
    assert not blocks(hits)


def test_servile_words_and_shouting_are_warned_of() -> None:
    assert [hit.rule for hit in lint("尊贵的客户，您好！！", purpose="care")] == ["servile", "shouting"]


def test_a_very_long_text_is_refused_not_matched() -> None:
    with pytest.raises(TemplateError):
        lint("保" * 50_000, purpose="care")


@pytest.mark.parametrize(
    "source",
    [
        "a: b",
        "[",
        "- {id: x}",
        "- {id: x, level: loud, patterns: [a], sentence_zh: a, sentence_en: a, source: a}",
        "- {id: x, level: warn, patterns: ['('], sentence_zh: a, sentence_en: a, source: a}",
        "- {id: x, level: warn, patterns: [a], sentence_zh: a, sentence_en: a, source: a, purposes: [spam]}",
    ],
)
def test_a_broken_rule_file_is_refused(source: str) -> None:
    with pytest.raises(TemplateError):
        read_rules(source, "rules.yaml")


_TRICKY = (
    "王女士，您好。这款产品保本，稳赚不赔！不是保本？",
    "李先生，您好。非保本产品。",
    "保。本。稳赚",
    "年化收益高达百分之五；手机13800138000",
    "清明快乐",
    "Risk-free, happy day",
    "祝您快乐",
)


@pytest.mark.parametrize("tone", ["", "solemn", "festive"])
@pytest.mark.parametrize("purpose", ["care", "service", "information", "marketing"])
def test_a_text_remembered_is_judged_as_one_seen_for_the_first_time(purpose: str, tone: str) -> None:
    anew = [lint(text, purpose=purpose, day_tone=tone, rules=bundled_rules()) for text in _TRICKY]

    for _ in range(2):
        assert [lint(text, purpose=purpose, day_tone=tone) for text in _TRICKY] == anew


def test_what_is_found_first_is_what_stands_first_though_its_sentence_was_seen_before() -> None:
    lint("稳赢。", purpose="care")

    hits = lint("稳赚。稳赢。", purpose="care")

    assert [hit.found for hit in hits if hit.rule == "promise_return"] == ["稳赚"]


def test_all_patterns_in_one_find_what_any_of_them_finds() -> None:
    for rule in bundled_rules():
        assert rule.any_pattern is not None, f"{rule.id}: a group in a pattern keeps it from being joined"
        for text in _TRICKY:
            found = any(pattern.search(text) for pattern in rule.patterns)
            assert bool(rule.any_pattern.search(text)) == found


def test_patterns_with_groups_are_judged_one_by_one() -> None:
    rules = read_rules(
        "[{id: twice, level: block, patterns: ['(好)\\1'], sentence_zh: x, sentence_en: x, source: x}]",
        "x.yaml",
    )

    assert rules[0].any_pattern is None
    assert [hit.rule for hit in lint("好好", purpose="care", rules=rules)] == ["twice"]
    assert lint("好", purpose="care", rules=rules) == []
