"""The first lint rules: what is caught with its tricks, and ordinary sentences with the same characters that pass."""

from __future__ import annotations

import pytest

from templates.lint import blocks, lint, read_rules
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
