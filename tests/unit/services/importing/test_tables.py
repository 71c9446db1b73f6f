"""Files as branches send them, and files that are none."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from wenhou.core.errors import InputError
from wenhou.services.importing.tables import open_table, read_rows

TEXT = '客户号,姓名,标签\nC1,王芳,"工资,代发"\nC2,李静,\n\nC3,陈晨,退休\n'


def _write(tmp_path: Path, content: bytes, name: str = "f.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encoding_is_found_and_named(tmp_path: Path, encoding: str) -> None:
    table = open_table(_write(tmp_path, TEXT.encode(encoding)))
    assert (table.encoding, table.rows) == (encoding, 3)
    assert table.headings == ("客户号", "姓名", "标签")
    assert next(read_rows(table)).cells == ["C1", "王芳", "工资,代发"]


def test_lines_are_those_of_the_file_past_blank_ones_and_breaks_in_cells(tmp_path: Path) -> None:
    table = open_table(_write(tmp_path, b'ref,name\nA,"x\ny"\n\nB,z\n'))
    assert [row.line for row in read_rows(table)] == [2, 5]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_separator_is_found_in_the_headings(tmp_path: Path, delimiter: str) -> None:
    text = f'ref{delimiter}"a,b;c"{delimiter}name\n1{delimiter}2{delimiter}3\n'
    table = open_table(_write(tmp_path, text.encode()))
    assert table.delimiter == delimiter
    assert len(table.headings) == 3


def test_a_gzipped_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    assert open_table(_write(tmp_path, gzip.compress(TEXT.encode()), "f.csv.gz")).rows == 3


def test_dates_and_whole_numbers_of_a_sheet_read_as_people_type_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["客户号", "手机", "公历生日", "资产(元)", "是否员工"])
    sheet.append([1001, 13800138000.0, date(1990, 2, 3), 12.5, True])
    path = tmp_path / "f.xlsx"
    book.save(path)
    table = open_table(path)
    assert next(read_rows(table)).cells == ["1001", "13800138000", "1990-02-03", "12.5", "是"]


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "f.csv", "empty"),
        (b"\n\n", "f.csv", "empty"),
        (b'ref,name\n1,"open\n2,b\n', "f.csv", "f.csv:2"),
        (TEXT.encode("utf-16"), "f.csv", "UTF-16"),
        (b"ref,name\n1,\x00\n", "f.csv", "f.csv:2"),
        (b"ref,name\n1,\xff\xff\xff\n", "f.csv", "f.csv:2"),
        (gzip.compress(TEXT.encode() * 50)[:-20], "f.csv.gz", "breaks off"),
        (b"PK\x03\x04 not a sheet", "f.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0 old", "f.xls", "XLSX"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_that_says_what_to_do(
    tmp_path: Path, content: bytes, name: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        open_table(_write(tmp_path, content, name))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_utf8_file_is_not_taken_for_gb18030(tmp_path: Path) -> None:
    good = "ref,姓名\n1,王芳\n2,李静\n3,陈晨\n".encode()
    with pytest.raises(InputError, match=r"f\.csv:5: the file is UTF-8, but damaged"):
        open_table(_write(tmp_path, good + b"4,\xcd\xf5\xb7\xbc\n"))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        open_table(tmp_path / "none.csv")
