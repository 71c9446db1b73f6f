"""Every bundled mail keeps the rules of known mail programs, and every rule can be broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from templates import email_skeleton
from templates.mail.client_rules import RULES, check
from tests.unit.templates.mail.letters import CARD, SAMPLE, bundled_mails

SOUND = email_skeleton.build("letter/1", {**SAMPLE, **CARD.parameters("zh-CN")}).html


def test_every_bundled_mail_keeps_every_rule() -> None:
    broken = {}
    count = 0
    for name, mail in bundled_mails():
        count += 1
        assert mail.ok, (name, mail.problems)
        if found := check(str(mail.html)):
            broken[name] = found

    assert broken == {}
    assert count >= 100


def test_the_letter_with_card_button_and_signature_keeps_every_rule() -> None:
    assert check(SOUND) == ()


BREAKS = {
    "active": ("</table>", "<svg></svg></table>"),
    "remote": ('src="cid:', 'src="https://pictures.example/'),
    "layout": ("margin:0 0 18px 0;", "margin:0 0 18px 0;display:flex;"),
    "table_width": ('width="100%" class', "class"),
    "too_wide": ('width="600"', 'width="720"'),
    "bgcolor": (' bgcolor="#ffffff"', ""),
    "inline": ("color:#2b2926;", ""),
    "style_block": ("<style>\n", "<style>\np{margin:0}"),
    "images": (f'alt="{CARD.alt_zh}"', 'alt=""'),
    "links": ("选一个方便的时间", "点击这里"),
    "weight": ("</body>", "<!-- " + "x\n" * 50_000 + "--></body>"),
    "lines": ("</body>", "x" * 999 + "</body>"),
    "preheader": ("display:none;", ""),
    "language": (' lang="zh-CN"', ""),
    "scheme": ("supported-color-schemes", "unsupported"),
    "contrast": ("color:#5f5a54", "color:#a5a09a"),
    "size": ("font-size:14px", "font-size:12px"),
}


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_each_rule_finds_a_mail_that_breaks_it(rule: str) -> None:
    was, becomes = BREAKS[rule]
    assert was in SOUND

    found = check(SOUND.replace(was, becomes))

    assert rule in {broken.rule for broken in found}


@pytest.mark.parametrize(
    ("rule", "was", "becomes"),
    [
        ("links", 'href="https://care.example/f/a"', 'href=""'),
        ("links", 'href="https://care.example/f/a"', 'href="javascript:x"'),
        ("links", "选一个方便的时间", ""),
        ("active", "</table>", "<p onclick='x'></p></table>"),
        ("active", "</table>", "<form></form></table>"),
        ("remote", "background-color:#ffffff;", "background:url(https://a.example/b.png);"),
        ("layout", "margin:0 0 18px 0;", "margin:-4px 0 18px 0;"),
        ("layout", "margin:0 0 18px 0;", "float:left;"),
        ("images", ' height="280"', ""),
        ("contrast", ".ink{color:#eceae6!important}", ".ink{color:#5a5650!important}"),
        ("inline", "color:#2f5288;", ""),
        ("contrast", '<img class="soft"', "<img"),
    ],
)
def test_a_rule_sees_each_way_to_break_it(rule: str, was: str, becomes: str) -> None:
    assert was in SOUND

    assert rule in {broken.rule for broken in check(SOUND.replace(was, becomes))}


def test_every_rule_says_whom_it_is_for_what_is_lost_and_how_sure_that_is() -> None:
    for rule in RULES:
        assert rule.clients
        assert rule.drops
        assert rule.source
        assert rule.confidence in {"standard", "vendor", "known"}
    assert {rule.id for rule in RULES} == set(BREAKS)


def test_the_page_for_readers_holds_every_rule() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "email-rendering.md").read_text(encoding="utf-8")

    for rule in RULES:
        assert f"| `{rule.id}` | {rule.clients} | {rule.drops} | {rule.source} | {rule.confidence} |" in page
