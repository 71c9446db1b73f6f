"""An opinion of consumer protection as a person writes it: in a campaign's `opinion:` section or a file of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from templates.engine import LOCALES
from wenhou.core.errors import InputError
from wenhou.core.opinions import Conclusion, Material, Opinion
from wenhou.services.text_files import read_text
from wenhou.services.yaml_reading import YamlReader, load_documents

FIELDS = (
    "number",
    "reviewer",
    "valid_from",
    "valid_until",
    "conclusion",
    "materials",
    "issuer_approval",
    "note",
)
_MATERIAL = ("template", "version", "locale", "name", "sha256")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}\Z")
_LENGTHS = {"number": 60, "issuer_approval": 60, "reviewer": 120, "note": 2_000}
_MOST_MATERIALS = 200


def read_opinion_file(path: Path) -> Opinion:
    """The one opinion of a YAML file, its fields at the top or under `opinion:`; InputError names file, line, column."""
    file = str(path)
    documents = load_documents(read_text(path), file)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise InputError("one opinion a file: start with `number:` and `reviewer:`", file=file)
    reader = YamlReader(file)
    top = documents[0]
    if set(top) == {"opinion"}:
        top = reader.mapping(top["opinion"], "opinion", parent=top, name="opinion")
    return read_opinion(reader, top)


def read_opinion(reader: YamlReader, spec: Mapping[str, Any], prefix: str = "") -> Opinion:
    """An opinion's block, checked; InputError at the field that is wrong. `prefix` names the block: "opinion."."""
    reader.known(spec, FIELDS, prefix)
    conclusion = Conclusion(
        reader.word(spec, "conclusion", [one.value for one in Conclusion], Conclusion.AGREE.value)
    )
    number, reviewer = _text(reader, spec, "number"), _text(reader, spec, "reviewer")
    valid_until = reader.date(spec, "valid_until")
    valid_from = reader.date(spec, "valid_from") if spec.get("valid_from") is not None else None
    if valid_from is not None and valid_from > valid_until:
        reader.fail(spec, "valid_until", f"valid_until is before valid_from ({valid_from})")
    note = _text(reader, spec, "note") if spec.get("note") is not None else None
    if conclusion is not Conclusion.AGREE and note is None:
        reader.fail(spec, "conclusion", f"{conclusion.value} needs a note: what is to be changed, or why not")
    materials = _materials(reader, spec)
    if not materials and conclusion is not Conclusion.REFUSE:
        reader.fail(spec, "materials", "materials is missing: list what was read")
    return Opinion(
        number=number,
        reviewer=reviewer,
        valid_from=valid_from,
        valid_until=valid_until,
        conclusion=conclusion,
        materials=materials,
        issuer_approval=_text(reader, spec, "issuer_approval")
        if spec.get("issuer_approval") is not None
        else None,
        note=note,
    )


def opinion_document(opinion: Opinion) -> dict[str, Any]:
    """The block that stands for an opinion: read again it is the same."""
    made: dict[str, Any] = {"number": opinion.number, "reviewer": opinion.reviewer}
    if opinion.valid_from is not None:
        made["valid_from"] = opinion.valid_from
    made["valid_until"] = opinion.valid_until
    if opinion.conclusion is not Conclusion.AGREE:
        made["conclusion"] = opinion.conclusion.value
    if opinion.materials:
        made["materials"] = [material_document(one) for one in opinion.materials]
    for name in ("issuer_approval", "note"):
        if getattr(opinion, name) is not None:
            made[name] = getattr(opinion, name)
    return made


def material_document(material: Material) -> dict[str, Any]:
    """One material as it is kept."""
    if material.template:
        made: dict[str, Any] = {"template": material.template, "version": material.version}
        return made | ({"locale": material.locale} if material.locale else {})
    return {"name": material.name, "sha256": material.sha256}


def material_from(document: Mapping[str, Any]) -> Material:
    """A material as it was kept."""
    return Material(**{name: document[name] for name in _MATERIAL if name in document})


def parse_material(text: str) -> Material:
    """A material as typed for a command: `TEMPLATE@VERSION`, `TEMPLATE@VERSION:LOCALE` or `NAME=SHA256`."""
    name, sign, digest = text.partition("=")
    if sign:
        return _document_material(name.strip(), digest.strip(), text)
    template, sign, rest = text.partition("@")
    version, _, locale = rest.partition(":")
    if not sign or not template or not version.isdecimal() or (locale and locale not in LOCALES):
        raise InputError(
            f"{text!r} is no material: give TEMPLATE@VERSION, e.g. rate_news@1, or NAME=SHA256 of a document"
        )
    return Material(template=template, version=int(version), locale=locale)


def _document_material(name: str, digest: str, text: str) -> Material:
    if not name or not _SHA256.match(digest):
        raise InputError(f"{text!r}: after the name and `=` come the 64 hexadecimal digits of its SHA-256")
    return Material(name=name, sha256=digest.lower())


def _materials(reader: YamlReader, spec: Mapping[str, Any]) -> tuple[Material, ...]:
    rows = spec.get("materials")
    if rows is None:
        return ()
    if not isinstance(rows, list) or not rows or len(rows) > _MOST_MATERIALS:
        reader.fail(
            spec, "materials", "materials is a list of {template, version} or {name, sha256}, at least one"
        )
    return tuple(_material(reader, rows, index) for index in range(len(rows)))


def _material(reader: YamlReader, rows: Any, index: int) -> Material:
    spec = reader.mapping(rows[index], f"materials[{index}]", parent=rows, name=index)
    reader.known(spec, _MATERIAL, f"materials[{index}].")
    if ("template" in spec) == ("name" in spec):
        reader.fail(rows, index, f"materials[{index}]: either {{template, version}} or {{name, sha256}}")
    if "template" in spec:
        locale = reader.word(spec, "locale", LOCALES) if spec.get("locale") is not None else ""
        version = reader.number(spec, "version", least=1, most=999_999)
        return Material(template=reader.text(spec, "template"), version=version, locale=locale)
    digest = spec.get("sha256")
    if not isinstance(digest, str) or not _SHA256.match(digest):
        reader.fail(spec, "sha256", f"materials[{index}].sha256: the 64 hexadecimal digits of the file")
    return Material(name=reader.text(spec, "name"), sha256=str(digest).lower())


def _text(reader: YamlReader, spec: Mapping[str, Any], name: str) -> str:
    value = spec.get(name)
    if isinstance(value, int | date) and not isinstance(value, bool):
        reader.fail(spec, name, f'{name} is a text: put it in quotes, "{value}"')
    text = reader.text(spec, name).strip()
    if len(text) > _LENGTHS[name]:
        reader.fail(spec, name, f"{name} is longer than {_LENGTHS[name]} characters")
    return text
