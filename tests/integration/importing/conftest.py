"""A file on disk and an import of it, in one call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wenhou.services.context import Context
from wenhou.services.importing.mapping import read_mapping
from wenhou.services.importing.result import ImportResult
from wenhou.services.importing.run import Request, import_customers

Importer = Callable[..., ImportResult]


@pytest.fixture
def bring(context: Context, tmp_path: Path) -> Importer:
    """`bring("客户号,姓名\\nC1,王芳\\n")` imports that text; further arguments are those of `Request`."""

    def run(text: str, *, name: str = "f.csv", mapping: str | None = None, **options: Any) -> ImportResult:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        map_path = None
        if mapping is not None:
            map_path = tmp_path / "m.yaml"
            map_path.write_text(mapping, encoding="utf-8")
        return import_customers(context, Request(path=path, mapping=read_mapping(map_path), **options))

    return run
