"""Patterns of rules: bounded, so that no text takes long, and looked up by the characters they need.

A pattern may not repeat without end (`*`, `+`, `{2,}`), nor repeat within a repeat, nor refer back. Then each place
of a text costs a bounded time. From each pattern the characters are taken of which one must stand in the text;
a text asks only for the patterns of its own characters.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_REPEAT = 100
MAX_WIDTH = 400  # characters a pattern may cover
_parser: Any = importlib.import_module("re._parser")  # the standard library's own reader of patterns
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_BLOCK = (0x4E00, 0x9FFF)  # the range that means any Chinese character


class PatternError(ValueError):
    """A pattern that rules may not hold; the argument says why and what would be right."""


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern; PatternError when it is none, or could take unbounded time."""
    try:
        compiled = re.compile(pattern)
        tree = _parser.parse(pattern)
    except re.error as error:
        at = f" at character {error.pos + 1}" if error.pos is not None else ""
        raise PatternError(f"not a pattern: {error.msg}{at}") from None
    except (OverflowError, RecursionError):
        raise PatternError("not a pattern: too large") from None
    _check(tree, 1)
    if compiled.match("") is not None and compiled.fullmatch("") is not None:
        raise PatternError("matches nothing at all; name at least one character")
    return compiled


def _check(tree: Any, most: int) -> None:
    """Refuse what may take unbounded time; `most`: how often the whole may repeat already."""
    for kind, argument in tree:
        name = str(kind)
        if name in _REPEATS:
            _, high, inner = argument
            if int(high) > MAX_REPEAT:
                raise PatternError(
                    f"repeats without a limit; write {{0,20}} or another limit up to {MAX_REPEAT}"
                )
            if most * int(high) > MAX_REPEAT:
                raise PatternError(
                    f"a repeat within a repeat of more than {MAX_REPEAT} in all; write the pieces out"
                )
            _check(inner, most * int(high))
        elif name in ("GROUPREF", "GROUPREF_EXISTS"):
            raise PatternError("refers back to a group; write the words instead")
        else:
            for part in _parts(name, argument):
                _check(part, most)


def _parts(name: str, argument: Any) -> Iterable[Any]:
    if name == "BRANCH":
        return list(argument[1])
    if name == "SUBPATTERN":
        return [argument[-1]]
    if name in ("ASSERT", "ASSERT_NOT"):
        return [argument[1]]
    return [argument] if name == "ATOMIC_GROUP" else []


def needs(pattern: re.Pattern[str]) -> frozenset[str]:
    """Characters of which at least one must stand in a text that matches; empty when that cannot be told."""
    return _needs(_parser.parse(pattern.pattern))


def _needs(tree: Any) -> frozenset[str]:
    """The smallest set among those that every match needs."""
    found = [chars for kind, argument in tree if (chars := _needs_of(str(kind), argument))]
    return min(found, key=_commonness) if found else frozenset()


def _needs_of(name: str, argument: Any) -> frozenset[str]:
    if name == "LITERAL":
        return frozenset(chr(argument))
    if name == "IN":
        return _members(argument)
    if name == "SUBPATTERN":
        return _needs(argument[-1])
    if name in _REPEATS:
        return _needs(argument[2]) if argument[0] > 0 else frozenset()
    if name == "BRANCH":
        each = [_needs(branch) for branch in argument[1]]
        return frozenset().union(*each) if all(each) else frozenset()
    return frozenset()


def _members(argument: Any) -> frozenset[str]:
    if any(str(kind) not in ("LITERAL", "RANGE") for kind, _ in argument):
        if [str(kind) for kind, _ in argument] == ["CATEGORY"] and str(argument[0][1]) == "CATEGORY_DIGIT":
            return frozenset("0123456789")
        return frozenset()
    members: set[str] = set()
    for kind, one in argument:
        low, high = (one, one) if str(kind) == "LITERAL" else one
        if high - low > 200:
            return frozenset()
        members.update(map(chr, range(low, high + 1)))
    return frozenset(members)


def _commonness(chars: frozenset[str]) -> float:
    """Rare characters first: a letter or digit stands in many texts, 保 in few."""
    return sum(20.0 if char.isascii() else 1.0 for char in chars)


def characters_of(pattern: str) -> frozenset[str]:
    """Every Chinese character a pattern tells apart: all it names, and whole ranges unless the range is all of them."""
    return frozenset(_named(_parser.parse(pattern)))


def _named(tree: Any) -> Iterable[str]:
    for kind, argument in tree:
        name = str(kind)
        if name in ("LITERAL", "NOT_LITERAL"):
            yield chr(argument)
        elif name == "IN":
            for what, one in argument:
                if str(what) == "LITERAL":
                    yield chr(one)
                elif str(what) == "RANGE" and tuple(one) != _BLOCK:
                    yield from map(chr, range(one[0], one[1] + 1))
        elif name in _REPEATS:
            yield from _named(argument[2])
        else:
            for part in _parts(name, argument):
                yield from _named(part)


@dataclass(frozen=True, slots=True)
class Index:
    """Patterns by the characters they need: which of them a text may match at all."""

    by_character: Mapping[str, tuple[int, ...]]
    always: tuple[int, ...]

    def candidates(self, text: str) -> list[int]:
        """The numbers of the patterns worth trying, in order."""
        found = set(self.always)
        by_character = self.by_character
        for char in set(text):
            if char in by_character:
                found.update(by_character[char])
        return sorted(found)


def build_index(patterns: Sequence[re.Pattern[str]]) -> Index:
    """Return the index of some patterns, numbered as they stand."""
    by_character: dict[str, list[int]] = {}
    always = []
    for number, pattern in enumerate(patterns):
        chars = needs(pattern)
        if not chars:
            always.append(number)
        for char in chars:
            by_character.setdefault(char, []).append(number)
    return Index({char: tuple(numbers) for char, numbers in by_character.items()}, tuple(always))
