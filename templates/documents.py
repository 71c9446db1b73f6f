"""Reads a template document (YAML) and checks its shape; every error names file, line and column.

Works on YAML nodes, not on loaded values: only nodes know where each piece stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from templates.nodes import Faults, nearest
from templates.placeholders import (
    MAX_VALUE,
    SOURCES,
    OddValueError,
    Placeholder,
    PlaceholderType,
    plain_value,
)
from templates.wordings import VOICES, Turn
from wenhou.core.errors import TemplateError
from wenhou.core.purposes import Purpose

TEXT_CHANNELS = ("wechat", "wecom", "sms")
CHANNELS = (*TEXT_CHANNELS, "email")
MAX_DOCUMENT = 200_000  # characters
MAX_NESTING = 30  # brackets; the YAML scanner takes quadratic time over deep ones
MAX_COLONS = 8_000  # the YAML composer takes quadratic time over the names of one mapping
MAX_ITEMS = 40  # of a list
_DECLARED = tuple(kind for kind in PlaceholderType if kind is not PlaceholderType.TURN)
_FLAGS = frozenset({"quiet", "nameless"})
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in "str int float bool null timestamp merge map seq".split()
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A piece of template text and where it stands."""

    value: str
    faults: Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class RawVariant:
    """One wording, not yet compiled: channel → part → texts."""

    id: str
    quiet: bool
    nameless: bool
    tiers: frozenset[str]
    voice: str
    bodies: Mapping[str, Mapping[str, tuple[Text, ...]]]
    place: Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A template document with its shape checked."""

    key: str
    version: int
    name: str
    purpose: str
    sms_units: int
    placeholders: Mapping[str, Placeholder]
    channels: tuple[str, ...]
    variants: tuple[RawVariant, ...]
    turns: tuple[Turn, ...]
    card: str


def read(source: str, file: str | None) -> Document:
    """Return the document; TemplateError for what is not YAML, not known, missing or of the wrong type."""
    if len(source) > MAX_DOCUMENT:
        sentence = f"longer than {MAX_DOCUMENT} characters"
        raise TemplateError(sentence, file=file, line=1, column=1)
    if _nesting(source) > MAX_NESTING:
        sentence = f"brackets nested more than {MAX_NESTING} deep"
        raise TemplateError(sentence, file=file, line=1, column=1)
    if source.count(":") > MAX_COLONS:
        sentence = f"more than {MAX_COLONS} colons"
        raise TemplateError(sentence, file=file, line=1, column=1)
    root = _compose(source, file)
    _refuse_tricks(root, file)
    return _Reader(file).document(root)


def _nesting(source: str) -> int:
    deepest = depth = 0
    for char in source:
        depth += (char in "[{") - (char in "]}")
        deepest = max(deepest, depth)
    return deepest


def _compose(source: str, file: str | None) -> Any:
    try:
        node = YAML(typ="rt").compose(source)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {}
        sentence = f"not valid YAML: {error.problem or error.context}"
        raise TemplateError(sentence, file=file, **place) from None
    except (YAMLError, RecursionError) as error:
        sentence = f"not valid YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}"
        raise TemplateError(sentence, file=file, line=1, column=1) from None
    if node is None:
        sentence = "the document is empty"
        raise TemplateError(sentence, file=file, line=1, column=1)
    return node


def _refuse_tricks(root: Any, file: str | None) -> None:
    """Tags name types of a programming language; aliases may repeat a text, but not make a small document a huge one."""
    size, stack = 0, [root]
    while stack:
        node = stack.pop()
        mark = node.start_mark
        place = {"file": file, "line": mark.line + 1, "column": mark.column + 1}
        if node.tag not in _PLAIN_TAGS:
            sentence = f"tags are not allowed: {node.tag}"
            raise TemplateError(sentence, **place)
        children: list[Any] = []
        if isinstance(node, MappingNode):
            children = [one for pair in node.value for one in pair]
        elif isinstance(node, SequenceNode):
            children = node.value
        size += 1 + (len(node.value) if isinstance(node, ScalarNode) else 0)
        # What still waits counts as well: a list of itself a thousand times over never comes to its end.
        if size + len(stack) + len(children) > MAX_DOCUMENT:
            sentence = f"with its aliases (&a, *a) written out the document is longer than {MAX_DOCUMENT}"
            raise TemplateError(sentence, **place)
        stack.extend(reversed(children))


def _indent(node: Any) -> int:
    """How far in a block text stands: the blanks before its first line with words."""
    lines = str(node.start_mark.buffer)[node.start_mark.index : node.end_mark.index].split("\n")[1:]
    return next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)


class _Reader:
    """Walks the nodes of one file."""

    def __init__(self, file: str | None) -> None:
        self.file = file

    def document(self, root: Any) -> Document:
        needed = {"key", "version", "name", "purpose", "channels", "placeholders", "variants"}
        top = self.mapping(root, needed | {"sms_units", "turns", "card"}, required=needed)
        placeholders = {
            name: self.placeholder(name, node) for name, node in self.mapping(top["placeholders"]).items()
        }
        channels = tuple(self.choice(node, CHANNELS) for node in self.sequence(top["channels"]))
        turns = self.turns(top["turns"], placeholders) if "turns" in top else ()
        variants = tuple(self.variant(node, channels) for node in self.sequence(top["variants"]))
        ids = [variant.id for variant in variants]
        if len(set(ids)) != len(ids):
            raise self.fault(top["variants"], "two variants have the same id")
        if all(variant.quiet for variant in variants):
            raise self.fault(top["variants"], "at least one variant must not be quiet")
        if all(variant.tiers for variant in variants):
            raise self.fault(top["variants"], "at least one variant must be for customers of every tier")
        return Document(
            key=self.name(top["key"]),
            version=self.number(top["version"]),
            name=self.scalar(top["name"]),
            purpose=self.choice(top["purpose"], tuple(Purpose)),
            sms_units=self.number(top["sms_units"]) if "sms_units" in top else 70,
            placeholders=placeholders,
            channels=channels,
            variants=variants,
            turns=turns,
            card=self.scalar(top["card"]) if "card" in top else "",
        )

    def turns(self, node: Any, placeholders: Mapping[str, Placeholder]) -> tuple[Turn, ...]:
        """The pieces left open: each a plain text, or `text` with a shorter `sms` beside it; no two alike."""
        found = []
        for name, pieces in self.mapping(node).items():
            if not _NAME.match(name) or name in placeholders:
                raise self.fault(pieces, f"a turn needs a name of its own in lower-case letters: {name!r}")
            both = [self.piece(piece) for piece in self.sequence(pieces)]
            turn = Turn(
                name=name, pieces=tuple(text for text, _ in both), sms=tuple(short for _, short in both)
            )
            if len(both) < 2 or any(len(set(one)) < len(both) for one in (turn.pieces, turn.sms)):
                raise self.fault(pieces, f"the turn {name!r} needs two pieces or more, no two of them alike")
            found.append(turn)
        return tuple(found)

    def piece(self, node: Any) -> tuple[str, str]:
        """(text, text for SMS) of one piece of a turn; no placeholders inside."""
        if isinstance(node, MappingNode):
            fields = self.mapping(node, {"text", "sms"}, required={"text", "sms"})
            return self.plain(fields["text"]), self.plain(fields["sms"])
        return self.plain(node), self.plain(node)

    def plain(self, node: Any) -> str:
        value = self.scalar(node).strip()
        if not value:
            raise self.fault(node, "the text is empty")
        if re.search(r"\{[{%#]|[%#}]\}|[【】]", value):
            raise self.fault(node, "a piece of a turn is plain text: no placeholders, tags or 【】")
        return value

    def placeholder(self, name: str, node: Any) -> Placeholder:
        if not _NAME.match(name):
            raise self.fault(node, f"a placeholder's name is lower-case letters, digits and _: {name!r}")
        fields = self.mapping(
            node, {"type", "source", "sample", "default", "max_length"}, required={"type", "source", "sample"}
        )
        declared = Placeholder(
            name=name,
            type=PlaceholderType(self.choice(fields["type"], _DECLARED)),
            source=self.choice(fields["source"], tuple(sorted(SOURCES))),
            sample=self.scalar(fields["sample"]),
            default=self.scalar(fields["default"]) if "default" in fields else None,
            max_length=self.number(fields["max_length"]) if "max_length" in fields else MAX_VALUE,
        )
        for part in ("sample", "default"):
            value = getattr(declared, part)
            try:
                if value:
                    plain_value(declared, value, "zh-CN")
            except OddValueError as error:
                sentence = f"{part} {value!r} is no good {declared.type} ({error})"
                raise self.fault(fields[part], sentence) from None
        return declared

    def variant(self, node: Any, channels: tuple[str, ...]) -> RawVariant:
        known = {"id", "quiet", "nameless", "tiers", "voice", *channels}
        fields = self.mapping(node, known, required={"id", *channels})
        bodies = {
            channel: self.email(fields[channel])
            if channel == "email"
            else {"text": (self.text(fields[channel]),)}
            for channel in channels
        }
        flags = {
            flag: flag in fields and self.choice(fields[flag], ("true", "false")) == "true" for flag in _FLAGS
        }
        tiers = self.sequence(fields["tiers"]) if "tiers" in fields else []
        return RawVariant(
            id=self.name(fields["id"]),
            quiet=flags["quiet"],
            nameless=flags["nameless"],
            tiers=frozenset(self.scalar(tier) for tier in tiers),
            voice=self.choice(fields["voice"], tuple(sorted(VOICES))) if "voice" in fields else "",
            bodies=bodies,
            place=Faults(self.file, node.start_mark.line + 1, node.start_mark.column + 1),
        )

    def email(self, node: Any) -> dict[str, tuple[Text, ...]]:
        fields = self.mapping(node, {"subject", "paragraphs", "action"}, required={"subject", "paragraphs"})
        parts = {
            "subject": (self.text(fields["subject"]),),
            "paragraphs": tuple(self.text(item) for item in self.sequence(fields["paragraphs"])),
        }
        if "action" in fields:
            action = self.mapping(fields["action"], {"label", "url"}, required={"label", "url"})
            parts["action_label"] = (self.text(action["label"]),)
            parts["action_url"] = (self.text(action["url"]),)
        return parts

    def mapping(
        self,
        node: Any,
        known: set[str] | None = None,
        *,
        required: set[str] | frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        if not isinstance(node, MappingNode):
            raise self.fault(node, "expected names with values (name: value)")
        fields: dict[str, Any] = {}
        for key_node, value in node.value:
            key = self.scalar(key_node)
            if known is not None and key not in known:
                sentence = (
                    f"unknown field {key!r}{nearest(key, known)}; known are: {', '.join(sorted(known))}"
                )
                raise self.fault(key_node, sentence)
            if key in fields:
                raise self.fault(key_node, f"{key!r} stands here twice")
            fields[key] = value
        missing = required - set(fields)
        if missing:
            raise self.fault(node, f"missing: {', '.join(sorted(missing))}")
        return fields

    def sequence(self, node: Any) -> list[Any]:
        if not isinstance(node, SequenceNode) or not node.value:
            raise self.fault(node, "expected a list with at least one item")
        if len(node.value) > MAX_ITEMS:
            raise self.fault(node, f"more than {MAX_ITEMS} items")
        return list(node.value)

    def scalar(self, node: Any) -> str:
        if not isinstance(node, ScalarNode):
            raise self.fault(node, "expected a plain value")
        return str(node.value)

    def text(self, node: Any) -> Text:
        value = self.scalar(node)
        if not value.strip():
            raise self.fault(node, "the text is empty")
        mark = node.start_mark
        if node.style in ("|", ">"):  # the text begins on the line after the mark, further in than its key
            return Text(value=value, faults=Faults(self.file, mark.line + 2, 1 + _indent(node)))
        quoted = 1 if node.style in ("'", '"') else 0
        place = Faults(
            self.file, mark.line + 1, mark.column + 1 + quoted, one_line=node.end_mark.line == mark.line
        )
        return Text(value=value, faults=place)

    def name(self, node: Any) -> str:
        value = self.scalar(node)
        if not _NAME.match(value):
            raise self.fault(node, f"expected lower-case letters, digits and _: {value!r}")
        return value

    def number(self, node: Any) -> int:
        value = self.scalar(node)
        if not re.fullmatch(r"[1-9][0-9]{0,5}", value):
            raise self.fault(node, f"expected a whole number above 0: {value!r}")
        return int(value)

    def choice(self, node: Any, known: tuple[str, ...]) -> str:
        value = self.scalar(node)
        if value not in known:
            raise self.fault(node, f"unknown {value!r}{nearest(value, known)}; known are: {', '.join(known)}")
        return value

    def fault(self, node: Any, sentence: str) -> TemplateError:
        mark = node.start_mark
        return TemplateError(sentence, file=self.file, line=mark.line + 1, column=mark.column + 1)
