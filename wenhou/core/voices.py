"""How an advisor signs and speaks, as the words take it: a sign-off, a tone, and one sentence of the advisor's own. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

MAX_PHRASES = 10
MAX_PHRASE = 40  # characters
MAX_SIGN_OFF = 20  # characters
TONES = ("plain", "warm", "formal")
TONE_NAMES = {
    "": ("不限", "any"),
    "plain": ("平实", "plain"),
    "warm": ("亲切", "warm"),
    "formal": ("庄重", "formal"),
}
_YEARS_BACK = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One sentence of an advisor's own. Empty `templates` or `purposes`: all. `solemn`: may stand on a solemn day too."""

    text: str
    templates: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    solemn: bool = False

    def fits(self, template: str, purpose: str, *, is_solemn: bool) -> bool:
        """Whether it may stand in this template, for this purpose, on such a day."""
        return (
            (not self.templates or template in self.templates)
            and (not self.purposes or purpose in self.purposes)
            and (self.solemn or not is_solemn)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Sentences that were in force from a day until another; `until_on` None: still."""

    from_on: date
    until_on: date | None
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """An advisor's voice in force. `terms`: what was in force when, this version's among them."""

    sign_off: str = ""
    tone: str = ""
    phrases: tuple[Phrase, ...] = ()
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a sentence would stand: which template, purpose and customer, on what day of which tone."""

    template: str
    purpose: str
    customer: str
    on_day: date
    is_solemn: bool = False


def own_words(voice: Voice, place: Place) -> str:
    """The advisor's sentence for a customer that day; "" where none fits.

    It follows from customer and year alone, so that planning again says the same. What the customer read the year
    before is worked out the same way from what was in force then (a day of the same tone taken for granted) and
    avoided where there is another sentence.
    """
    return _pick(voice, place, voice.phrases, _YEARS_BACK)


def _pick(voice: Voice, place: Place, phrases: tuple[Phrase, ...], years_back: int) -> str:
    fitting = [
        one.text for one in phrases if one.fits(place.template, place.purpose, is_solemn=place.is_solemn)
    ]
    if not fitting:
        return ""
    start = (_number(place.customer) + place.on_day.year) % len(fitting)
    chosen = fitting[start]
    if len(fitting) > 1 and chosen == _last_year(voice, place, years_back):
        chosen = fitting[(start + 1) % len(fitting)]
    return chosen


def _last_year(voice: Voice, place: Place, years_back: int) -> str:
    day = _year_before(place.on_day)
    then = next(
        (one for one in voice.terms if one.from_on <= day and (one.until_on is None or day < one.until_on)),
        None,
    )
    if then is None or not years_back:
        return ""
    before = Place(
        template=place.template,
        purpose=place.purpose,
        customer=place.customer,
        on_day=day,
        is_solemn=place.is_solemn,
    )
    return _pick(voice, before, then.phrases, years_back - 1)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def _number(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"own words:{key}".encode(), digest_size=8).digest())
