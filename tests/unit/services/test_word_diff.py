"""Word for word: Chinese by characters, the rest by words; the pieces are the whole of both texts."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from wenhou.services.word_diff import GONE, KEPT, NEW, is_same, word_diff

WORDS = st.text(alphabet="春节快乐您好，。 ab1{}\n", max_size=60)


@given(WORDS, WORDS)
def test_kept_and_gone_are_the_old_text_and_kept_and_new_the_new_one(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(one.text for one in pieces if one.kind != NEW) == before
    assert "".join(one.text for one in pieces if one.kind != GONE) == after
    assert is_same(pieces) == (before == after)


def test_a_placeholder_and_a_latin_word_are_never_cut() -> None:
    found = word_diff("{{ salutation }}，Happy birthday", "{{ salutation | name }}，Happy birthdays")
    assert [(one.kind, one.text) for one in found] == [
        (GONE, "{{ salutation }}"),
        (NEW, "{{ salutation | name }}"),
        (KEPT, "，Happy "),
        (GONE, "birthday"),
        (NEW, "birthdays"),
    ]


def test_long_texts_are_compared_in_bounded_time() -> None:
    before, after = (
        "\n".join("春节快乐" * 25 for _ in range(400)),
        "\n".join("中秋安康" * 25 for _ in range(400)),
    )
    began = time.monotonic()
    pieces = word_diff(before, after)
    assert time.monotonic() - began < 5
    assert "".join(one.text for one in pieces if one.kind == GONE).startswith("春节")
