"""The rule file as a typed model: what it may hold, and errors that name file, line and column.

A bank keeps its own edition by handing another file to `read_rules`. Patterns run over the folded text
(`folding.py`): `patterns` over Chinese, `english` over Latin words, `signs` over the text as it stands.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from templates.compliance.about import About
from templates.compliance.checks.registry import CHECKS
from templates.compliance.levels import Level
from templates.compliance.patterns import Index, PatternError, build_index, compile_pattern
from wenhou.core.errors import TemplateError
from wenhou.core.purposes import Purpose

RULES_FILE = Path(__file__).parent / "rules.yaml"
MAX_FILE = 400_000  # characters
MAX_PATTERN = 20_000  # characters of one pattern, its macros written out
TONES = ("festive", "warm", "solemn")
CHANNELS = ("sms", "wechat", "wecom", "email")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_NOTHING = r"(?!)"
_MACRO = re.compile(r"<([a-z_]+)>")
_LISTS = frozenset(
    {"patterns", "english", "signs", "unless", "unless_english", "purposes", "tones", "channels", "festivals"}
)
_TEXTS = frozenset({"id", "level", "check", "across", "confirmed", "sentence_zh", "sentence_en", "source"})
_REQUIRED = frozenset({"id", "level", "sentence_zh", "sentence_en", "source", "confirmed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. Empty `purposes`, `tones`, `channels`, `festivals` mean all.

    `across`: a word of it split by a comma or full stop is a hit as well. `check`: name of a function in `checks/`.
    `is_confirmed`: the bank's compliance has confirmed rule and source.
    """

    id: str
    level: Level
    sentence_zh: str
    sentence_en: str
    source: str
    patterns: tuple[re.Pattern[str], ...] = ()
    english: tuple[re.Pattern[str], ...] = ()
    signs: tuple[re.Pattern[str], ...] = ()
    unless: tuple[re.Pattern[str], ...] = ()
    unless_english: tuple[re.Pattern[str], ...] = ()
    check: str = ""
    purposes: frozenset[str] = frozenset()
    tones: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    festivals: frozenset[str] = frozenset()
    across: bool = False
    is_confirmed: bool = False
    line: int = 0

    def holds(self, about: About) -> bool:
        """Whether a text like this is judged by the rule."""
        return (
            (not self.purposes or about.purpose in self.purposes)
            and (not self.tones or about.day_tone in self.tones)
            and (not self.channels or about.channel in self.channels)
            and (not self.festivals or about.festival in self.festivals)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """The rules that hold for one About, with the index over their patterns. `chinese` and others: (rule, pattern).

    `any_sign`: all of `signs` in one. Compared and hashed by identity: a rule book makes each once.
    """

    rules: tuple[Rule, ...]
    chinese: tuple[tuple[int, re.Pattern[str]], ...]
    chinese_index: Index
    english: tuple[tuple[int, re.Pattern[str]], ...]
    english_index: Index
    signs: tuple[tuple[int, re.Pattern[str]], ...]
    any_sign: re.Pattern[str]
    checks: tuple[tuple[int, str], ...]


@dataclass(frozen=True, eq=False)
class RuleBook:
    """A rule file read. `digest` names the edition: same digest, same rules. Compared and hashed by identity."""

    rules: tuple[Rule, ...]
    digest: str
    _chosen: dict[tuple[str, str, str, str], Chosen] = field(default_factory=dict, repr=False)

    def chosen(self, about: About) -> Chosen:
        """The rules that hold for a purpose, tone, channel and festival."""
        key = (about.purpose, about.day_tone, about.channel, about.festival)
        found = self._chosen.get(key)
        if found is None:
            if len(self._chosen) > 500:
                self._chosen.clear()
            found = self._chosen[key] = _choose(tuple(rule for rule in self.rules if rule.holds(about)))
        return found

    def get(self, rule_id: str) -> Rule:
        """Return a rule by id; TemplateError when there is none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise TemplateError(f"there is no rule {rule_id!r}", code="rule_unknown")


def _choose(rules: tuple[Rule, ...]) -> Chosen:
    def numbered(
        pick: Callable[[Rule], tuple[re.Pattern[str], ...]],
    ) -> tuple[tuple[int, re.Pattern[str]], ...]:
        return tuple((number, pattern) for number, rule in enumerate(rules) for pattern in pick(rule))

    chinese, english = numbered(lambda rule: rule.patterns), numbered(lambda rule: rule.english)
    signs = numbered(lambda rule: rule.signs)
    return Chosen(
        rules=rules,
        chinese=chinese,
        chinese_index=build_index([pattern for _, pattern in chinese]),
        english=english,
        english_index=build_index([pattern for _, pattern in english]),
        signs=signs,
        any_sign=re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in signs) or _NOTHING),
        checks=tuple((number, rule.check) for number, rule in enumerate(rules) if rule.check),
    )


@functools.lru_cache(maxsize=1)
def bundled_rules() -> RuleBook:
    """Return the rules that ship with Wenhou."""
    return read_rules(RULES_FILE.read_text(encoding="utf-8"), RULES_FILE.name)


def read_rules(source: str, file: str) -> RuleBook:
    """Read a rule file; TemplateError with file, line, column and what would be right for anything wrong in it."""
    if len(source) > MAX_FILE:
        raise TemplateError(f"longer than {MAX_FILE} characters", file=file, line=1, column=1)
    rules = _Reader(file).rules(_compose(source, file))
    return RuleBook(rules, hashlib.sha256(source.encode()).hexdigest())


def _compose(source: str, file: str) -> Any:
    try:
        node = YAML(typ="rt").compose(source)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = error.problem or error.context
        raise TemplateError(f"not valid YAML: {what}", file=file, line=line, column=column) from None
    except (YAMLError, RecursionError) as error:
        what = str(error).splitlines()[0] if str(error) else "nested too deeply"
        raise TemplateError(f"not valid YAML: {what}", file=file, line=1, column=1) from None
    if node is None:
        raise TemplateError("the file is empty; expected `rules:`", file=file, line=1, column=1)
    return node


class _Reader:
    """Walks the nodes of one rule file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.macros: dict[str, str] = {}

    def rules(self, root: Any) -> tuple[Rule, ...]:
        top = self.mapping(root, frozenset({"macros", "rules"}), frozenset({"rules"}))
        if "macros" in top:
            for name, node in self.mapping(top["macros"]).items():
                self.macros[name] = self.expanded(node)
        rules: list[Rule] = []
        for node in self.sequence(top["rules"]):
            rule = self.rule(node)
            if any(rule.id == other.id for other in rules):
                raise self.fault(node, f"two rules have the id {rule.id!r}; give each its own")
            rules.append(rule)
        return tuple(rules)

    def rule(self, node: Any) -> Rule:
        fields = self.mapping(node, _LISTS | _TEXTS, _REQUIRED)
        patterns = {
            name: tuple(self.pattern(one) for one in self.sequence(fields[name])) if name in fields else ()
            for name in ("patterns", "english", "signs", "unless", "unless_english")
        }
        if not (patterns["patterns"] or patterns["english"] or patterns["signs"] or "check" in fields):
            raise self.fault(node, "nothing to look for: give patterns, english, signs or check")
        name = self.scalar(fields["id"])
        if not _NAME.match(name):
            raise self.fault(fields["id"], f"an id is lower-case letters, digits and _: {name!r}")
        return Rule(
            id=name,
            level=Level(self.choice(fields["level"], tuple(Level))),
            sentence_zh=self.sentence(fields["sentence_zh"]),
            sentence_en=self.sentence(fields["sentence_en"]),
            source=self.sentence(fields["source"]),
            check=self.choice(fields["check"], tuple(sorted(CHECKS))) if "check" in fields else "",
            purposes=self.choices(fields, "purposes", tuple(Purpose)),
            tones=self.choices(fields, "tones", TONES),
            channels=self.choices(fields, "channels", CHANNELS),
            festivals=frozenset(map(self.scalar, self.sequence(fields["festivals"])))
            if "festivals" in fields
            else frozenset(),
            across=self.flag(fields, "across"),
            is_confirmed=self.flag(fields, "confirmed"),
            line=node.start_mark.line + 1,
            **patterns,
        )

    def pattern(self, node: Any) -> re.Pattern[str]:
        try:
            return compile_pattern(self.expanded(node))
        except PatternError as error:
            raise self.fault(node, str(error)) from None

    def expanded(self, node: Any) -> str:
        def known(found: re.Match[str]) -> str:
            if found[1] not in self.macros:
                names = ", ".join(sorted(self.macros)) or "none"
                raise self.fault(node, f"unknown macro <{found[1]}>; known are: {names}")
            return self.macros[found[1]]

        written = self.scalar(node)
        size = len(written) + sum(len(known(found)) for found in _MACRO.finditer(written))
        if size > MAX_PATTERN:  # asked before it is written out: macros of macros grow tenfold a line
            raise self.fault(node, f"with its macros longer than {MAX_PATTERN} characters")
        return _MACRO.sub(known, written)

    def choices(self, fields: Mapping[str, Any], name: str, known: tuple[str, ...]) -> frozenset[str]:
        if name not in fields:
            return frozenset()
        return frozenset(self.choice(node, known) for node in self.sequence(fields[name]))

    def flag(self, fields: Mapping[str, Any], name: str) -> bool:
        return name in fields and self.choice(fields[name], ("true", "false")) == "true"

    def sentence(self, node: Any) -> str:
        value = self.scalar(node).strip()
        if not value:
            raise self.fault(node, "is empty; write a sentence")
        return value

    def choice(self, node: Any, known: tuple[str, ...]) -> str:
        value = self.scalar(node)
        if value not in known:
            raise self.fault(node, f"unknown {value!r}; known are: {', '.join(known)}")
        return value

    def mapping(
        self, node: Any, known: frozenset[str] | None = None, required: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        if not isinstance(node, MappingNode):
            raise self.fault(node, "expected names with values (name: value)")
        fields: dict[str, Any] = {}
        for key_node, value in node.value:
            key = self.scalar(key_node)
            if known is not None and key not in known:
                raise self.fault(key_node, f"unknown field {key!r}; known are: {', '.join(sorted(known))}")
            if key in fields:
                raise self.fault(key_node, f"{key!r} stands here twice; keep one")
            fields[key] = value
        if missing := required - set(fields):
            raise self.fault(node, f"missing: {', '.join(sorted(missing))}")
        return fields

    def sequence(self, node: Any) -> list[Any]:
        if not isinstance(node, SequenceNode) or not node.value:
            raise self.fault(node, "expected a list with at least one item")
        return list(node.value)

    def scalar(self, node: Any) -> str:
        if not isinstance(node, ScalarNode):
            raise self.fault(node, "expected a plain value")
        return str(node.value)

    def fault(self, node: Any, sentence: str) -> TemplateError:
        mark = node.start_mark
        return TemplateError(sentence, file=self.file, line=mark.line + 1, column=mark.column + 1)
