"""Every bundled text, on every channel, for ordinary and odd customers: it renders, fits, and passes the lint.

Of the thousands of wordings those are rendered that hold each piece once and the longest pieces together (lengths add
up); that no two wordings read alike is looked at for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from templates import library
from templates.compliance.about import About
from templates.compliance.lint import LintHit, lint
from templates.library import TemplateVersion
from templates.placeholders import PlainValue, Value, plain_value
from templates.render import Rendered, render
from templates.salutations import Addressee
from templates.wordings import Variant, Wording
from tests.unit.templates.bundled_words import (
    EDGE_CUSTOMERS,
    FOOTER,
    LONG_NAMES,
    MINORS,
    PLAIN,
    SIGNATURE,
    SOLEMN,
    all_wordings,
    each_piece,
    first,
    lacking,
    longest,
    values_for,
)

LIBRARY = library.bundled()
VERSIONS = tuple(LIBRARY.versions.values())
LEFTOVERS = "None null {{ }} {% %} ，， 。。 ，。 。， ：。 ！。 ,. .. ，！ 尊贵 亲爱的 尊敬的 ！！ !! 顺祝商祺".split()
BIG = ("spring_festival", "mid_autumn", "new_year", "national_day", "dragon_boat")
FESTIVALS = (
    *BIG, "lantern", "qingming", "double_ninth", "regional_festival", "womens_day", "mothers_day", "fathers_day",
    "childrens_day", "qixi", "labour_day", "laba", "dongzhi",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One rendering and what it was made of."""

    version: TemplateVersion
    label: str
    wording: Wording
    found: Rendered

    @property
    def name(self) -> tuple[str, ...]:
        return (self.version.key, self.version.locale, self.wording.id, self.found.channel, self.label)


def _render(
    version: TemplateVersion, channel: str, wording: Wording, values: dict[str, Value | None]
) -> Rendered:
    return render(version, channel, values, variant=wording, signature=SIGNATURE, footer=FOOTER)


def _cases() -> Iterator[Case]:
    """Every customer with all that is optional and, by turns, without; the longest pieces; every piece."""
    for version in VERSIONS:
        for number, variant in enumerate(version.variants):
            wanted = list(_wanted(version, variant, number))
            for channel in version.channels:
                for label, without, wording in wanted:
                    values = values_for(version, label, without=without)
                    found = _render(version, channel, wording, values)
                    yield Case(version=version, label=label, wording=wording, found=found)


def _wanted(
    version: TemplateVersion, variant: Variant, number: int
) -> Iterator[tuple[str, frozenset[str], Wording]]:
    for wording in each_piece(variant):
        yield "ordinary", frozenset(), wording
    if variant.nameless:
        return  # no customer shows in it
    for place, label in enumerate(EDGE_CUSTOMERS):
        known, *less = lacking(version, label)
        yield label, known, first(variant)
        for without in less[(number + place) % 2 :: 2] if label not in PLAIN else less:
            yield label, without, first(variant)
    for label in ("no gender", "two-character surname"):
        for without in lacking(version, label)[:3]:
            yield label, without, longest(variant)


CASES = tuple(_cases())


def _is_long(case: Case) -> bool:
    """Whether a name is too long for a promise: 王小明小朋友 is only promised a birthday."""
    return case.label in LONG_NAMES or (case.label in MINORS and case.version.key != "birthday_child")


def test_every_text_renders_for_every_customer() -> None:
    broken = [(case.name, case.found.problems) for case in CASES if not case.found.ok]

    assert len(CASES) > 10_000
    assert broken == []


def test_no_text_holds_a_leftover() -> None:
    for case in CASES:
        text = f"{case.found.subject or ''}\n{case.found.text}"
        left = [one for one in (*LEFTOVERS, "  ", " ，") if one in text]
        assert left == [], (case.name, text)


def test_every_sms_keeps_the_length_it_promises() -> None:
    over = [
        (case.name, case.found.units, case.found.text)
        for case in CASES
        if case.found.channel == "sms" and case.found.units > case.version.sms_units and not _is_long(case)
    ]

    assert over == []


def test_every_chinese_sms_promises_one_part_and_every_english_one_two() -> None:
    for version in VERSIONS:
        assert version.sms_units <= (70 if version.locale == "zh-CN" else 134), version.key


def test_every_sms_is_signed_and_offers_a_refusal_where_owed() -> None:
    for case in CASES:
        if case.found.channel == "sms":
            assert case.found.text.startswith("【江城银行】")
            assert case.found.text.count("【") == 1
            assert case.found.text.endswith("拒收请回复R") == (case.version.purpose != "service")


def _hits(case: Case) -> tuple[LintHit, ...]:
    """What the lint says: of an SMS and of each mail's first wording as the customer reads it, of the rest its words."""
    is_solemn = case.wording.variant.quiet or case.version.key in SOLEMN
    is_finished = case.found.channel == "sms" or case.wording == first(case.wording.variant)
    about = About(
        purpose=case.version.purpose,
        day_tone="solemn" if is_solemn else "festive",
        channel=case.found.channel,
        locale=case.version.locale,
        is_finished=is_finished,
        signature=SIGNATURE,
        festival=case.version.key if case.version.key in FESTIVALS else "",
        template=case.version.key,
        domains=frozenset({"care.example"}),
    )
    words = case.found.text if is_finished else case.found.parameters.get("paragraphs", case.found.text)
    return lint(f"{case.found.subject}\n{words}" if case.found.subject else words, about)


def _is_linted(case: Case) -> bool:
    """Each frame on each channel, each piece as the SMS says it, and as a mail does where that is something else."""
    if case.label != "ordinary":
        return False
    is_first = case.wording == first(case.wording.variant)
    says_more = any(turn.pieces != turn.sms for turn in case.wording.variant.turns)
    return is_first or case.found.channel == "sms" or (case.found.channel == "email" and says_more)


@pytest.mark.parametrize("purpose", sorted({version.purpose for version in VERSIONS}))
def test_every_text_passes_the_lint(purpose: str) -> None:
    hits = {
        (*case.name[:4], hit.rule, hit.found)
        for case in CASES
        if case.version.purpose == purpose and _is_linted(case)
        for hit in _hits(case)
    }

    assert sorted(hits) == []


def test_both_parts_of_a_mail_say_the_same() -> None:
    for case in CASES:
        if case.found.channel == "email":
            assert case.found.html is not None
            for paragraph in case.found.parameters["paragraphs"].split("\n"):
                assert paragraph in case.found.text
                assert paragraph.replace("'", "&#39;") in case.found.html


def _read(version: TemplateVersion, wording: Wording, channel: str) -> str:
    """What a channel says, without what is put around it: fast enough to read all of them."""
    body = wording.variant.bodies[channel]
    values: dict[str, PlainValue] = {
        name: plain_value(version.placeholders[name], values_for(version, "ordinary")[name], version.locale)
        for name in body.uses
    }
    values |= wording.pieces(channel)
    parts = [body.text] if body.text else list(body.paragraphs)
    return "\n".join(part.render(values).strip() for part in parts)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_no_wording_reads_like_another_of_any_template(locale: str) -> None:
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for version in VERSIONS:
        if version.locale != locale:
            continue
        for variant in version.variants:
            for wording in all_wordings(variant):
                for channel in version.channels:
                    text = _read(version, wording, channel)
                    other = seen.setdefault((channel, text), (version.key, wording.id))
                    assert other == (version.key, wording.id), (channel, text)

    assert len(seen) > 10_000


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("key", FESTIVALS)
def test_an_advisors_book_finds_enough_wordings_on_one_day(key: str, locale: str) -> None:
    version = LIBRARY.get(key, locale)
    wanted = 200 if key in BIG else 60

    assert len(version.wordings_for()) >= wanted
    assert len(version.wordings_for(nameless=True)) >= 40
    for voice in ("plain", "warm", "formal"):
        assert len(version.wordings_for(voice=voice)) >= 8
        assert all(wording.variant.voice == voice for wording in version.wordings_for(voice=voice))
    if key not in SOLEMN:
        assert len(version.wordings_for("solemn")) >= 8
        assert len(version.wordings_for("solemn", nameless=True)) >= 8


@pytest.mark.parametrize("key", [*BIG, "lantern", "double_ninth"])
def test_the_great_festivals_have_words_for_the_wealthy(key: str) -> None:
    for tier in ("VIP", "高净值"):
        found = LIBRARY.get(key).wordings_for(tier=tier)
        assert len(found) >= 40
        assert all(tier in wording.variant.tiers for wording in found)


def test_a_birthday_reads_as_written() -> None:
    birthday = library.bundled().get("birthday")
    values: dict[str, Value | None] = {
        "salutation": Addressee(name="欧阳明月", gender="female"),
        "advisor": "陈静",
        "branch": "汉正街支行",
    }

    text = render(birthday, "sms", values, variant="a", signature=SIGNATURE).text

    assert text == (
        "【江城银行】欧阳女士，今天是您的生日。愿您新岁平安，诸事顺手，今天只管高兴。陈静。拒收请回复R"
    )


def test_a_greeting_reads_as_written() -> None:
    version = LIBRARY.get("mid_autumn")
    values: dict[str, Value | None] = {
        "salutation": Addressee(name="王伟", gender="male", preferred="总"),
        "advisor": "陈静",
        "signed": "陈静 敬上",
        "own_words": "您爱喝的那款茶，今年又到了。",
        "branch": "汉正街支行",
    }

    assert render(version, "wechat", values, variant="b.1.3").text == (
        "王总，又到中秋，给您道声好。\n愿您想见的人在身边。\n话慢慢说，不着急。\n"
        "您爱喝的那款茶，今年又到了。\n汉正街支行 陈静 敬上"
    )
    assert render(version, "wechat", {**values, "own_words": None, "signed": None}, variant="b.1.3").text == (
        "王总，又到中秋，给您道声好。\n愿您想见的人在身边。\n话慢慢说，不着急。\n汉正街支行 陈静"
    )


def test_a_first_answer_has_apology_owner_time_and_number_in_that_order() -> None:
    answer = library.bundled().get("case_first_answer")
    values = {
        "salutation": "王女士",
        "handler": "刘敏",
        "answer_by": "今天15:30",
        "case_no": "T1-017",
        "hotline": "027-9558-0000",
    }

    for channel in answer.channels:
        for variant in answer.variants:
            text = render(answer, channel, values, variant=variant, signature=SIGNATURE).text
            sorry = min(text.index(word) for word in ("对不起", "抱歉") if word in text)
            places = [sorry, *(text.index(word) for word in ("刘敏", "今天15:30", "T1-017"))]
            assert places == sorted(places), text


@pytest.mark.parametrize(
    ("score", "word"), [("1", "打电话给您"), ("3", "打电话给您"), ("4", "谢谢您肯定"), ("5", "谢谢您肯定")]
)
def test_thanks_follow_the_score(score: str, word: str) -> None:
    thanks = library.bundled().get("rating_thanks")

    assert word in render(thanks, "sms", {"advisor": "陈静", "score": score}, signature=SIGNATURE).text


def test_an_opt_out_of_one_purpose_names_what_stops_and_what_stays() -> None:
    confirmation = library.bundled().get("opt_out_confirmation")
    values = {"scope": "理财推荐", "kept": "生日问候", "hotline": "027-9558-0000"}

    assert "不再给您发理财推荐，生日问候照旧" in render(confirmation, "sms", values, signature=SIGNATURE).text
