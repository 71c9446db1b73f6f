"""The rule file: what it holds, and that every fault names its place and what would be right."""

from __future__ import annotations

import re

import pytest

from templates.compliance.about import About
from templates.compliance.checks.registry import CHECKS
from templates.compliance.lint import lint
from templates.compliance.rules import RULES_FILE, bundled_rules, read_rules
from wenhou.core.errors import TemplateError

_RIGHT = {
    "id": "x",
    "level": "warn",
    "patterns": "['好']",
    "sentence_zh": "a",
    "sentence_en": "a",
    "source": "a",
    "confirmed": "false",
}


def _file(**changes: str) -> str:
    fields = {**_RIGHT, **changes}
    lines = [f"  {name}: {value}" for name, value in fields.items() if value]
    return "rules:\n- " + "\n".join(lines).lstrip() + "\n"


def test_every_rule_is_complete_and_none_is_confirmed_by_us() -> None:
    for rule in bundled_rules().rules:
        assert re.search(r"[\u4e00-\u9fff]", rule.sentence_zh)
        assert rule.sentence_en.endswith(".")
        assert rule.source
        assert not rule.is_confirmed
    assert "MUST BE CONFIRMED" in RULES_FILE.read_text(encoding="utf-8").split("\nrules:")[0]


def test_every_check_is_used_by_a_rule() -> None:
    assert {rule.check for rule in bundled_rules().rules if rule.check} == set(CHECKS)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "the file is empty"),
        ("[", "not valid YAML"),
        ("- a", "expected names with values"),
        ("rules: []", "at least one item"),
        (_file(level="loud"), r"3:10: unknown 'loud'; known are: block, raise, warn"),
        (_file(patterns="['(']"), r"4:14: not a pattern"),
        (_file(patterns="['a*']"), r"4:14: repeats without a limit; write \{0,20\}"),
        (_file(patterns="['(?:a{0,50}b){0,50}']"), "a repeat within a repeat"),
        (_file(patterns=r"['(a)\1']"), "refers back"),
        (_file(patterns="['a?']"), "matches nothing at all"),
        (_file(patterns="['<who>']"), "unknown macro <who>"),
        (_file(patterns=""), "nothing to look for"),
        (_file(sentence_en=""), "missing: sentence_en"),
        (_file(check="magic"), "unknown 'magic'; known are: answer_order"),
        (_file(purposes="[spam]"), "unknown 'spam'; known are: service"),
        (_file(colour="red"), "unknown field 'colour'"),
        (_file() + _file().partition("\n")[2], "two rules have the id 'x'"),
    ],
)
def test_a_broken_rule_file_names_place_and_remedy(source: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said) as caught:
        read_rules(source, "own.yaml")

    assert str(caught.value).startswith("own.yaml:")


def test_a_bank_may_bring_its_own_rules() -> None:
    book = read_rules(_file(patterns="['江城']", purposes="[care]"), "own.yaml")

    assert [hit.rule for hit in lint("江 城", About(purpose="care"), book)] == ["x"]
    assert lint("江城", About(purpose="service"), book) == ()
    assert lint("保本", About(purpose="care"), book) == ()


def test_an_exception_excuses_only_what_it_covers() -> None:
    book = read_rules(_file(patterns="['好']", unless="['不好']"), "own.yaml")

    assert [hit.start for hit in lint("不好，真好", About(purpose="care"), book)] == [4]
