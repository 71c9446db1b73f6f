"""A text that ships and changes gets a new version: who read which words must stay true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from templates.editions import as_yaml, read_editions, rewritten, unlisted
from templates.library import Library, bundled
from wenhou.core.errors import TemplateError


def test_no_text_that_ships_changed_under_its_old_version() -> None:
    assert rewritten(bundled(), read_editions()) == []


def test_every_text_that_ships_is_listed() -> None:
    assert unlisted(bundled(), read_editions()) == []


def test_a_text_that_changed_without_a_new_version_is_named() -> None:
    pair = ("birthday", "zh-CN")
    version = bundled().versions[pair]
    changed = Library(versions={pair: replace(version, digest="0" * 64)})
    (said,) = rewritten(changed, read_editions())
    assert (
        said == f"birthday/zh-CN.yaml changed and is still version {version.version}: give it a new version"
    )
    risen = Library(versions={pair: replace(version, digest="0" * 64, version=99)})
    assert rewritten(risen, read_editions()) == []
    assert len(unlisted(risen, read_editions())) == 1


def test_the_file_is_what_the_command_writes(tmp_path: Path) -> None:
    editions = {("b", "zh-CN", 2): "f" * 64, ("b", "zh-CN", 10): "e" * 64, ("a", "en", 1): "0" * 64}
    file = tmp_path / "editions.yaml"
    file.write_text(as_yaml(editions), encoding="utf-8")
    assert read_editions(file) == editions
    file.write_text("- nothing\n", encoding="utf-8")
    with pytest.raises(TemplateError, match="not a list of editions"):
        read_editions(file)
