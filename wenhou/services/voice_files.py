"""A voice written in a file: sign-off, tone and sentences; what is not said there is empty."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml.comments import CommentedSeq

from wenhou.core.errors import InputError
from wenhou.core.purposes import Purpose
from wenhou.core.voices import MAX_PHRASES, TONES, Phrase
from wenhou.services.text_files import read_text
from wenhou.services.voice_checks import VoiceDraft
from wenhou.services.yaml_reading import YamlReader, load_documents


def read_voice_file(path: Path) -> VoiceDraft:
    """Read `sign_off`, `tone` and `phrases` of a YAML file; InputError names file, line and what would be right."""
    file = str(path)
    documents = load_documents(read_text(path), file)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise InputError("one document with sign_off, tone and phrases", file=file)
    reader, top = YamlReader(file), documents[0]
    reader.known(top, ("sign_off", "tone", "phrases"))
    rows = top.get("phrases", CommentedSeq())
    if not isinstance(rows, CommentedSeq) or len(rows) > MAX_PHRASES:
        reader.fail(top, "phrases", f"phrases: a list of at most {MAX_PHRASES} sentences")
    return VoiceDraft(
        sign_off=reader.text(top, "sign_off").strip() if top.get("sign_off") else "",
        tone=reader.word(top, "tone", TONES) if top.get("tone") else "",
        phrases=tuple(_phrase(reader, rows, index) for index in range(len(rows))),
    )


def _phrase(reader: YamlReader, rows: CommentedSeq, index: int) -> Phrase:
    one = rows[index]
    if isinstance(one, str):
        return Phrase(text=one.strip())
    top = reader.mapping(one, "each sentence is a text, or", parent=rows, name=index)
    reader.known(top, ("text", "templates", "purposes", "solemn"))
    templates = top.get("templates", [])
    if not isinstance(templates, list) or not all(isinstance(key, str) for key in templates):
        reader.fail(top, "templates", "templates: give a list of template keys")
    purposes = reader.words(top, "purposes", [one.value for one in Purpose]) if "purposes" in top else ()
    return Phrase(
        text=reader.text(top, "text").strip(),
        templates=frozenset(templates),
        purposes=frozenset(purposes),
        solemn=reader.truth(top, "solemn", default=False),
    )
