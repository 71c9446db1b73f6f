"""A file as headings and rows: CSV in three encodings, gzipped or not, and XLSX.

The whole file is walked once before anything is imported, so that a file that breaks off, or is in no known encoding,
is refused whole and never half-imported. Rows then stream: memory does not grow with the file.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import BinaryIO, TextIO, cast
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from wenhou.core.errors import InputError

CSV, XLSX = "csv", "xlsx"
_BOMS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_UTF8_BOM = b"\xef\xbb\xbf"
_DELIMITERS = (",", ";", "\t")
_BLOCK = 1 << 20
_FIELD_LIMIT = 1 << 20
_ENOUGH = 3
"""Lines with Chinese that read well as UTF-8: by chance one may, three do not."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on, and its cells as text. XLSX lines are sheet rows."""

    line: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        """Nothing in any cell: such rows are no rows."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that was walked once: every row can be read. `rows` counts those that are not blank."""

    path: Path
    kind: str
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    heading_line: int
    rows: int
    digest: bytes


def open_table(path: Path) -> Table:
    """Walk a file once; raises InputError naming file and line for anything that cannot be read to its end."""
    digest = _digest(path)
    kind = XLSX if _first_bytes(path, 4) == b"PK\x03\x04" else CSV
    if kind == CSV and path.suffix.lower() in {".xlsx", ".xlsm", ".xls"}:
        raise InputError(
            "this is no XLSX file; in Excel or WPS choose 另存为 → Excel 工作簿 (*.xlsx) or CSV UTF-8",
            file=path.name,
        )
    encoding = "xlsx" if kind == XLSX else _encoding_of(path)
    delimiter = "," if kind == XLSX else _delimiter_of(path, encoding)
    table = Table(
        path=path,
        kind=kind,
        encoding=encoding,
        delimiter=delimiter,
        headings=(),
        heading_line=0,
        rows=0,
        digest=digest,
    )
    headings: Row | None = None
    count = 0
    for row in _walk(table):
        if row.is_blank:
            continue
        if headings is None:
            headings = row
        else:
            count += 1
    if headings is None:
        raise InputError(
            "the file is empty; its first line must hold the headings (客户号, 姓名, …)", file=path.name
        )
    return Table(
        path=path,
        kind=kind,
        encoding=encoding,
        delimiter=delimiter,
        headings=tuple(_heading(cell) for cell in headings.cells),
        heading_line=headings.line,
        rows=count,
        digest=digest,
    )


def read_rows(table: Table) -> Iterator[Row]:
    """The rows below the headings, blank ones left out."""
    for row in _walk(table):
        if row.line > table.heading_line and not row.is_blank:
            yield row


def _heading(cell: str) -> str:
    return cell.replace("\ufeff", "").strip()


def _walk(table: Table) -> Iterator[Row]:
    return _walk_xlsx(table.path) if table.kind == XLSX else _walk_csv(table)


@contextmanager
def _open_bytes(path: Path) -> Iterator[BinaryIO]:
    """The file's own bytes, or those inside its gzip; operating system's errors become InputError."""
    try:
        with path.open("rb") as raw:
            if _is_gzip(raw):
                with gzip.open(raw) as inner:
                    yield cast("BinaryIO", inner)
            else:
                yield raw
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path)) from None
    except IsADirectoryError:
        raise InputError("this is a folder; name one CSV or XLSX file", file=str(path)) from None
    except PermissionError:
        raise InputError("no permission to read this file", file=str(path)) from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError("the gzip file is damaged or breaks off; fetch it again", file=path.name) from None


def _is_gzip(raw: BinaryIO) -> bool:
    magic = raw.read(2)
    raw.seek(0)
    return magic == b"\x1f\x8b"


def _first_bytes(path: Path, count: int) -> bytes:
    with _open_bytes(path) as raw:
        return raw.read(count)


def _digest(path: Path) -> bytes:
    made = hashlib.sha256()
    with _open_bytes(path) as raw:
        while block := raw.read(_BLOCK):
            made.update(block)
    return made.digest()


def _encoding_of(path: Path) -> str:
    """Strict UTF-8 first, then GB18030: text of the one is almost never valid as the other."""
    head = _first_bytes(path, 4)
    for bom, name in _BOMS:
        if head.startswith(bom):
            raise InputError(f"this file is {name}; save it as “CSV UTF-8”", file=path.name)
    problem = _find_undecodable(path, "utf-8")
    if problem is None:
        return "utf-8-sig" if head.startswith(_UTF8_BOM) else "utf-8"
    line, readable = problem
    if head.startswith(_UTF8_BOM) or readable >= _ENOUGH:
        # GB18030 accepts nearly any bytes: reading a damaged UTF-8 file by it would import rubbish.
        raise InputError("the file is UTF-8, but damaged here; export it again", file=path.name, line=line)
    problem = _find_undecodable(path, "gb18030")
    if problem is None:
        return "gb18030"
    raise InputError(
        "neither UTF-8 nor GB18030 from here on; save the file as “CSV UTF-8”",
        file=path.name,
        line=problem[0],
    )


def _find_undecodable(path: Path, encoding: str) -> tuple[int, int] | None:
    """The line of the first bytes that are not in this encoding, and how many Chinese lines before it were."""
    readable = 0
    with _open_bytes(path) as raw:
        for line, text in enumerate(raw, 1):
            if b"\0" in text:
                raise InputError(
                    "this is no text file (zero bytes); export it as CSV", file=path.name, line=line
                )
            try:
                text.decode(encoding)
            except UnicodeDecodeError:
                return line, readable
            readable += not text.isascii()
    return None


def _delimiter_of(path: Path, encoding: str) -> str:
    """The separator that stands most often in the first line that is not blank, outside quotes."""
    with _open_text(path, encoding) as text:
        first = next((line for line in text if line.strip()), "")
    bare = "".join(part for index, part in enumerate(first.split('"')) if index % 2 == 0)
    return max(_DELIMITERS, key=bare.count)


@contextmanager
def _open_text(path: Path, encoding: str) -> Iterator[TextIO]:
    with _open_bytes(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        yield text


def _walk_csv(table: Table) -> Iterator[Row]:
    csv.field_size_limit(_FIELD_LIMIT)
    with _open_text(table.path, table.encoding) as text:
        reader = csv.reader(text, delimiter=table.delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                yield Row(line, cells)
                line = reader.line_num + 1
        except csv.Error as error:
            reason = "a quotation mark is never closed" if "unexpected end" in str(error) else str(error)
            raise InputError(f"this row cannot be read: {reason}", file=table.path.name, line=line) from None


def _walk_xlsx(path: Path) -> Iterator[Row]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, ParseError, OSError):
        raise InputError(
            "this XLSX file is damaged or protected by a password; save it again", file=path.name
        ) from None
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield Row(line, [_cell_text(cell) for cell in cells])
    except (IndexError, zipfile.BadZipFile, zlib.error, ParseError, ValueError):
        raise InputError("this XLSX file is damaged; save it again", file=path.name) from None
    finally:
        book.close()


def _cell_text(cell: object) -> str:
    """A cell as a person would have typed it: whole numbers without a point, dates as 1990-02-03."""
    match cell:
        case None:
            return ""
        case bool():
            return "是" if cell else "否"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
