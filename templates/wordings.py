"""Wordings: a variant with a choice of its turns; how many there are, and which one a customer reads.

A template says the same thing in several variants, and a variant may leave a piece of itself open (`turns`): one of
eight wishes, one of four closings. Six variants with such pieces make some hundred wordings, so that a household, a
company and an advisor's whole book read different words on one day, and a customer reads others than in the last
years. A wording's id (`a.2.5`: variant, then the piece of each turn, from 1) is kept with the message for ever.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import prod
from typing import Protocol, overload

from templates.engine import Compiled
from wenhou.core.errors import TemplateError

MAX_ID = 12  # characters; as long as the store's column
MAX_WORDINGS = 20_000  # of one template
_STEPS = 96  # wordings looked at before the best of them is taken
_VOICES = ("plain", "warm", "formal")
VOICES = frozenset(_VOICES)
_COUNTED = re.compile(r"[1-9][0-9]{0,2}")  # neither 02 nor ²: one wording has one id
_PRINTED = re.compile(r"\{\{-?\s*([a-z0-9_]+)\s*-?\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Pieces of which a wording takes one. Plain text; `sms` has its own shorter pieces where they differ."""

    name: str
    pieces: tuple[str, ...]
    sms: tuple[str, ...]

    def piece(self, number: int, channel: str) -> str:
        """Return piece `number` (from 0) as the channel says it."""
        return (self.sms if channel == "sms" else self.pieces)[number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What one channel says. Text channels have `text` only; email has subject and paragraphs (plain text).

    `uses`: placeholder → its filters; turns are not in it.
    """

    text: Compiled | None = None
    subject: Compiled | None = None
    paragraphs: tuple[Compiled, ...] = ()
    action_label: Compiled | None = None
    action_url: Compiled | None = None
    uses: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to say it. `quiet` ones are for solemn days (a birthday on 清明): no joy, no exclamation.

    `nameless` ones hold nothing about the customer, for lines that allow no variables. `tiers`: only for customers of
    these; empty: for all. `voice`: the tone an advisor may have chosen, "" fits everybody. `turns`: the open pieces,
    in the document's order, each in every channel of the variant.
    """

    id: str
    quiet: bool
    bodies: Mapping[str, Body]
    nameless: bool = False
    tiers: frozenset[str] = frozenset()
    voice: str = ""
    turns: tuple[Turn, ...] = ()

    @property
    def count(self) -> int:
        """How many wordings it makes."""
        return prod(len(turn.pieces) for turn in self.turns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A variant and one piece of each of its turns (from 0)."""

    variant: Variant
    picks: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """`a`, or `a.2.5` where pieces were chosen."""
        return ".".join((self.variant.id, *(str(pick + 1) for pick in self.picks)))

    def says(self, channel: str) -> str:
        """Return the words before any value stands in them: what makes two wordings the same to a reader."""
        body = self.variant.bodies[channel]
        text = "\n".join(one.source for one in (body.text, body.subject, *body.paragraphs) if one is not None)
        pieces = self.pieces(channel)
        return _PRINTED.sub(lambda found: pieces.get(found[1], found[0]), text)

    def pieces(self, channel: str) -> dict[str, str]:
        """Return each turn's name with its piece for a channel."""
        return {
            turn.name: turn.piece(pick, channel)
            for turn, pick in zip(self.variant.turns, self.picks, strict=True)
        }


class Wordings(Sequence[Wording]):
    """All wordings of some variants, in an order in which neighbours differ: first in the variant, then in pieces."""

    def __init__(self, variants: Sequence[Variant]) -> None:
        self.variants = tuple(sorted(variants, key=lambda variant: variant.id))
        self._most = max((variant.count for variant in self.variants), default=0)
        self._all = tuple(self._in_order())

    def only(self, ids: Collection[str]) -> Wordings:
        """Return those of these ids, in the same order: a line that carries filed texts only has filed few."""
        few = Wordings(())
        few._all = tuple(one for one in self._all if one.id in ids)
        few.variants = tuple(one for one in self.variants if _holds_variant(ids, one.id))
        return few

    @cached_property
    def ids(self) -> frozenset[str]:
        """Their ids: asked for each advisor of a run."""
        return frozenset(one.id for one in self._all)

    def _in_order(self) -> Iterator[Wording]:
        for turn in range(self._most):
            for variant in self.variants:
                if turn < variant.count:
                    yield Wording(variant=variant, picks=_picks(variant, turn))

    def __len__(self) -> int:
        return len(self._all)

    @overload
    def __getitem__(self, index: int) -> Wording: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Wording, ...]: ...

    def __getitem__(self, index: int | slice) -> Wording | tuple[Wording, ...]:
        """Wording `index` in the order of neighbours that differ."""
        return self._all[index]


def _picks(variant: Variant, number: int) -> tuple[int, ...]:
    """The pieces of wording `number`: every turn moves on with each number, so that neighbours share no piece."""
    picks, rest = [], number
    carried = 0
    for turn in variant.turns:
        size = len(turn.pieces)
        digit = rest % size
        rest //= size
        # Shifting by the digits before keeps the numbering one to one and moves this piece along with them.
        picks.append((digit + carried) % size)
        carried += digit
    return tuple(picks)


def get_wording(variants: Sequence[Variant], wording_id: str) -> Wording:
    """Return a wording by id; a variant's bare id means its first pieces. TemplateError when there is none."""
    name, *numbers = wording_id.split(".")
    variant = next((one for one in variants if one.id == name), None)
    if variant is not None and (not numbers or len(numbers) == len(variant.turns)):
        picks = tuple(int(number) - 1 if _COUNTED.fullmatch(number) else -1 for number in numbers)
        picks = picks or (0,) * len(variant.turns)
        if all(0 <= pick < len(turn.pieces) for pick, turn in zip(picks, variant.turns, strict=True)):
            return Wording(variant=variant, picks=picks)
    known = ", ".join(one.id for one in variants)
    sentence = f"there is no wording {wording_id!r}; variants are: {known}"
    raise TemplateError(sentence, code="template_unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """What people around the customer read, as wording ids. `own`: the customer in the last two years.

    `close`: the household, the company and a shared phone on this day. `book`: how often the advisor's customers
    read each on this day, `total` of them altogether.
    """

    own: Collection[str] = ()
    close: Collection[str] = ()
    book: Mapping[str, int] = field(default_factory=dict)
    total: int = 0

    def cost(self, wording: Wording, rounds: int) -> tuple[int, ...]:
        """How ill a wording fits; all zeros is perfect. What the customer read before weighs most.

        `rounds`: how often the book has gone through all wordings; no more than that is nothing.
        """
        name, variant = wording.id, wording.variant.id
        return (
            name in self.own,
            name in self.close,
            max(0, self.book.get(name, 0) - rounds),
            _holds_variant(self.close, variant),
            _holds_variant(self.own, variant),
        )


NOBODY = Nearby()


def choose(wordings: Wordings, *, customer: str, advisor: str, year: int, nearby: Nearby = NOBODY) -> Wording:
    """Return the wording for a customer in a year: stable, spread over people, unlike what stands nearby.

    The start is hashed from customer and advisor and moves on by one each year, which is another variant. Raises
    ValueError when there are no wordings.
    """
    if not wordings:
        message = "no wordings to choose from"
        raise ValueError(message)
    count = len(wordings)
    start = (_number("customer", customer) + _advisor_number(advisor) + year) % count
    if nearby is NOBODY:
        return wordings[start]
    rounds = nearby.total // count
    best = wordings[start]
    best_cost = nearby.cost(best, rounds)
    for step in range(1, min(count, _STEPS)):
        if not any(best_cost):
            break
        one = wordings[(start + step) % count]
        cost = nearby.cost(one, rounds)
        if cost < best_cost:
            best, best_cost = one, cost
    return best


class Worded(Protocol):
    """A template as far as its wordings go."""

    @property
    def digest(self) -> str:
        """Of the whole document."""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Its variants."""


def same_words(old: Worded, wording_id: str, new: Worded) -> frozenset[str]:
    """Return the ids in `new` that say on some channel what wording `wording_id` of `old` said there."""
    key = (old.digest, wording_id, new.digest)
    known = _SAME.get(key)
    if known is None:
        if len(_SAME) >= _MOST_SAME:
            _SAME.clear()
        known = _SAME[key] = _find_same(old, wording_id, new)
    return known


def _find_same(old: Worded, wording_id: str, new: Worded) -> frozenset[str]:
    try:
        read = get_wording(old.variants, wording_id)
    except TemplateError:
        return frozenset()
    said = {(channel, read.says(channel)) for channel in read.variant.bodies}
    return frozenset(
        one.id
        for one in Wordings(new.variants)
        if any((channel, one.says(channel)) in said for channel in one.variant.bodies)
    )


_SAME: dict[tuple[str, str, str], frozenset[str]] = {}
_MOST_SAME = 4_096


def _holds_variant(ids: Collection[str], variant: str) -> bool:
    return any(one == variant or one.startswith(f"{variant}.") for one in ids)


@lru_cache(maxsize=4_096)
def _advisor_number(key: str) -> int:
    return _number("advisor", key)


def _number(kind: str, key: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{kind}:{key}".encode(), digest_size=8).digest())
