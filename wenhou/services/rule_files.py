"""Files that hold audience rules by themselves: one rule, the bank's tiers, its automatic tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from store.recomputing import Axis, Step
from wenhou.core.audience import Rule, conditions_of
from wenhou.core.errors import InputError
from wenhou.services.audience_files import ANY_WORDS, Vocabulary, read_rule
from wenhou.services.yaml_reading import YamlReader, load_documents, plain

AXES = ("tier", "need", "risk_appetite")
_MOST_NAME = 40
_MOST_TAG = 60
_MOST_SLACK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A checked file: its rules, the same as plain data, and the text."""

    document: dict[str, Any]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSheet(Sheet):
    """The bank's tiers, an axis a kind of them."""

    axes: tuple[Axis, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSheet(Sheet):
    """Automatic tags: each with its rule."""

    rules: tuple[tuple[str, Rule], ...]


def bundled_tiers() -> str:
    """The text of the tiers that ship with Wenhou."""
    return (files("wenhou") / "content" / "tiers.yaml").read_text(encoding="utf-8")


def read_rule_file(text: str, file: str, words: Vocabulary = ANY_WORDS) -> Rule:
    """One rule, by itself or as the `audience:` of a document."""
    reader, top = _only_document(text, file)
    if "audience" in top:
        return read_rule(top["audience"], reader, parent=top, name="audience", words=words)
    return read_rule(top, reader, parent=top, name="rule", words=words)


def read_tiers(text: str, file: str, words: Vocabulary = ANY_WORDS) -> TierSheet:
    """The tiers of a file; InputError at the first fault."""
    reader, top = _only_document(text, file)
    return tiers_of(reader, top, source=text, words=words)


def tiers_of(
    reader: YamlReader, top: Mapping[str, Any], *, source: str, words: Vocabulary = ANY_WORDS
) -> TierSheet:
    """The tiers of a parsed document."""
    reader.known(top, ("overrides_file", "hysteresis_percent", *AXES))
    overrides = reader.truth(top, "overrides_file", default=False)
    slack = reader.number(top, "hysteresis_percent", 0, least=0, most=_MOST_SLACK)
    axes = tuple(
        Axis(
            column=axis,
            steps=_steps(reader, top, axis, words),
            slack=slack,
            overrides_file=overrides,
        )
        for axis in AXES
        if axis in top
    )
    if not axes:
        reader.fail(top, None, f"there is no tier in this file: give at least one of {', '.join(AXES)}")
    return TierSheet(document=plain(top), source=source, axes=axes)


def read_tags(text: str, file: str, words: Vocabulary = ANY_WORDS) -> TagSheet:
    """The automatic tags of a file; InputError at the first fault."""
    reader, top = _only_document(text, file)
    return tags_of(reader, top, source=text, words=words)


def tags_of(
    reader: YamlReader, top: Mapping[str, Any], *, source: str, words: Vocabulary = ANY_WORDS
) -> TagSheet:
    """The automatic tags of a parsed document."""
    reader.known(top, ("tags",))
    blocks = _blocks(reader, top, "tags", "tag")
    rules: list[tuple[str, Rule]] = []
    for index, block in enumerate(blocks):
        reader.known(block, ("tag", "when"), f"tags[{index}].")
        tag = _name(reader, block, "tag", _MOST_TAG, [name for name, _ in rules])
        rules.append((tag, _when(reader, block, f"tags[{index}].when", words)))
    for index, (tag, rule) in enumerate(rules):
        _refuse_loop(reader, blocks[index], tag, rule, {name for name, _ in rules})
    return TagSheet(document=plain(top), source=source, rules=tuple(rules))


def _refuse_loop(
    reader: YamlReader, block: Mapping[str, Any], tag: str, rule: Rule, automatic: set[str]
) -> None:
    """A tag that hangs on an automatic tag would depend on the order in which they are worked out."""
    from_tags = {word for one in conditions_of(rule) if one.field == "tag" for word in one.values}
    clash = sorted(from_tags & automatic)
    if clash:
        reader.fail(
            block,
            "when",
            f"{tag}: the rule asks for {clash[0]}, itself an automatic tag; ask what that one asks",
        )


def _steps(reader: YamlReader, top: Mapping[str, Any], axis: str, words: Vocabulary) -> tuple[Step, ...]:
    steps: list[Step] = []
    for index, block in enumerate(_blocks(reader, top, axis, "name")):
        reader.known(block, ("name", "when"), f"{axis}[{index}].")
        name = _name(reader, block, "name", _MOST_NAME, [step.name for step in steps])
        rule = _when(reader, block, f"{axis}[{index}].when", words)
        if any(one.field == axis for one in conditions_of(rule)):
            reader.fail(block, "when", f"{name}: a rule for {axis} can not ask for {axis} itself")
        steps.append(Step(name=name, rule=rule))
    return tuple(steps)


def _blocks(reader: YamlReader, top: Mapping[str, Any], name: str, inner: str) -> list[Mapping[str, Any]]:
    value = top.get(name)
    if not isinstance(value, list) or not value:
        reader.fail(top, name, f"{name}: give a list of blocks with {inner}: and when:")
    return [
        reader.mapping(block, f"{name}[{index}]", parent=value, name=index)
        for index, block in enumerate(value)
    ]


def _name(reader: YamlReader, block: Mapping[str, Any], field: str, most: int, taken: list[str]) -> str:
    name = reader.text(block, field).strip()
    if len(name) > most:
        reader.fail(block, field, f"{name!r} is longer than {most} characters")
    if name in taken:
        reader.fail(block, field, f"{name} stands twice; a name has one rule")
    return name


def _when(reader: YamlReader, block: Mapping[str, Any], name: str, words: Vocabulary) -> Rule:
    if "when" not in block:
        reader.fail(block, None, f"{name} is missing: give a rule")
    return read_rule(block["when"], reader, parent=block, name="when", words=words)


def _only_document(text: str, file: str) -> tuple[YamlReader, Mapping[str, Any]]:
    documents = load_documents(text, file)
    if len(documents) != 1:
        raise InputError(f"{file} holds {len(documents)} documents where one is expected", file=file)
    reader = YamlReader(file)
    return reader, reader.mapping(documents[0], "the document", parent=None, name=None)
