"""Which texts ship under which version numbers: `python -m templates.editions` writes `templates/editions.yaml`.

A used version never changes: a text that changes gets a new `version:` in its document. The file remembers the digest of
every version that ever shipped; writing it refuses a text that changed under its old number, and a test keeps it whole.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from templates.library import Library, bundled
from wenhou.core.errors import TemplateError

FILE = Path(__file__).parent / "editions.yaml"
_HEAD = """\
# Every version of every text that ships: key → locale → version → SHA-256 of its document.
# Written by `python -m templates.editions`; a text that changes gets a new version, its old line stays.
"""
Editions = Mapping[tuple[str, str, int], str]


def read_editions(file: Path = FILE) -> dict[tuple[str, str, int], str]:
    """(key, locale, version) → digest of everything that shipped; TemplateError for a file that is none."""
    if not file.exists():
        return {}
    try:
        document: Any = YAML(typ="safe").load(file.read_text(encoding="utf-8")) or {}
        return {
            (str(key), str(locale), int(version)): str(digest)
            for key, locales in document.items()
            for locale, versions in locales.items()
            for version, digest in versions.items()
        }
    except (YAMLError, AttributeError, ValueError) as error:
        sentence = "not a list of editions; restore it from git"
        raise TemplateError(sentence, file=file.name) from error


def rewritten(library: Library, editions: Editions) -> list[str]:
    """A sentence for each text that changed under a number that shipped before."""
    return [
        f"{key}/{locale}.yaml changed and is still version {version.version}: give it a new version"
        for (key, locale), version in sorted(library.versions.items())
        if editions.get((key, locale, version.version), version.digest) != version.digest
    ]


def unlisted(library: Library, editions: Editions) -> list[str]:
    """A sentence for each text that ships and is not in the list."""
    return [
        f"{key}/{locale}.yaml version {version.version} is not in editions.yaml: run python -m templates.editions"
        for (key, locale), version in sorted(library.versions.items())
        if (key, locale, version.version) not in editions
    ]


def as_yaml(editions: Editions) -> str:
    """The file, in the order of keys, locales and versions."""
    lines = [_HEAD.rstrip()]
    before: tuple[str, str] = ("", "")
    for (key, locale, version), digest in sorted(editions.items()):
        if key != before[0]:
            lines.append(f"{key}:")
        if (key, locale) != before:
            lines.append(f"  {locale}:")
        lines.append(f'    {version}: "{digest}"')  # quoted: YAML reads digits alone as a number
        before = (key, locale)
    return "\n".join(lines) + "\n"


def main() -> int:
    """Add what is new to the file; 1 and nothing written where a text changed under its number."""
    editions = read_editions()
    faults = rewritten(bundled(), editions)
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    if faults:
        return 1
    new = {(key, locale, one.version): one.digest for (key, locale), one in bundled().versions.items()}
    FILE.write_text(as_yaml({**editions, **new}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
