"""Lengths, parts and signatures of text messages: the vectors of the SMS reference, §1.5 and §1.6."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core import sms_text
from wenhou.core.sms_text import SmsTextInvalid


@pytest.mark.parametrize(
    ("units", "parts"),
    [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (160, 3), (201, 3), (202, 4)],
)
def test_a_mainland_text_has_70_units_in_one_part_and_67_in_each_of_several(units: int, parts: int) -> None:
    assert sms_text.count_parts(units) == parts
    for character in "喜x":
        assert len(sms_text.split_text(character * units).parts) == parts


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_text_is_refused(text: str) -> None:
    with pytest.raises(SmsTextInvalid) as caught:
        sms_text.split_text(text)

    assert caught.value.code == "sms_empty"
    assert sms_text.count_parts(0) == 0


def test_the_documented_example_splits_into_67_67_26() -> None:
    assert [len(part) for part in sms_text.split_text("字" * 160).parts] == [67, 67, 26]


def test_65_units_are_the_longest_one_part_text_behind_a_five_unit_signature() -> None:
    assert len(sms_text.split_text(sms_text.compose("某银行", "字" * 65)).parts) == 1
    assert len(sms_text.split_text(sms_text.compose("某银行", "字" * 66)).parts) == 2


def test_a_surrogate_pair_that_would_straddle_moves_on_whole() -> None:
    split = sms_text.split_text("喜" * 66 + "🎂" + "x" * 20)

    assert split.units == 88
    assert [sms_text.count_units(part) for part in split.parts] == [66, 22]
    assert split.parts[1].startswith("🎂")


@pytest.mark.parametrize("grapheme", ["👨‍👩‍👧", "👍🏽", "🇨🇳", "e\u0301", "❤️", "1️⃣"])
def test_what_a_reader_sees_as_one_is_never_torn(grapheme: str) -> None:
    for before in range(58, 68):
        parts = sms_text.split_text("字" * before + grapheme + "字" * 20).parts
        assert any(grapheme in part for part in parts)


@given(st.text(min_size=1, max_size=400).filter(lambda text: bool(text.strip())))
def test_parts_join_to_the_text_and_none_is_too_long(text: str) -> None:
    for split in (sms_text.split_text(text), sms_text.split_international(text)):
        assert "".join(split.parts) == text
        assert all(split.parts)
        assert split.left >= 0


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("a" * 160, "gsm7", 160, 1), ("a" * 161, "gsm7", 161, 2), ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€" * 80, "gsm7", 160, 1), ("{" * 81, "gsm7", 162, 2),
        ("a" * 152 + "€" + "a" * 10, "gsm7", 164, 2),
        ("a" * 70 + "喜", "ucs2", 71, 2), ("ç", "ucs2", 1, 1), ("Ç", "gsm7", 1, 1),
    ],
)  # fmt: skip
def test_abroad_one_character_outside_gsm7_turns_the_whole_text(
    text: str, encoding: str, units: int, parts: int
) -> None:
    split = sms_text.split_international(text)

    assert (split.encoding, split.units, len(split.parts)) == (encoding, units, parts)


def test_an_escaped_septet_is_never_torn() -> None:
    assert sms_text.split_international("a" * 152 + "€" + "a" * 10).parts[1].startswith("€")


def test_a_text_is_composed_of_signature_text_and_one_refusal_line() -> None:
    composed = sms_text.compose("江城银行", "生日快乐！", sms_text.REFUSAL_SUFFIX)

    assert composed == "【江城银行】生日快乐！拒收请回复R"
    assert sms_text.compose("江城银行", "生日快乐！拒收请回复R", sms_text.REFUSAL_SUFFIX) == composed
    sms_text.check_signature(composed, "江城银行")


@pytest.mark.parametrize(
    ("text", "at_end", "code"),
    [
        ("您好", False, "signature_missing"),
        ("【江城银行】您好【江城银行】", False, "signature_repeated"),
        ("【江城银行】您好【", False, "signature_repeated"),
        ("您好【江城银行】", False, "signature_place"),
        ("【江城银行】您好", True, "signature_place"),
        ("【他行】您好", False, "signature_unfiled"),
        ("【12】您好", False, "signature_name"),
        ("【行】您好", False, "signature_name"),
    ],
)
def test_a_final_text_has_exactly_one_signature_in_its_place(text: str, at_end: bool, code: str) -> None:
    with pytest.raises(SmsTextInvalid) as caught:
        sms_text.check_signature(text, "江城银行", at_end=at_end)

    assert caught.value.code == code


def test_a_text_that_brings_its_own_brackets_is_refused() -> None:
    with pytest.raises(SmsTextInvalid) as caught:
        sms_text.compose("江城银行", "【重要】您好")

    assert caught.value.code == "signature_repeated"
