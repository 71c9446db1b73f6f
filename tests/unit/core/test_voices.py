"""An advisor's own sentence: fitting, stable, and another one next year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from wenhou.core.voices import Phrase, Place, Term, Voice, own_words

TEXTS = ("有事随时叫我。", "天凉了，添件衣裳。", "盼您常来坐坐。")
PHRASES = tuple(Phrase(text=text) for text in TEXTS)
PLACE = Place(template="birthday", purpose="care", customer="C-1", on_day=date(2027, 2, 1))


def _voice(*phrases: Phrase, terms: tuple[Term, ...] = ()) -> Voice:
    return Voice(phrases=phrases, terms=terms)


def test_the_same_customer_and_year_read_the_same_sentence() -> None:
    assert own_words(_voice(*PHRASES), PLACE) == own_words(_voice(*PHRASES), PLACE)


def test_a_year_later_it_is_another_sentence_whatever_was_in_force_before() -> None:
    since = (Term(from_on=date(2020, 1, 1), until_on=date(2027, 6, 1), phrases=PHRASES),)
    for number in range(50):
        place = replace(PLACE, customer=f"C-{number}")
        read = own_words(_voice(*PHRASES, terms=since), place)
        fewer = tuple(one for one in PHRASES[:2])
        later = _voice(*fewer, terms=(*since, Term(from_on=date(2027, 6, 1), until_on=None, phrases=fewer)))
        assert own_words(later, replace(place, on_day=date(2028, 2, 1))) != read


def test_one_sentence_alone_is_said_again() -> None:
    alone = _voice(PHRASES[0], terms=(Term(from_on=date(2020, 1, 1), until_on=None, phrases=PHRASES[:1]),))
    assert own_words(alone, replace(PLACE, on_day=date(2028, 2, 1))) == TEXTS[0]


def test_only_what_fits_template_purpose_and_day_is_said() -> None:
    mine = _voice(Phrase(text="a", templates=frozenset({"spring_festival"})), Phrase(text="b", solemn=True))
    assert own_words(mine, PLACE) == "b"
    assert own_words(_voice(Phrase(text="c")), replace(PLACE, is_solemn=True)) == ""
    assert own_words(_voice(Phrase(text="d", purposes=frozenset({"service"}))), PLACE) == ""


def test_customers_read_different_sentences() -> None:
    read = {own_words(_voice(*PHRASES), replace(PLACE, customer=f"C-{n}")) for n in range(40)}
    assert read == set(TEXTS)


def test_a_leap_day_has_a_year_before() -> None:
    voice = _voice(*PHRASES, terms=(Term(from_on=date(2020, 1, 1), until_on=None, phrases=PHRASES),))
    assert own_words(voice, replace(PLACE, on_day=date(2028, 2, 29))) in TEXTS
