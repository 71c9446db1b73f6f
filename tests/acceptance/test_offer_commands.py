"""The commands of products, advice cards, published rates and opinions, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import EVE, ROOT, Shell

EXAMPLES = ROOT / "docs" / "examples"
RATES_CAMPAIGN = """\
key: rates_feb
name: {zh-CN: 二月挂牌利率, en: Rates of February}
purpose: information
trigger: {type: once, on: 2027-02-15}
template: rate_news
channels: [sms]
approval: two_persons
"""
RATES_HEAD = "number: 1号\npublished_on: 2027-01-25\neffective_on: 2027-02-01\nsource: x\n"
OPINION_HEAD = "number: '1'\nreviewer: x\nvalid_until: 2027-02-28\n"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(folder=tmp_path / "data", settings={"WENHOU_NOW": EVE, "WENHOU_FREEZE": "1"})
    assert made.run("init").code == 0
    for login, role in (("wuyun", "operations"), ("heqing", "compliance")):
        added = made.run("users", "add", login, "--name", login, "--role", role, "--org", "HQ")
        assert added.code == 0, added.err
    return made


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_card_is_written_submitted_approved_shown_and_retired(shell: Shell) -> None:
    products, card = str(EXAMPLES / "products.yaml"), str(EXAMPLES / "advice-card.yaml")
    applied = shell.run("products", "apply", products, "--as", "wuyun", "--json")
    assert applied.json == {"JC-WA-1Y": "created", "HS-GROW": "created"}, applied.err
    assert [row["code"] for row in shell.run("products", "list", "--json").json] == ["HS-GROW", "JC-WA-1Y"]

    assert shell.run("advice", "apply", card, "--as", "wuyun", "--json").json == {
        "product": "JC-WA-1Y",
        "version": 1,
        "outcome": "created",
    }
    submitted = shell.run("advice", "submit", "JC-WA-1Y", "--as", "wuyun")
    assert submitted.code == 0, submitted.err
    assert shell.run("advice", "approve", "JC-WA-1Y", "--as", "wuyun").code == 1
    assert shell.run("advice", "approve", "JC-WA-1Y", "--as", "heqing").code == 0
    shown = shell.run("advice", "show", "JC-WA-1Y", "--as", "heqing")
    assert all(word in shown.out for word in ("优点", "风险", "适合谁", "不适合谁", "2027-01-15"))
    (row,) = shell.run("advice", "list", "--as", "heqing", "--json").json
    assert (row["product"], row["version"], row["state"]) == ("JC-WA-1Y", 1, "approved")
    assert shell.run("advice", "retire", "JC-WA-1Y", "--as", "heqing").code == 0
    assert shell.run("advice", "retire", "JC-WA-1Y", "--as", "heqing").code == 1
    assert shell.run("advice", "show", "NOWHERE", "--as", "heqing").code == 2


def test_rates_are_entered_by_one_and_approved_by_another(shell: Shell) -> None:
    rates = str(EXAMPLES / "published-rates.yaml")
    applied = shell.run("rates", "apply", rates, "--as", "wuyun", "--json")
    assert applied.json == {"number": "2027年第3号", "outcome": "created", "rates": 3}, applied.err
    assert shell.run("rates", "apply", rates, "--as", "wuyun", "--json").json["outcome"] == "unchanged"
    assert shell.run("rates", "approve", "2027年第3号", "--as", "wuyun").code == 1
    assert shell.run("rates", "approve", "2027年第3号", "--as", "heqing").code == 0
    (row,) = shell.run("rates", "list", "--json").json
    assert (row["number"], row["state"], row["approved_by"]) == ("2027年第3号", "in_force", "heqing")
    assert "0.95" in shell.run("rates", "show", "2027年第3号").out
    assert shell.run("rates", "show", "9号").code == 2


def test_a_campaign_waits_for_its_opinion_and_says_so(shell: Shell, tmp_path: Path) -> None:
    policy = written(tmp_path, "policy.yaml", "campaigns_need_opinion: true\n")
    assert shell.run("policy", "apply", policy, "--as", "wuyun").code == 0
    campaign = written(tmp_path, "rates.yaml", RATES_CAMPAIGN)
    assert shell.run("campaigns", "apply", campaign, "--as", "wuyun").code == 0
    live = shell.run("campaigns", "live", "rates_feb", "--as", "wuyun")
    assert (live.code, "wenhou opinions add rates_feb" in live.err) == (1, True)

    options = ("--number", "消保〔2027〕1号", "--reviewer", "何清", "--valid-until", "2027-02-28")
    material = ("--material", "rate_news@1")
    assert shell.run("opinions", "add", "rates_feb", *options, *material, "--as", "wuyun").code == 1
    added = shell.run("opinions", "add", "rates_feb", *options, *material, "--as", "heqing", "--json")
    assert added.json["outcome"] == "created", added.err
    assert shell.run("campaigns", "live", "rates_feb", "--as", "wuyun").code == 0
    (row,) = shell.run("opinions", "list", "--expiring", "30", "--as", "heqing", "--json").json
    assert (row["number"], row["state"], row["days_left"]) == ("消保〔2027〕1号", "valid", 23)
    assert shell.run("opinions", "list", "--expiring", "7", "--as", "heqing", "--json").json == []
    shown = shell.run("opinions", "show", "rates_feb", "消保〔2027〕1号", "--as", "heqing")
    assert "rate_news@1" in shown.out
    assert shell.run("opinions", "show", "rates_feb", "9", "--as", "heqing").code == 2


@pytest.mark.parametrize(
    ("command", "text", "place"),
    [
        ("rates apply", "number: 1号\npublished_on: 2027-02-30\n", "bad.yaml:2:15"),
        ("rates apply", RATES_HEAD + "rates: []\n", "bad.yaml:5:1"),
        (
            "rates apply",
            RATES_HEAD + "rates:\n  - {key: a, product: 活期, term: 不限, rate: 0.95}\n",
            "bad.yaml:6:37",
        ),
        ("rates apply", "- 1\n", "bad.yaml"),
        ("rates apply", "numbr: 1号\n", "bad.yaml:1:1"),
        (
            "advice apply",
            "product: A\nsource: x\nsource_on: 2027-01-01\nzh-CN: {advantages: 好}\n",
            "bad.yaml:4:",
        ),
        ("advice apply", "product: A\nsource: x\nsource_on: gestern\n", "bad.yaml:3:1"),
        ("advice apply", "product: [\n", "bad.yaml:2:1"),
        (
            "products apply",
            "products:\n  - {code: A, name: 甲, issuer: 乙, risk_level: 6}\n",
            "bad.yaml:2:35",
        ),
        (
            "products apply",
            "products:\n  - {code: A, name: 甲, issuer: 乙, risk_level: 1, oops: 1}\n",
            "bad.yaml:2:50",
        ),
        ("opinions add rates_feb", "number: 1\n", "bad.yaml:1:1"),
        ("opinions add rates_feb", OPINION_HEAD + "materials:\n  - {name: a, sha256: zz}\n", "bad.yaml:5:15"),
        (
            "opinions add rates_feb",
            "number: '1'\nreviewer: x\nvalid_from: 2027-03-01\nvalid_until: 2027-02-28\n",
            "bad.yaml:4:1",
        ),
        ("opinions add rates_feb", OPINION_HEAD + "conclusion: maybe\n", "bad.yaml:4:1"),
        ("opinions add rates_feb", OPINION_HEAD, "bad.yaml:1:1"),
    ],
)
def test_a_bad_file_is_named_with_line_and_column(
    shell: Shell, tmp_path: Path, command: str, text: str, place: str
) -> None:
    refused = shell.run(*command.split(), written(tmp_path, "bad.yaml", text), "--as", "heqing")

    assert refused.code == 2, refused.out
    assert place in refused.err


def test_wrong_options_of_an_opinion_are_named(shell: Shell) -> None:
    for words, said in (
        ((), "missing --number, --reviewer, --valid-until"),
        (("--number", "1", "--reviewer", "x", "--valid-until", "morgen"), "--valid-until"),
        (("--number", "1", "--reviewer", "x", "--valid-until", "2027-03-01"), "--material"),
        (
            ("--number", "1", "--reviewer", "x", "--valid-until", "2027-03-01", "--material", "x"),
            "TEMPLATE@VERSION",
        ),
        (("--number", "1", "--reviewer", "x", "--valid-until", "2027-03-01", "--conclusion", "no"), "agree"),
    ):
        refused = shell.run("opinions", "add", "rates_feb", *words, "--as", "heqing")
        assert (refused.code, said in refused.err) == (2, True), refused.err
