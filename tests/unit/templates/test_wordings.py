"""Wordings: how many a template makes, how they are named, and that people near each other read different ones."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from templates import library
from templates.render import render
from templates.wordings import MAX_ID, Nearby, Wordings, choose
from wenhou.core.errors import TemplateError

BIRTHDAY = library.bundled().get("birthday").wordings_for()
HEAD = """key: greeting
version: 1
name: 问候
purpose: care
channels: [wechat, sms]
placeholders:
  salutation: {type: salutation, source: customer.salutation, sample: 王女士}
turns:
  wish:
    - 愿家人安康
    - {text: 愿您这一年诸事都顺手, sms: 愿您诸事顺手}
    - 愿您吃得香睡得好
  close: [改天再叙, 常来坐坐]
variants:
"""
PLAIN = """  - id: a
    wechat: "{{ salutation }}，{{ wish }}。{{ close }}。"
    sms: "{{ salutation }}：{{ wish }}，{{ close }}。"
  - id: b
    wechat: "{{ salutation }}，过节了，{{ wish }}。"
    sms: "{{ salutation }}，过节好，{{ wish }}。"
"""


def _parse(variants: str) -> library.TemplateVersion:
    return library.parse(HEAD + variants, locale="zh-CN", file="greeting.yaml")


TURNS = _parse(PLAIN)


def test_turns_multiply_a_variant_into_wordings() -> None:
    ids = [wording.id for wording in TURNS.wordings_for()]

    assert sorted(ids) == sorted(
        [*(f"a.{wish}.{close}" for wish in (1, 2, 3) for close in (1, 2)), "b.1", "b.2", "b.3"]
    )
    assert max(map(len, ids)) <= MAX_ID


def test_every_wording_reads_differently_on_every_channel() -> None:
    wordings = TURNS.wordings_for()
    for channel in TURNS.channels:
        texts = {
            render(TURNS, channel, {"salutation": "王女士"}, variant=one, signature="江城银行").text
            for one in wordings
        }
        assert len(texts) == len(wordings)


def test_an_sms_takes_its_own_shorter_piece() -> None:
    values = {"salutation": "王女士"}

    assert "诸事都顺手" in render(TURNS, "wechat", values, variant="a.2.1").text
    assert "愿您诸事顺手，" in render(TURNS, "sms", values, variant="a.2.1", signature="江城银行").text


def test_a_kept_id_gives_the_same_words_again() -> None:
    for one in TURNS.wordings_for():
        assert TURNS.get_wording(one.id) == one


@pytest.mark.parametrize("wording_id", ["c", "a.9.1", "a.0.1", "a.1", "b.x", "b.1.1", ""])
def test_an_unknown_wording_is_refused(wording_id: str) -> None:
    with pytest.raises(TemplateError, match="no wording"):
        TURNS.get_wording(wording_id)


def test_neighbours_in_the_order_differ_in_variant_or_in_every_piece() -> None:
    wordings = TURNS.wordings_for()
    for one, other in pairwise(wordings):
        assert one.variant.id != other.variant.id or all(
            a != b for a, b in zip(one.picks, other.picks, strict=True)
        )


@pytest.mark.parametrize(
    ("variants", "sentence"),
    [
        ('  - {id: a, wechat: "{{ wish }}", sms: "好"}\n', "not on sms"),
        ('  - {id: a, nameless: true, wechat: "{{ salutation }}好", sms: "好"}\n', "says it is nameless"),
        ('  - {id: a, tiers: [VIP], wechat: "好", sms: "好"}\n', "customers of every tier"),
        ('  - {id: a, voice: loud, wechat: "好", sms: "好"}\n', "unknown 'loud'"),
        ('  - {id: a_very_long_name, wechat: "{{ wish }}", sms: "{{ wish }}"}\n', "at most 12"),
        ('  - {id: a, wechat: "{{ wish | cn_date }}", sms: "{{ wish }}"}\n', "does not fit"),
    ],
)
def test_a_broken_variant_is_refused_with_its_place(variants: str, sentence: str) -> None:
    with pytest.raises(TemplateError, match=sentence) as caught:
        _parse(variants)

    assert caught.value.file == "greeting.yaml"
    assert caught.value.line is not None


@pytest.mark.parametrize(
    ("turns", "sentence"),
    [
        ("  wish: [好]\n", "two pieces or more"),
        ("  wish: [好, 好]\n", "no two of them alike"),
        ("  wish: [好, '{{ salutation }}好']\n", "plain text"),
        ("  wish: [好, '【江城】']\n", "plain text"),
        ("  salutation: [好, 您好]\n", "name of its own"),
        ("  wish: [{text: 好, sms: 安}, {text: 您好, sms: 安}]\n", "no two of them alike"),
    ],
)
def test_a_broken_turn_is_refused(turns: str, sentence: str) -> None:
    source = (
        HEAD[: HEAD.index("turns:")] + "turns:\n" + turns + "variants:\n  - {id: a, wechat: 好, sms: 好}\n"
    )
    with pytest.raises(TemplateError, match=sentence):
        library.parse(source, locale="zh-CN")


def test_tier_voice_and_line_choose_among_the_variants() -> None:
    version = _parse(
        """  - {id: a, wechat: "{{ salutation }}好", sms: "{{ salutation }}好"}
  - {id: v, tiers: [VIP], wechat: "{{ salutation }}安", sms: "{{ salutation }}安"}
  - {id: f, voice: formal, wechat: "{{ salutation }}，敬祝安康", sms: "{{ salutation }}，敬祝安康"}
  - {id: n, nameless: true, wechat: "节日安康", sms: "节日安康"}
"""
    )

    def ids(**terms: object) -> set[str]:
        return {one.id for one in version.wordings_for(**terms)}  # type: ignore[arg-type]  # names of its own keywords

    assert ids() == {"a", "f"}
    assert ids(tier="VIP") == {"v"}
    assert ids(tier="普通", voice="formal") == {"f"}
    assert ids(voice="warm") == {"a", "f"}
    assert ids(nameless=True) == {"n"}


def test_the_same_question_has_the_same_answer() -> None:
    again = Wordings(list(reversed(BIRTHDAY.variants)))

    assert _chosen("C-1", 2027) == choose(again, customer="C-1", advisor="a1", year=2027).id


def test_a_customer_s_wording_differs_from_the_last_two_years() -> None:
    for number in range(500):
        ids = [_chosen(f"C-{number}", year) for year in (2025, 2026, 2027)]
        assert len(set(ids)) == 3


def test_a_new_advisor_does_not_bring_an_old_wording_back() -> None:
    for number in range(500):
        last = _chosen(f"C-{number}", 2026)
        now = choose(BIRTHDAY, customer=f"C-{number}", advisor="a2", year=2027, nearby=Nearby(own={last}))
        assert now.id != last


def test_nobody_near_reads_the_same_while_there_are_other_words() -> None:
    close: set[str] = set()
    for number in range(80):
        close.add(
            choose(BIRTHDAY, customer=f"C-{number}", advisor="", year=2027, nearby=Nearby(close=close)).id
        )

    assert len(close) == 80


def test_a_book_reads_every_wording_before_one_twice() -> None:
    wordings, book = TURNS.wordings_for(), Counter[str]()
    for number in range(3 * len(wordings)):
        chosen = choose(wordings, customer=f"C-{number}", advisor="a1", year=2027, nearby=Nearby(book=book))
        book[chosen.id] += 1
        assert max(book.values()) - min(book[one.id] for one in wordings) <= 1


def test_a_household_member_gets_another_variant_not_only_another_closing() -> None:
    wordings = TURNS.wordings_for()
    for number in range(100):
        first = choose(wordings, customer=f"C-{number}", advisor="", year=2027)
        second = choose(
            wordings, customer=f"D-{number}", advisor="", year=2027, nearby=Nearby(close={first.id})
        )
        assert first.variant.id != second.variant.id


def test_own_last_words_are_passed_over_before_anything_else() -> None:
    wordings = TURNS.wordings_for()
    book = {one.id: 5 for one in wordings if one.id != "b.1"}
    for number in range(100):
        chosen = choose(
            wordings, customer=f"C-{number}", advisor="", year=2027, nearby=Nearby(own={"b.1"}, book=book)
        )
        assert chosen.id != "b.1"


def test_wordings_spread_over_customers_and_over_colleagues() -> None:
    customers = Counter(_chosen(f"C-{number}", 2027) for number in range(40_000))
    colleagues = Counter(
        choose(BIRTHDAY, customer="C-1", advisor=f"a{number}", year=2027).id for number in range(40_000)
    )

    for counted in (customers, colleagues):
        assert len(counted) == len(BIRTHDAY)
        assert min(counted.values()) > 0.5 * 40_000 / len(BIRTHDAY)


def test_nothing_to_choose_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="no wordings"):
        choose(Wordings([]), customer="C-1", advisor="a1", year=2027)


def _chosen(customer: str, year: int) -> str:
    return choose(BIRTHDAY, customer=customer, advisor="a1", year=year).id
