"""`wenhou lint`: rule, level, place, sentence, source; exit 1 on a block, 2 on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from templates.compliance.table import with_table
from wenhou.cli.lint import app
from wenhou.core.errors import InputError

PAGE = Path(__file__).parents[3] / "docs" / "compliance.md"
DOCUMENT = """\
key: hello
version: 1
name: 问候
purpose: care
channels: [wechat, sms]
placeholders:
  who: {type: name, source: advisor.name, sample: 陈静}
variants:
  - id: a
    sms: "{{ who }}祝您安好，稳赚。"
    wechat: |
      {{ who }}祝您安好。
      这款{% if who %}保{% endif %}本。
"""


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=given)


def test_a_block_is_told_with_its_place_sentence_and_source(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("第一行\n这款保　本！\n", encoding="utf-8")

    result = run(str(page))

    assert result.exit_code == 1
    assert f"{page}:2:3  block  promise_principal  “保" in result.output
    assert "不得承诺保本" in result.output
    assert "第二条" in result.output


def test_what_breaks_no_rule_exits_with_0() -> None:
    assert run("-", given="祝您一切安好。").exit_code == 0


def test_a_rate_raises_and_does_not_stop() -> None:
    result = run("-", "--purpose", "service", "--json", given="贷款利率自3月8日起为3.1%。")

    assert result.exit_code == 0
    assert {row["level"] for row in json.loads(result.stdout)} == {"raise"}


def test_each_body_of_a_template_document_is_judged_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "zh-CN.yaml"
    file.write_text(DOCUMENT, encoding="utf-8")

    result = run(str(file), "--json")

    rows = {(row["text"], row["rule"]): (row["line"], row["column"]) for row in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert rows["a.sms", "promise_return"] == (10, 25)
    assert rows["a.wechat", "promise_principal"] == (13, 21)


def test_english_sentences_are_given_where_asked_for() -> None:
    assert "Must not promise a return" in run("-", "--locale", "en", given="稳赚").output


def test_a_finished_sms_owes_signature_and_opt_out_line() -> None:
    result = run("-", "--channel", "sms", "--finished", "--purpose", "care", "--json", given="您好。")

    assert {row["rule"] for row in json.loads(result.stdout)} == {"signature", "opt_out_missing"}


def test_the_banks_own_rules_may_be_named(tmp_path: Path) -> None:
    rules = tmp_path / "own.yaml"
    rules.write_text(
        "rules:\n- {id: x, level: block, patterns: ['江城'], sentence_zh: 一, sentence_en: One., "
        "source: s, confirmed: true}",
        encoding="utf-8",
    )

    assert run("-", "--rules", str(rules), given="江 城").exit_code == 1
    assert run("-", "--rules", str(rules), given="稳赚").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (["-"], b"\xff\xfe\x00", "UTF-8"),
        (["-"], b"a\x00b", "binary"),
        (["no-such-file"], None, "no such file"),
        (["-", "--purpose", "spam"], b"", "known are"),
        ([], None, "name a file"),
    ],
)
def test_bad_input_says_what_is_wrong(arguments: list[str], given: bytes | None, said: str) -> None:
    result = run(*arguments, given=given)

    assert isinstance(result.exception, InputError)
    assert said in str(result.exception)


def test_the_rules_are_listed_with_what_is_unconfirmed() -> None:
    rows = json.loads(run("--list-rules", "--json").stdout)

    assert len(rows) > 30
    assert {row["confirmed"] for row in rows} == {"no"}


def test_the_page_holds_the_rules_as_they_are() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert with_table(page) == page, "run: python -m templates.compliance.table docs/compliance.md"


@pytest.mark.parametrize(("hosts", "said"), [("", True), ("bank.example", False)])
def test_without_a_list_of_hosts_it_says_that_links_are_hardly_judged(
    monkeypatch: pytest.MonkeyPatch, hosts: str, said: bool
) -> None:
    monkeypatch.setenv("WENHOU_LINK_DOMAINS", hosts)
    monkeypatch.setenv("WENHOU_PUBLIC_URL", "")

    result = run("-", given="祝您一切安好。")

    assert (result.exit_code, "WENHOU_LINK_DOMAINS" in result.stderr, result.stdout) == (0, said, "")
