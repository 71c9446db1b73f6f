"""The rows that were not taken, in a file that can be mended and imported again; and closures proposed by a snapshot."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from wenhou.core.errors import InputError
from wenhou.services.importing.fields import ALWAYS_IGNORED, BY_KEY, LINE_HEADING, REASON_HEADING
from wenhou.services.importing.result import Refusal
from wenhou.services.importing.tables import Table

_BOM = "\ufeff"


def stem_of(path: Path) -> Path:
    """The file's path without .csv, .xlsx, .gz: what our own files beside it are named after."""
    name = path.name
    for suffix in (".gz", ".csv", ".xlsx", ".txt", ".tsv"):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return path.with_name(name or path.name)


def write_rejected(table: Table, refusals: Sequence[Refusal], target: Path | None) -> Path:
    """Write the refused rows with their reasons, as UTF-8 with BOM (which Excel and WPS open rightly)."""
    kept = [index for index, heading in enumerate(table.headings) if heading not in ALWAYS_IGNORED]
    line_at = table.headings.index(LINE_HEADING) if LINE_HEADING in table.headings else None
    width = len(table.headings)
    rows = [[*(table.headings[index] for index in kept), REASON_HEADING, LINE_HEADING]]
    for refusal in refusals:
        cells = [*refusal.cells, *[""] * (width - len(refusal.cells))]
        reason = "；".join(
            f"{found.column}：{found.zh}" if found.column else found.zh for found in refusal.findings
        )
        first_line = cells[line_at] if line_at is not None and cells[line_at].strip() else str(refusal.line)
        rows.append([*(cells[index] for index in kept), reason, first_line, *cells[width:]])
    return _write(rows, target or stem_of(table.path).with_name(stem_of(table.path).name + ".rejected.csv"))


def write_closures(path: Path, refs: Sequence[str]) -> Path:
    """Write proposed closures in the form of an import: a person looks, then imports it."""
    rows = [
        [BY_KEY["external_ref"].headings[0], BY_KEY["state"].headings[0]],
        *([ref, "销户"] for ref in refs),
    ]
    return _write(rows, stem_of(path).with_name(stem_of(path).name + ".closures.csv"))


def _write(rows: Sequence[Sequence[str]], wanted: Path) -> Path:
    """Write to the path, or beside it under a number where somebody may be mending what is there."""
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    content = (_BOM + made.getvalue()).encode()
    target, number = wanted, 1
    try:
        while target.exists() and target.read_bytes() != content:
            number += 1
            name = wanted.name
            for ending in (".rejected.csv", ".closures.csv"):
                name = name.replace(ending, f".{number}{ending}")
            target = wanted.with_name(name if name != wanted.name else f"{number}.{wanted.name}")
        target.write_bytes(content)
    except OSError:
        raise InputError(
            "no permission to write this file; name another with --rejected", file=str(target)
        ) from None
    return target
