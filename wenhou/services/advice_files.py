"""An advice card as a person writes it: one YAML document, its four blocks in Chinese and, where wanted, in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from wenhou.core.advice import BLOCKS, Blocks
from wenhou.core.errors import InputError
from wenhou.services.text_files import read_text
from wenhou.services.yaml_reading import YamlReader, load_documents

LOCALES = ("zh-CN", "en")
_FIELDS = ("product", "source", "source_on", *LOCALES)
_MOST_BYTES = 360
"""Of a block in UTF-8, 120 Chinese characters: four of them and their frame fit one WeChat message (2,048 bytes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDraft:
    """A card as written. `blocks` by locale, Chinese always."""

    product: str
    source: str
    source_on: date
    blocks: dict[str, Blocks]

    def columns(self) -> dict[str, Any]:
        """What is kept of it."""
        blocks = {locale: asdict(one) for locale, one in self.blocks.items()}
        return {"blocks": blocks, "source": self.source, "source_on": self.source_on}


def read_card(path: Path) -> CardDraft:
    """A card's YAML file; InputError names file, line, column and what would be right."""
    file = str(path)
    documents = load_documents(read_text(path), file)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise InputError("one card a file: start with `product:` and `source:`", file=file)
    reader, top = YamlReader(file), documents[0]
    reader.known(top, _FIELDS)
    source = reader.text(top, "source").strip()
    if len(source) > 200:
        reader.fail(top, "source", "source is longer than 200 characters")
    return CardDraft(
        product=reader.text(top, "product").strip(),
        source=source,
        source_on=reader.date(top, "source_on"),
        blocks={
            locale: _blocks(reader, top, locale) for locale in LOCALES if locale in top or locale == "zh-CN"
        },
    )


def _blocks(reader: YamlReader, top: Mapping[str, Any], locale: str) -> Blocks:
    spec = reader.mapping(top.get(locale), locale, parent=top, name=locale)
    reader.known(spec, BLOCKS, f"{locale}.")
    found: dict[str, str] = {}
    for name in BLOCKS:
        text = " ".join(reader.text(spec, name).split())
        if len(text.encode()) > _MOST_BYTES:
            reader.fail(
                spec,
                name,
                f"{locale}.{name} is longer than {_MOST_BYTES // 3} Chinese or {_MOST_BYTES} Latin characters",
            )
        found[name] = text
    return Blocks(**found)
