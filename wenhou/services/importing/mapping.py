"""The mapping file: our field ← their column, value maps, constants, generated references, declared synthesis.

kind: customers
says: one sentence for people, printed with the result
seed: 20260101                    # of everything synthesised
create_orgs: true                 # unknown orgs and advisors are made, not refused
names: {BM01: 示范网点, A1: 周敏}  # what the made ones are called; without a name, after their code or number
fields:
  name: 客户全称                   # a column
  external_ref: {template: "BM-{row:06d}"}
  tier: {column: grade, values: {A: VIP, B: 普通}, otherwise: refuse}
  managing_org: {constant: "0101"}
  phone: {synthesise: mobile}
  tags: [{column: job}, {column: loan, values: {"yes": 有贷款}, otherwise: blank}]
custom: {last_outcome: poutcome}  # into custom fields
ignore: [day, month]
"""

from __future__ import annotations

import string
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from wenhou.core.errors import InputError
from wenhou.services.importing import synthesis
from wenhou.services.importing.fields import BY_KEY, find_field, nearest_heading
from wenhou.services.text_files import read_text

_TOP: Final = ("kind", "says", "seed", "create_orgs", "names", "fields", "custom", "ignore")
_ORIGINS: Final = ("column", "constant", "template", "synthesise")
_SOURCE: Final = (*_ORIGINS, "values", "otherwise", "from", "age_in_year")
_SEVERAL: Final = frozenset({"tags", "interests"})
OTHERWISE: Final = ("keep", "blank", "refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one field's text comes from: exactly one of column, constant, template, maker."""

    column: str | None = None
    constant: str | None = None
    template: str | None = None
    maker: synthesis.Maker | None = None
    values: ReadOnly[str, str] | None = None
    otherwise: str = "keep"
    age_in_year: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A mapping file, read and checked; the empty one takes the file's own headings."""

    name: str = ""
    text: str | None = None
    says: str = ""
    seed: int | None = None
    create_orgs: bool = False
    names: ReadOnly[str, str] = field(default_factory=dict)
    fields: ReadOnly[str, tuple[Source, ...]] = field(default_factory=dict)
    custom: ReadOnly[str, Source] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()


def read_mapping(path: Path | None) -> Mapping:
    """Read and check a mapping file; raises InputError naming file, line and column. None is the empty mapping."""
    if path is None:
        return Mapping()
    return _Reader(path.name, read_text(path)).read()


class _Reader:
    """One pass over a mapping's nodes, each error with its mark."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self._seed: int | None = None

    def read(self) -> Mapping:
        top = self._map(self._load(), None, "the mapping")
        self._only(top, _TOP, "the mapping")
        if top.get("kind", "customers") != "customers":
            self._fail("kind must be customers", top.lc.value("kind"))
        self._seed = self._typed(top, "seed", int, None)
        fields = self._fields(top)
        custom = self._map(top.get("custom") or CommentedMap(), top, "custom")
        names = self._map(top.get("names") or CommentedMap(), top, "names")
        ignore = top.get("ignore") or []
        if not isinstance(ignore, list):
            self._fail("ignore must be a list of their columns", top.lc.value("ignore"))
        return Mapping(
            name=self._name,
            text=self._text,
            says=str(top.get("says") or "").strip(),
            seed=self._seed,
            create_orgs=bool(self._typed(top, "create_orgs", bool, False)),
            names={str(code): str(name) for code, name in names.items()},
            fields=fields,
            custom={str(key): self._source(custom, key) for key in custom},
            ignore=frozenset(str(column) for column in ignore),
        )

    def _load(self) -> Any:
        try:
            return YAML(typ="rt").load(self._text)
        except MarkedYAMLError as error:
            mark = error.problem_mark
            self._fail(
                f"not valid YAML: {error.problem or 'cannot be read'}",
                (mark.line, mark.column) if mark else None,
            )
        except YAMLError:
            self._fail("not valid YAML", None)

    def _fields(self, top: CommentedMap) -> dict[str, tuple[Source, ...]]:
        fields = self._map(top.get("fields") or CommentedMap(), top, "fields")
        found: dict[str, tuple[Source, ...]] = {}
        for key in fields:
            ours = key if key in BY_KEY else find_field(str(key))
            if ours is None:
                near = nearest_heading(str(key))
                self._fail(
                    f"{key!r} is no field of ours" + (f"; did you mean {near!r}?" if near else ""),
                    fields.lc.key(key),
                )
            if ours in found:
                self._fail(f"{key!r} is mapped twice", fields.lc.key(key))
            found[ours] = self._sources(fields, key, ours)
        return found

    def _sources(self, fields: CommentedMap, key: str, ours: str) -> tuple[Source, ...]:
        node = fields[key]
        if not isinstance(node, CommentedSeq):
            return (self._source(fields, key),)
        if ours not in _SEVERAL:
            self._fail(f"{key} takes one source; only tags and interests take a list", fields.lc.value(key))
        return tuple(self._source(node, index) for index in range(len(node)))

    def _source(self, parent: CommentedMap | CommentedSeq, key: Any) -> Source:
        node = parent[key]
        mark = parent.lc.value(key) if isinstance(parent, CommentedMap) else parent.lc.item(key)
        if isinstance(node, str):
            return Source(column=node.strip(), line=mark[0] + 1)
        if not isinstance(node, CommentedMap):
            self._fail("give a column's name, or one of column, constant, template, synthesise", mark)
        self._only(node, _SOURCE, "a source")
        given = [name for name in _ORIGINS if name in node]
        if len(given) != 1:
            self._fail(f"give exactly one of {', '.join(_ORIGINS)}", mark)
        otherwise = node.get("otherwise", "keep")
        if otherwise not in OTHERWISE:
            self._fail(f"otherwise must be one of {', '.join(OTHERWISE)}", node.lc.value("otherwise"))
        values = self._map(node["values"], node, "values") if "values" in node else None
        return Source(
            column=str(node["column"]).strip() if "column" in node else None,
            constant=str(node["constant"]) if "constant" in node else None,
            template=self._template(node) if "template" in node else None,
            maker=self._maker(node) if "synthesise" in node else None,
            values=None
            if values is None
            else {str(theirs): self._word(ours) for theirs, ours in values.items()},
            otherwise=otherwise,
            age_in_year=self._typed(node, "age_in_year", int, None),
            line=mark[0] + 1,
        )

    def _template(self, node: CommentedMap) -> str:
        template = str(node["template"])
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
            template.format(row=1)
        except (ValueError, KeyError, IndexError, AttributeError):
            names = {""}
        if names != {"row"}:
            self._fail(
                "a template holds {row}, as in BM-{row:06d}, and no other placeholder",
                node.lc.value("template"),
            )
        return template

    def _maker(self, node: CommentedMap) -> synthesis.Maker:
        kind = node["synthesise"]
        if self._seed is None:
            self._fail(
                "synthesised values need a `seed:` at the top, so that every run makes the same",
                node.lc.value("synthesise"),
            )
        if kind == "choose":
            choices = node.get("from")
            if not isinstance(choices, list) or not choices:
                self._fail("choose needs `from:`, a list of words", node.lc.value("synthesise"))
            return synthesis.choose([self._word(choice) for choice in choices])
        if kind not in synthesis.MAKERS:
            legal = ", ".join((*synthesis.MAKERS, "choose"))
            self._fail(f"synthesise must be one of {legal}", node.lc.value("synthesise"))
        return synthesis.MAKERS[kind]

    def _word(self, value: object) -> str:
        """YAML reads bare yes, no and null as other things: say what people meant."""
        if value is None:
            return ""
        return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)

    def _typed(self, node: CommentedMap, key: str, kind: type, default: Any) -> Any:
        value = node.get(key, default)
        if key in node and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            self._fail(
                f"{key} must be {'a whole number' if kind is int else 'true or false'}", node.lc.value(key)
            )
        return value

    def _map(self, node: object, parent: CommentedMap | None, what: str) -> CommentedMap:
        if not isinstance(node, CommentedMap):
            mark = (
                cast("tuple[int, int]", parent.lc.value(what))
                if parent is not None and what in parent
                else None
            )
            self._fail(f"{what} must be a map of `name: value`", mark)
        return node

    def _only(self, node: CommentedMap, legal: tuple[str, ...], what: str) -> None:
        for key in node:
            if key not in legal:
                self._fail(f"{what} has no {key!r}; it may hold {', '.join(legal)}", node.lc.key(key))

    def _fail(self, sentence: str, mark: tuple[int, int] | None) -> NoReturn:
        line, column = (mark[0] + 1, mark[1] + 1) if mark else (None, None)
        raise InputError(sentence, file=self._name, line=line, column=column)
