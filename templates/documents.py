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

from templates.nodes import Faults
from templates.placeholders import (
    MAX_VALUE,
    SOURCES,
    OddValueError,
    Placeholder,
    PlaceholderType,
    plain_value,
)
from wenhou.core.errors import TemplateError
from wenhou.core.purposes import Purpose

TEXT_CHANNELS = ("wechat", "wecom", "sms")
CHANNELS = (*TEXT_CHANNELS, "email")
MAX_DOCUMENT = 200_000  # characters
MAX_NESTING = 30  # brackets; the YAML scanner takes quadratic time over deep ones
MAX_ITEMS = 40  # of a list
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
    bodies: Mapping[str, Mapping[str, tuple[Text, ...]]]


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


def read(source: str, file: str | None) -> Document:
    """Return the document; TemplateError for what is not YAML, not known, missing or of the wrong type."""
    if len(source) > MAX_DOCUMENT:
        sentence = f"longer than {MAX_DOCUMENT} characters"
        raise TemplateError(sentence, file=file, line=1, column=1)
    if _nesting(source) > MAX_NESTING:
        sentence = f"brackets nested more than {MAX_NESTING} deep"
        raise TemplateError(sentence, file=file, line=1, column=1)
    return _Reader(file).document(_compose(source, file))


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


class _Reader:
    """Walks the nodes of one file."""

    def __init__(self, file: str | None) -> None:
        self.file = file

    def document(self, root: Any) -> Document:
        known = {"key", "version", "name", "purpose", "channels", "sms_units", "placeholders", "variants"}
        top = self.mapping(root, known, required=known - {"sms_units"})
        placeholders = {
            name: self.placeholder(name, node) for name, node in self.mapping(top["placeholders"]).items()
        }
        channels = tuple(self.choice(node, CHANNELS) for node in self.sequence(top["channels"]))
        variants = tuple(self.variant(node, channels) for node in self.sequence(top["variants"]))
        ids = [variant.id for variant in variants]
        if len(set(ids)) != len(ids):
            raise self.fault(top["variants"], "two variants have the same id")
        if all(variant.quiet for variant in variants):
            raise self.fault(top["variants"], "at least one variant must not be quiet")
        return Document(
            key=self.name(top["key"]),
            version=self.number(top["version"]),
            name=self.scalar(top["name"]),
            purpose=self.choice(top["purpose"], tuple(Purpose)),
            sms_units=self.number(top["sms_units"]) if "sms_units" in top else 70,
            placeholders=placeholders,
            channels=channels,
            variants=variants,
        )

    def placeholder(self, name: str, node: Any) -> Placeholder:
        if not _NAME.match(name):
            raise self.fault(node, f"a placeholder's name is lower-case letters, digits and _: {name!r}")
        fields = self.mapping(
            node, {"type", "source", "sample", "default", "max_length"}, required={"type", "source", "sample"}
        )
        declared = Placeholder(
            name=name,
            type=PlaceholderType(self.choice(fields["type"], tuple(PlaceholderType))),
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
        fields = self.mapping(node, {"id", "quiet", *channels}, required={"id", *channels})
        bodies = {
            channel: self.email(fields[channel])
            if channel == "email"
            else {"text": (self.text(fields[channel]),)}
            for channel in channels
        }
        quiet = "quiet" in fields and self.choice(fields["quiet"], ("true", "false")) == "true"
        return RawVariant(id=self.name(fields["id"]), quiet=quiet, bodies=bodies)

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
                raise self.fault(key_node, f"unknown field {key!r}; known are: {', '.join(sorted(known))}")
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
        if node.style in (
            "|",
            ">",
        ):  # the text begins on the line after the mark, two columns in from its key
            return Text(value=value, faults=Faults(self.file, node.start_mark.line + 2, 1))
        quoted = 1 if node.style in ("'", '"') else 0
        mark = node.start_mark
        return Text(value=value, faults=Faults(self.file, mark.line + 1, mark.column + 1 + quoted))

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
            raise self.fault(node, f"unknown {value!r}; known are: {', '.join(known)}")
        return value

    def fault(self, node: Any, sentence: str) -> TemplateError:
        mark = node.start_mark
        return TemplateError(sentence, file=self.file, line=mark.line + 1, column=mark.column + 1)
