"""Bodies of answers, pushes and polls as plain values: JSON, XML, forms, `key=value` and lines of cells. Bounded.

Whoever wrote a body is not trusted: no document types and no entities in XML, no depth without end, at most
so many elements and rows. Everything that cannot be read is a ValueError.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import parse_qsl
from xml.parsers import expat

from pydantic import JsonValue

from integrations.sms_http.parts import Body

MAX_BYTES: Final = 4 << 20
MAX_DEPTH: Final = 32
MAX_ITEMS: Final = 20_000
_Children = dict[str, JsonValue]


def read_document(body: bytes, form: Body, charset: str) -> JsonValue:
    """The body as nested values; raises ValueError for whatever does not fit `form`. `charset` where it names none."""
    if len(body) > MAX_BYTES:
        msg = "the body is too large"
        raise ValueError(msg)
    text = body.decode(form.charset or charset)
    match form.format:
        case "json":
            return _read_json(text)
        case "xml":
            return _read_xml(text)
        case "pairs":
            return dict(_pairs(text))
        case "rows":
            return _read_rows(text, form)
        case _:
            return read_form(body, form.charset or charset)


def read_form(body: bytes, charset: str) -> dict[str, JsonValue]:
    """A form or a query; of a field given twice the last. Raises ValueError."""
    pairs = parse_qsl(
        body.decode("ascii"),
        keep_blank_values=True,
        encoding=charset,
        errors="strict",
        max_num_fields=MAX_ITEMS,
    )
    return dict(pairs)


def _read_json(text: str) -> JsonValue:
    try:
        document: JsonValue = json.loads(text)
    except RecursionError:
        msg = "the body is nested too deeply"
        raise ValueError(msg) from None
    return document


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("&", "\n").splitlines()[:MAX_ITEMS]:
        name, sign, value = line.partition("=")
        if sign:
            yield name.strip(), value.strip()
    if "=" not in text:
        msg = "the body holds no key=value"
        raise ValueError(msg)


def _read_rows(text: str, form: Body) -> JsonValue:
    """The cells of the head (or of the first row) by name, and every row as `rows`."""
    if form.row_separator == "\n":
        text = text.replace("\r\n", "\n")
    lines = [line for line in text.split(form.row_separator) if line.strip()]
    if len(lines) > MAX_ITEMS:
        msg = "the body has too many rows"
        raise ValueError(msg)
    top = _cells(lines.pop(0), form.head, form) if form.head and lines else {}
    rows: list[JsonValue] = [_cells(line, form.columns, form) for line in lines]
    if not top and rows and isinstance(rows[0], dict):
        top = dict(rows[0])
    return {**top, "rows": rows}


def _cells(line: str, names: Sequence[str], form: Body) -> _Children:
    values = line.strip("\r\n").split(form.separator, max(len(names) - 1, 0))
    return {name: value.strip() for name, value in zip(names, values, strict=False)}


class _Element:
    __slots__ = ("children", "name", "text")

    def __init__(self, name: str) -> None:
        self.name = name
        self.text: list[str] = []
        self.children: _Children = {}

    def add(self, name: str, value: JsonValue) -> None:
        """The second of a name makes a list of both."""
        known = self.children.get(name)
        if name not in self.children:
            self.children[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            self.children[name] = [known, value]

    def value(self) -> JsonValue:
        """Its children by name, or its text where it has none."""
        return self.children or "".join(self.text).strip()


class _XmlReader:
    def __init__(self) -> None:
        self.stack = [_Element("")]
        self.seen = 0

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self.seen += 1
        if len(self.stack) > MAX_DEPTH or self.seen > MAX_ITEMS * 10:
            msg = "the XML is nested too deeply or has too many elements"
            raise ValueError(msg)
        element = _Element(_local(name))
        for attribute, value in attributes.items():
            element.add(_local(attribute), value)
        self.stack.append(element)

    def close(self, _name: str) -> None:
        element = self.stack.pop()
        self.stack[-1].add(element.name, element.value())

    def write(self, text: str) -> None:
        self.stack[-1].text.append(text)

    def refuse(self, *_declared: object) -> int:
        msg = "the XML declares a document type or entities"
        raise ValueError(msg)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _read_xml(text: str) -> JsonValue:
    """The root element's children by name; attributes stand beside them. Several of a name make a list."""
    reader = _XmlReader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.open
    parser.EndElementHandler = reader.close
    parser.CharacterDataHandler = reader.write
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.ExternalEntityRefHandler = reader.refuse
    begins = text.lstrip("\ufeff \t\r\n")
    if begins.startswith("<?xml"):
        # It says how the bytes were encoded; they are decoded already, and expat knows no GB18030.
        begins = begins.partition("?>")[2]
    try:
        parser.Parse(begins, True)
    except expat.ExpatError as error:
        msg = "the body is no XML"
        raise ValueError(msg) from error
    (root,) = reader.stack[0].children.values()
    return root
