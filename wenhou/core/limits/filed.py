"""Texts filed with a provider: read, checked, filled with values to the exact words a customer reads, and matched.

A line of this kind takes a code and values instead of words; the preview, the hash and the archive hold what `fill`
makes of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from wenhou.core.errors import InputError
from wenhou.core.limits.characters import advice, refused_in
from wenhou.core.limits.dialects import KINDS, Dialect
from wenhou.core.limits.faults import LimitFault, fault
from wenhou.core.sms_text import count_units

MAX_FILED = 500
"""Characters with the signature; providers refuse more (SMS spec §1.5)."""
_BRACKETS = re.compile(r"[【】\[\]]")
_ENDINGS = "com|cn|net|org|cc|top|vip|xyz|link|ltd|info|me|io|test"
_LINK = re.compile(rf"https?:|www\.|[a-z0-9-]+\.(?:{_ENDINGS})(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A gap in a filed text. `written`: as the text has it; `kind`: PHONE, DATETIME … of typed ones, else ""."""

    name: str
    written: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class FiledText:
    """A text as it was approved, without signature. `code`: the provider's number of it; `promotional`: filed as such.

    `longest`: variable → characters of its longest value, where it was filed with a figure of its own.
    """

    code: str
    text: str
    dialect: Dialect
    promotional: bool
    longest: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def pieces(self) -> tuple[str | Variable, ...]:
        """The fixed words and the variables, in order; no empty words among them."""
        return tuple(self._pieces())

    def most(self, name: str) -> int:
        """How many characters a value may have; 0 where nobody names a figure."""
        stated = [one for one in (self.dialect.max_value, self.longest.get(name, 0)) if one]
        return min(stated, default=0)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables in the order they stand in."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Variable))

    @property
    def names(self) -> tuple[str, ...]:
        """The variables' names, each once, in the order they stand in."""
        return tuple(dict.fromkeys(one.name for one in self.variables))

    def _pieces(self) -> Iterator[str | Variable]:
        end = 0
        for order, found in enumerate(self.dialect.variable.finditer(self.text), 1):
            if found.start() > end:
                yield self.text[end : found.start()]
            kind = found[1] if found[1] in self.dialect.kinds else ""
            yield Variable(name=str(order) if kind else found[1], written=found[0], kind=kind)
            end = found.end()
        if end < len(self.text):
            yield self.text[end:]


def check_filed(filed: FiledText) -> tuple[LimitFault, ...]:
    """Return everything for which the provider would refuse the text itself; look before it is handed in."""
    return tuple(_filed_faults(filed))


def check_values(filed: FiledText, values: Mapping[str, str]) -> tuple[LimitFault, ...]:
    """Return everything for which the provider would refuse these values; each variable needs exactly one."""
    variables = {one.name: one for one in filed.variables}
    faults = [fault("value_unknown", field=name, found=name) for name in values if name not in variables]
    for name, variable in variables.items():
        if name not in values:
            faults.append(fault("value_missing", field=name))
        else:
            faults.extend(_value_faults(variable, values[name], filed))
    return tuple(faults)


def fill(filed: FiledText, values: Mapping[str, str]) -> str:
    """Return the words a customer reads, without signature; InputError with the first fault's sentence and code."""
    faults = check_values(filed, values)
    if faults:
        raise InputError(faults[0].sentence_zh, code=faults[0].code)
    return "".join(piece if isinstance(piece, str) else values[piece.name] for piece in filed.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A filed text that can carry some words, and the values that make it read so."""

    filed: FiledText
    values: Mapping[str, str]


def find_fit(text: str, several: Iterable[FiledText]) -> Fit | None:
    """Return the first filed text that reads exactly like `text` with values the provider takes; None when none does.

    Of several ways to cut the text the one with the shortest values from the left is taken; a variable that stands
    twice must come out the same twice.
    """
    for filed in several:
        values = _values_in(text, filed)
        if values is not None and not check_values(filed, values):
            return Fit(filed=filed, values=values)
    return None


def list_fits(texts: Mapping[str, str], several: Sequence[FiledText]) -> dict[str, Fit]:
    """Return which wordings (id → words without signature) a line of filed texts can carry, with their fit."""
    found = {name: find_fit(text, several) for name, text in texts.items()}
    return {name: fit for name, fit in found.items() if fit is not None}


def _filed_faults(filed: FiledText) -> Iterator[LimitFault]:
    dialect, variables = filed.dialect, filed.variables
    words = "".join(piece for piece in filed.pieces if isinstance(piece, str))
    if not filed.text.strip():
        yield fault("filed_empty")
        return
    if count_units(filed.text) > MAX_FILED:
        yield fault("too_many_units", found=count_units(filed.text), most=MAX_FILED)
    if _BRACKETS.search(words):
        yield fault("filed_brackets")
    if suspect := dialect.suspect.search(words):
        yield fault("filed_syntax", found=words[suspect.start() : suspect.start() + 12])
    elif refused := refused_in(words):
        zh, en = advice(refused)
        yield fault("characters", found=refused, advice=zh, advice_en=en)
    if variables and not any(char.isalnum() for char in words):
        yield fault("filed_all_variables")
    if filed.promotional and dialect.suffix and not filed.text.endswith(dialect.suffix):
        yield fault("opt_out_missing", found=dialect.suffix)
    yield from _variable_faults(filed, variables)


def _variable_faults(filed: FiledText, variables: tuple[Variable, ...]) -> Iterator[LimitFault]:
    dialect = filed.dialect
    if variables and not (dialect.in_promotions if filed.promotional else dialect.in_notices):
        yield fault("filed_variables", found=len(variables))
    if len(variables) > dialect.max_variables:
        yield fault("filed_many_variables", found=len(variables), most=dialect.max_variables)
    names = [one.name for one in variables]
    if not dialect.may_repeat:
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            yield fault("filed_twice", field=name)
    if dialect.numbered and sorted(set(names), key=int) != [str(one + 1) for one in range(len(set(names)))]:
        yield fault("filed_numbers", found=", ".join(names))
    for before, here in pairwise(filed.pieces):
        if isinstance(before, Variable) and isinstance(here, Variable):
            yield fault("filed_adjacent", field=here.name)


def _value_faults(variable: Variable, value: str, filed: FiledText) -> Iterator[LimitFault]:
    name, size, most = variable.name, count_units(value), filed.most(variable.name)
    if not value.strip():
        yield fault("value_empty", field=name)
        return
    if most and size > most:
        yield fault("value_long", field=name, found=size, most=most)
    if not value.isprintable():
        yield fault("value_control", field=name)
    if _LINK.search(value):
        yield fault("value_link", field=name)
    if _BRACKETS.search(value):
        yield fault("value_brackets", field=name)
    if filed.dialect.suspect.search(value):
        yield fault("value_variable", field=name)
    elif refused := refused_in(_BRACKETS.sub("", value)):
        zh, en = advice(refused)
        yield fault("characters", field=name, found=refused, advice=zh, advice_en=en)
    if variable.kind and not KINDS[variable.kind].fullmatch(value):
        yield fault("value_kind", field=name, found=variable.kind)


def _values_in(text: str, filed: FiledText) -> dict[str, str] | None:
    """The values between the fixed words, shortest from the left; None where the words do not stand so."""
    if count_units(text) > MAX_FILED:
        return None
    # Steps over places instead of one regular expression: variables between like words would make that one crawl.
    places: list[dict[int, int]] = [{0: 0}]  # after each piece: place → place before the piece
    for piece in filed.pieces:
        here: dict[int, int] = {}
        for start in places[-1]:
            if isinstance(piece, str):
                if text.startswith(piece, start):
                    here.setdefault(start + len(piece), start)
            else:
                limit = filed.most(piece.name) or MAX_FILED
                for end in range(start + 1, min(start + limit, len(text)) + 1):
                    here.setdefault(end, start)
        places.append(here)
    return _traced(text, filed, places) if len(text) in places[-1] else None


def _traced(text: str, filed: FiledText, places: list[dict[int, int]]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    end = len(text)
    for number in range(len(filed.pieces), 0, -1):
        start = places[number][end]
        piece = filed.pieces[number - 1]
        if isinstance(piece, Variable):
            value = text[start:end]
            if values.setdefault(piece.name, value) != value:
                return None
        end = start
    return dict(reversed(values.items()))
