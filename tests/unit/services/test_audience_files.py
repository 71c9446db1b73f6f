from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.integration.audience.rules import RULES
from wenhou.core.audience import AllOf, Condition, Rule
from wenhou.core.errors import InputError
from wenhou.services.audience_files import Vocabulary, rule_document
from wenhou.services.rule_files import bundled_tiers, read_rule_file, read_tags, read_tiers
from wenhou.services.yaml_reading import YamlReader

WORDS = Vocabulary(words={"tier": ("VIP", "高净值", "普通")})


def _refused(text: str) -> tuple[int | None, str]:
    with pytest.raises(InputError) as caught:
        read_rule_file(text, "rule.yaml", WORDS)
    assert str(caught.value).startswith("rule.yaml:")
    return caught.value.line, str(caught.value)


def test_a_rule_is_read_by_itself_or_as_the_audience_of_a_document() -> None:
    rule = Condition(field="tier", operator="is", values=("VIP",))
    assert read_rule_file("{field: tier, is: VIP}", "x") == rule
    assert read_rule_file("key: a\naudience:\n  all:\n    - {field: tier, is: [VIP]}", "x") == AllOf(
        parts=(rule,)
    )


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("all:\n  - {field: teir, is: VIP}", 2, "did you mean tier?"),
        ("all:\n  - {field: tier, is: VIP}\n  - field: tier\n    is: 高净质", 4, "did you mean 高净值?"),
        ("field: tier\nis: []", 2, "the list is empty"),
        ("field: tier\nis: 5", 2, "compared with words, not 5"),
        ("field: tier\nat_least: 5", 2, "known: is, is_not, known"),
        ("field: assets_yuan\nat_leest: 5", 2, "did you mean at_least?"),
        ("field: assets_yuan\nat_least: many", 2, "compared with a number"),
        ("field: assets_yuan\nat_least: .nan", 2, "compared with a number"),
        ("field: assets_yuan\nbetween: [5, 1]", 2, "give the smaller one first"),
        ("field: assets_yuan\nbetween: 5", 2, "takes two values"),
        ("field: opened_on\nafter: soon", 2, "takes a day like 2027-03-01"),
        ("field: opened_on\nbetween: [2027-02-01, 2027-01-01]", 2, "give the earlier one first"),
        ("field: has_advisor\nis: maybe", 2, "true or false"),
        ("field: consent\nis: true\nchannel: sms", 1, "also needs purpose:"),
        ("field: consent\nis: true\nchannel: smss\npurpose: care", 3, "did you mean sms?"),
        ("field: event\nkind: acount_opened\nwithin_days: 3", 2, "did you mean account_opened?"),
        ("field: event\nkind: account_opened\nwithin_days: 9999", 3, "between 0 and 3660"),
        ("field: rated\nat_most: 2", 1, "also needs within_days:"),
        ("field: replied_to_last\nmessages: 0\nis: false", 2, "between 1 and 10"),
        ("al:\n  - {field: tier, is: VIP}", 1, "did you mean all?"),
        ("any: []", 1, "give a list of at least one rule"),
        ("not: 5", 1, "must be a block"),
        ("field: tier\nis: VIP\nis_not: 普通", 3, "ask tier by one of"),
        ("field: tier", 1, "ask tier by one of"),
        (
            "all:\n  - {field: assets_yuan, at_least: 9}\n  - {field: assets_yuan, at_most: 5}",
            3,
            "nobody meets both",
        ),
        ("all:\n  - {field: tier, is: VIP}\n  - {field: tier, is: [普通]}", 3, "nobody meets both"),
        (
            "not: {not: {not: {not: {not: {not: {not: {not: {not: {field: tier, is: VIP}}}}}}}}}",
            1,
            "at most 8 deep",
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line_and_what_would_be_right(
    text: str, line: int, says: str
) -> None:
    found, sentence = _refused(text)
    assert says in sentence
    assert found == line


def test_bounds_on_different_windows_do_not_contradict_each_other() -> None:
    text = (
        "all:\n  - {field: messages, within_days: 7, at_most: 1}\n"
        "  - {field: messages, within_days: 90, at_least: 3}"
    )
    assert isinstance(read_rule_file(text, "x"), AllOf)


def test_words_of_the_bank_are_taken_on_trust_without_a_vocabulary() -> None:
    assert read_rule_file("{field: tier, is: 白金}", "x") == Condition(
        field="tier", operator="is", values=("白金",)
    )


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(RULES)
def test_a_rule_written_out_reads_back_as_the_same_rule(rule: Rule) -> None:
    from wenhou.services.audience_files import _Rules  # noqa: PLC0415 - contradictions are made on purpose

    class _Lenient(_Rules):
        def _refuse_contradiction(self, *_: object) -> None:
            return

    reader = _Lenient(YamlReader("x"), Vocabulary(words={}))
    assert reader.rule(rule_document(rule), None, None, "rule", 0) == rule


_STAFF = "{name: A, when: {field: is_staff, is: true}}"


def test_the_tiers_that_ship_with_wenhou_are_in_order() -> None:
    sheet = read_tiers(bundled_tiers(), "tiers.yaml")
    assert [(axis.column, [step.name for step in axis.steps]) for axis in sheet.axes] == [
        ("tier", ["VIP", "高净值", "普通"]),
        ("need", ["投资", "消费", "储蓄"]),
        ("risk_appetite", ["激进", "稳健", "保守"]),
    ]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("teir: []", 1, "did you mean tier?"),
        ("overrides_file: true", 1, "there is no tier in this file"),
        ("tier:\n  - {name: VIP}", 2, "is missing: give a rule"),
        ("tier:\n  - name: A\n    when: {field: tier, is: B}", 3, "can not ask for tier itself"),
        (
            f"tier:\n  - {_STAFF}\n  - {_STAFF}",
            3,
            "stands twice",
        ),
        (
            "hysteresis_percent: 90\ntier:\n  - {name: A, when: {field: is_staff, is: true}}",
            1,
            "between 0 and 50",
        ),
    ],
)
def test_wrong_tiers_are_refused_with_their_line(text: str, line: int, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_tiers(text, "tiers.yaml")
    assert caught.value.line == line


def test_a_tag_can_not_hang_on_another_automatic_tag() -> None:
    text = (
        "tags:\n  - {tag: 甲, when: {field: is_staff, is: true}}\n  - tag: 乙\n    when: {field: tag, is: 甲}"
    )
    with pytest.raises(InputError, match="itself an automatic tag") as caught:
        read_tags(text, "tags.yaml")
    assert caught.value.line == 4
