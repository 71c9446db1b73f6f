from __future__ import annotations

import pytest

from wenhou.core.audience import EVERYBODY, AllOf, AnyOf, Condition, Not, Rule, widened
from wenhou.core.audience_fields import CUSTOM, FIELDS, find_field
from wenhou.core.audience_phrases import PHRASES
from wenhou.core.audience_sentences import EN, ZH, sentence

RICH = Condition(field="tier", operator="is", values=("高净值",))
SILENT = Condition(field="days_since_contact", operator="at_least", number=90)
MATURING = Condition(field="matures", operator="within_days", number=30, of=("deposit",))
STAFF = Condition(field="is_staff", operator="is", truth=True)


def _says(rule: Rule) -> tuple[str, str]:
    return sentence(rule, ZH), sentence(rule, EN)


def test_the_rule_of_the_handbook_reads_as_people_say_it() -> None:
    assert _says(AllOf(parts=(RICH, SILENT, MATURING))) == (
        "高净值客户，90天没有联系过，且存款30天内到期",
        "tier 高净值, no contact for 90 days, and deposit maturing within 30 days",
    )


def test_a_nested_tree_keeps_its_brackets() -> None:
    rule = AllOf(parts=(AnyOf(parts=(RICH, MATURING)), Not(part=STAFF)))
    assert _says(rule) == (
        "（高净值客户，或存款30天内到期），且非本行员工",
        "(tier 高净值, or deposit maturing within 30 days), and not staff of the bank",
    )


def test_not_of_a_whole_tree_is_said_of_the_whole() -> None:
    assert _says(Not(part=AnyOf(parts=(RICH, STAFF)))) == (
        "并非“高净值客户，或本行员工”",
        "not (tier 高净值, or staff of the bank)",
    )


def test_not_of_not_is_the_thing_itself() -> None:
    assert _says(Not(part=Not(part=RICH))) == _says(RICH)


@pytest.mark.parametrize(("rule", "chinese"), [(EVERYBODY, "所有客户"), (Not(part=EVERYBODY), "没有客户")])
def test_a_rule_without_parts_is_everybody(rule: Rule, chinese: str) -> None:
    assert sentence(rule, ZH) == chinese


@pytest.mark.parametrize(
    ("condition", "chinese", "english"),
    [
        (
            Condition(field="assets_yuan", operator="at_least", number=1_000_000),
            "资产不少于100万元",
            "assets at least 1,000,000 yuan",
        ),
        (
            Condition(field="replied_to_last", operator="is", truth=False, last=2),
            "没有回复最近2条消息",
            "did not reply to the last 2 messages",
        ),
        (
            Condition(field="rated", operator="at_most", number=2, days=60),
            "60天内有评分不超过2分",
            "a rating of at most 2 within 60 days",
        ),
        (
            Condition(field="consent", operator="is", truth=False, channel="sms", purpose="marketing"),
            "拒绝短信产品营销",
            "refused products and rates by SMS",
        ),
        (
            Condition(field="personal_date", operator="within_days", number=14, of=("birthday",)),
            "14天内有生日",
            "birthday within 14 days",
        ),
        (Condition(field="tier", operator="known", truth=False), "层级未知", "tier not known"),
        (
            Condition(field="custom.会员", operator="is_not", values=("金",)),
            "“会员”不是金",
            "“会员” is not 金",
        ),
        (
            Condition(field="days_since_contact", operator="at_least", number=1),
            "1天没有联系过",
            "no contact for 1 day",
        ),
    ],
)
def test_each_question_has_its_own_words(condition: Condition, chinese: str, english: str) -> None:
    assert _says(condition) == (chinese, english)


def test_every_field_has_a_phrase() -> None:
    assert set(FIELDS) - set(PHRASES) == {"salutation"}


def test_an_opposite_never_reads_like_the_thing_itself() -> None:
    for field in FIELDS.values():
        if field.key == "salutation":
            continue
        rule = Condition(
            field=field.key, operator=field.operators[0], values=("x",), number=5.0, upper=6.0, truth=True,
            of=("csat",), channel="sms", purpose="care", last=2, days=30,
        )  # fmt: skip
        for locale in (ZH, EN):
            assert sentence(rule, locale) != sentence(Not(part=rule), locale), field.key


@pytest.mark.parametrize("key", [CUSTOM, f'{CUSTOM}a"b', f"{CUSTOM}a\\b", f"{CUSTOM}a\nb", "nothing"])
def test_a_key_that_could_leave_its_quotes_is_no_field(key: str) -> None:
    assert find_field(key) is None


def test_a_widened_rule_lets_in_who_is_just_outside() -> None:
    rule = AllOf(
        parts=(
            Condition(field="assets_yuan", operator="between", number=100.0, upper=200.0),
            Condition(field="days_with_bank", operator="at_least", number=10.0),
        )
    )
    wide = widened(rule, "assets_yuan", 10)
    assert isinstance(wide, AllOf)
    assert wide.parts == (
        Condition(field="assets_yuan", operator="between", number=90.0, upper=220.00000000000003),
        rule.parts[1],
    )
