"""Compliance lint: what a text must not say, what lifts its approval, what is only unwise. Rules are data.

Text is folded before matching, so that full-width letters, blanks, punctuation or invisible signs inside
a word do not hide it; `unless` patterns keep ordinary sentences (不保本 as a warning) out. A first set:
it catches plain tricks, not every one, and the bank's compliance must confirm each rule.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from wenhou.core.errors import TemplateError
from wenhou.core.purposes import Purpose

RULES_FILE = Path(__file__).parent / "lint_rules.yaml"
MAX_TEXT = 40_000  # characters; longer is refused instead of matched
_FIELDS = frozenset(
    {"id", "level", "patterns", "unless", "purposes", "tones", "raw", "sentence_zh", "sentence_en", "source"}
)
_SENTENCE_END = re.compile(r"[。！？；!?;\n]")
SCRAP = 2  # characters
_KEEP = frozenset("%‰.-·🎉🎊🎂🥳🎁")


class Level(StrEnum):
    """What a hit does: stop the message, lift its approval level, or only show."""

    BLOCK = "block"
    RAISE = "raise"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintHit:
    """One rule that a text breaks. `found` is the folded piece that matched."""

    rule: str
    level: Level
    sentence_zh: str
    sentence_en: str
    found: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the file. Empty `purposes` or `tones` mean all; `raw` rules see the text unfolded.

    `any_pattern`: all patterns in one, None where they cannot be joined.
    """

    id: str
    level: Level
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    purposes: frozenset[str]
    tones: frozenset[str]
    raw: bool
    sentence_zh: str
    sentence_en: str
    source: str
    any_pattern: re.Pattern[str] | None = None

    def holds(self, purpose: str, day_tone: str) -> bool:
        """Whether a text of this purpose on a day of this tone is judged by it."""
        return (not self.purposes or purpose in self.purposes) and (not self.tones or day_tone in self.tones)


def lint(
    text: str, *, purpose: str, day_tone: str = "", rules: Sequence[Rule] | None = None
) -> list[LintHit]:
    """Return every rule the text breaks for a purpose on a day of that tone, in the order of the rule file.

    Raises TemplateError for a text too long to judge.
    """
    if len(text) > MAX_TEXT:
        sentence = f"text longer than {MAX_TEXT} characters is not judged"
        raise TemplateError(sentence, code="too_long")
    if rules is None:
        return list(_hits_of(text, purpose, day_tone))
    chosen = tuple(rule for rule in rules if rule.holds(purpose, day_tone))
    folded = [_found_in(fold(sentence), chosen) for sentence in _sentences(text)]
    return _hits(text, chosen, folded)


@functools.lru_cache(maxsize=4_096)
def _hits_of(text: str, purpose: str, day_tone: str) -> tuple[LintHit, ...]:
    """Most customers of a day read the same words (王先生 is many): each text is judged once."""
    folded = [_found_in_sentence(sentence, purpose, day_tone) for sentence in _sentences(text)]
    return tuple(_hits(text, _rules_for(purpose, day_tone), folded))


@functools.lru_cache(maxsize=16_384)
def _found_in_sentence(sentence: str, purpose: str, day_tone: str) -> Mapping[str, str]:
    """Of two texts that differ in a name only the sentence with the name is judged anew."""
    return _found_in(fold(sentence), _rules_for(purpose, day_tone))


@functools.lru_cache(maxsize=64)
def _rules_for(purpose: str, day_tone: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in bundled_rules() if rule.holds(purpose, day_tone))


def _hits(text: str, rules: Sequence[Rule], folded: Sequence[Mapping[str, str]]) -> list[LintHit]:
    """One hit a rule, with the first piece that broke it."""
    hits = []
    for rule in rules:
        pieces = (_find(rule, text),) if rule.raw else (found.get(rule.id, "") for found in folded)
        found = next(filter(None, pieces), "")
        if found:
            hits.append(
                LintHit(
                    rule=rule.id,
                    level=rule.level,
                    sentence_zh=rule.sentence_zh,
                    sentence_en=rule.sentence_en,
                    found=found,
                    source=rule.source,
                )
            )
    return hits


def _found_in(folded: str, rules: Sequence[Rule]) -> dict[str, str]:
    """Rule id → the piece that breaks it, of one folded sentence."""
    return {rule.id: found for rule in rules if not rule.raw and (found := _find(rule, folded))}


def blocks(hits: Sequence[LintHit]) -> bool:
    """Whether any hit stops the message."""
    return any(hit.level is Level.BLOCK for hit in hits)


def fold(text: str) -> str:
    """Return the text as rules see it: NFKC, lower case, nothing but letters, digits and a few signs."""
    plain = unicodedata.normalize("NFKC", text).lower()
    kept = []
    for place, char in enumerate(plain):
        between_digits = (
            char in ".," and plain[place - 1 : place].isdigit() and plain[place + 1 : place + 2].isdigit()
        )
        if (
            char.isalnum()
            or between_digits
            or (char in _KEEP and char not in ".-·")
            or (char == "-" and plain[place - 1 : place].isascii() and plain[place - 1 : place].isalpha())
        ):
            kept.append(char)
    return "".join(kept)


@functools.lru_cache(maxsize=1)
def bundled_rules() -> tuple[Rule, ...]:
    """Return the rules that ship with Wenhou."""
    return read_rules(RULES_FILE.read_text(encoding="utf-8"), RULES_FILE.name)


def read_rules(source: str, file: str) -> tuple[Rule, ...]:
    """Read a rule file; TemplateError naming the rule when a field is missing, unknown or no pattern."""
    try:
        documents = YAML(typ="safe").load(source)
    except YAMLError as error:
        sentence = f"not valid YAML: {str(error).splitlines()[0]}"
        raise TemplateError(sentence, file=file) from None
    if not isinstance(documents, list) or not all(isinstance(one, dict) for one in documents):
        sentence = "expected a list of rules"
        raise TemplateError(sentence, file=file, line=1, column=1)
    return tuple(_rule(document, file) for document in documents)


def _rule(document: dict[str, Any], file: str) -> Rule:
    name = document.get("id", "?")
    unknown = set(document) - _FIELDS
    missing = {"id", "level", "patterns", "sentence_zh", "sentence_en", "source"} - set(document)
    if unknown or missing:
        sentence = f"rule {name}: unknown {sorted(unknown)}, missing {sorted(missing)}"
        raise TemplateError(sentence, file=file)
    try:
        patterns = tuple(re.compile(pattern) for pattern in document["patterns"])
        return Rule(
            id=name,
            level=Level(document["level"]),
            patterns=patterns,
            any_pattern=_any_of(patterns),
            unless=tuple(re.compile(pattern) for pattern in document.get("unless", ())),
            purposes=frozenset(Purpose(purpose) for purpose in document.get("purposes", ())),
            tones=frozenset(document.get("tones", ())),
            raw=bool(document.get("raw", False)),
            sentence_zh=document["sentence_zh"],
            sentence_en=document["sentence_en"],
            source=document["source"],
        )
    except (ValueError, re.error) as error:
        sentence = f"rule {name}: {error}"
        raise TemplateError(sentence, file=file) from None


def _find(rule: Rule, text: str) -> str:
    """The first piece that matches and that no `unless` covers; an exception elsewhere in the sentence excuses nothing."""
    if rule.any_pattern is not None and rule.any_pattern.search(text) is None:
        return ""
    excused = [found.span() for pattern in rule.unless for found in pattern.finditer(text)]
    for pattern in rule.patterns:
        for found in pattern.finditer(text):
            if not any(start < found.end() and found.start() < end for start, end in excused):
                return found.group()
    return ""


def _any_of(patterns: Sequence[re.Pattern[str]]) -> re.Pattern[str] | None:
    """All patterns as one, which nearly every sentence fails in a single look; None where groups would change number."""
    if any(pattern.groups for pattern in patterns):
        return None
    return re.compile("|".join(f"(?:{pattern.pattern})" for pattern in patterns))


def _sentences(text: str) -> list[str]:
    """The sentences; the whole text as well when scraps stand between the marks (稳。赚。不赔 hides a word so)."""
    pieces = [piece for piece in _SENTENCE_END.split(text) if piece.strip()]
    scraps = any(len(fold(piece)) <= SCRAP for piece in pieces)
    return [*pieces, text] if scraps and len(pieces) > 1 else pieces
