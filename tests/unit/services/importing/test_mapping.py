"""Mapping files: what they say, and where they are wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from wenhou.core.errors import InputError
from wenhou.demo.sample import make_sample, write_sample
from wenhou.services.importing.drafts import Draft, RowReader
from wenhou.services.importing.mapping import read_mapping
from wenhou.services.importing.result import Refusal
from wenhou.services.importing.tables import open_table, read_rows

EXAMPLES = Path(__file__).parents[4] / "docs" / "examples"
TODAY = date(2027, 1, 30)


def _mapping(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "m.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _drafts(tmp_path: Path, text: str, mapping: str | None = None) -> list[Draft | Refusal]:
    file = tmp_path / "f.csv"
    file.write_text(text, encoding="utf-8")
    table = open_table(file)
    reader = RowReader(
        table, read_mapping(_mapping(tmp_path, mapping) if mapping is not None else None), TODAY
    )
    return [reader.read(row) for row in read_rows(table)]


def _draft(tmp_path: Path, text: str, mapping: str | None = None) -> Draft:
    draft = _drafts(tmp_path, text, mapping)[0]
    assert isinstance(draft, Draft)
    return draft


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fields: {nmae: a}", "m.yaml:1:10: 'nmae' is no field of ours; did you mean 'name'?"),
        ("fields:\n  name: {columm: a}", "m.yaml:2:10: a source has no 'columm'"),
        ("fields:\n  name: {column: a, constant: b}", "exactly one of"),
        ("fields:\n  name: [a, b]", "only tags and interests"),
        ("fields:\n  phone: {synthesise: mobile}", "seed"),
        ("seed: 1\nfields:\n  phone: {synthesise: magic}", "m.yaml:3:23: synthesise must be one of"),
        ("fields:\n  external_ref: {template: 'X-{row.__class__}'}", "{row}"),
        ("fields:\n  external_ref: {template: 'X-{row:06q}'}", "{row}"),
        ("fields: [a]", "must be a map"),
        ("kind: orders", "kind must be customers"),
        ("seed: soon", "whole number"),
        ("fields:\n  tier: {column: a, otherwise: guess}", "keep, blank, refuse"),
        ("fields: {a: b", "m.yaml:1:"),
        ("a: 1\na: 2", "m.yaml:"),
        ("- a", "the mapping must be a map"),
        ("", "the mapping must be a map"),
    ],
)
def test_a_wrong_mapping_names_file_line_and_column(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read_mapping(_mapping(tmp_path, text))
    assert says in str(caught.value)
    assert str(caught.value).startswith("m.yaml")
    assert "\n" not in str(caught.value)


def test_a_column_the_file_lacks_is_an_error_of_the_mapping(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"m\.yaml:1: f\.csv has no column 'fulname'; did you mean 'fullname'"
    ):
        _drafts(tmp_path, "ref,fullname\n1,a\n", "fields: {name: fulname}")


def test_an_unknown_column_names_the_nearest_heading(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown column '客户姓氏'; did you mean '客户姓名'"):
        _drafts(tmp_path, "客户号,客户姓氏\n1,a\n")


def test_values_constants_templates_and_custom_fields_arrive(tmp_path: Path) -> None:
    draft = _draft(
        tmp_path,
        "who,grade,loan,note,junk\n王芳,A,yes,好客户,z\n",
        """
        fields:
          external_ref: {template: "X-{row:04d}"}
          name: who
          tier: {column: grade, values: {A: VIP}, otherwise: refuse}
          tags: [{constant: 新客户}, {column: loan, values: {"yes": 有贷款}, otherwise: blank}]
        custom: {note: note}
        ignore: [junk]
        """,
    )
    assert draft.ref == "X-0001"
    assert draft.values == {"name": "王芳", "tier": "VIP", "tags": ["新客户", "有贷款"]}
    assert draft.custom == {"note": "好客户"}


def test_a_value_outside_a_closed_map_refuses_the_row(tmp_path: Path) -> None:
    text = "ref,grade\n1,Z\n"
    refusal = _drafts(tmp_path, text, "fields: {tier: {column: grade, values: {A: VIP}, otherwise: refuse}}")[
        0
    ]
    assert isinstance(refusal, Refusal)
    assert (refusal.findings[0].column, refusal.findings[0].value) == ("grade", "Z")


def test_synthesised_values_are_the_same_in_every_run_and_differ_by_row(tmp_path: Path) -> None:
    mapping = "seed: 7\nfields: {name: {synthesise: name}, phone: {synthesise: mobile}}"
    first, again = (
        [
            (d.values["name"], d.values["phone"])
            for d in _drafts(tmp_path, "ref\n1\n2\n3\n", mapping)
            if isinstance(d, Draft)
        ]
        for _ in range(2)
    )
    assert first == again
    assert len({phone for _, phone in first}) == 3


def test_a_mended_rejected_row_keeps_its_generated_number(tmp_path: Path) -> None:
    mapping = "fields: {external_ref: {template: 'X-{row}'}}"
    assert _draft(tmp_path, "name,原因,原行号\n王芳,某某,41\n", mapping).ref == "X-40"


def test_a_row_of_another_width_is_refused(tmp_path: Path) -> None:
    short, long, padded = _drafts(tmp_path, "客户号,姓名\n1\n2,a,b\n3,c,,\n")
    assert isinstance(short, Refusal)
    assert isinstance(long, Refusal)
    assert isinstance(padded, Draft)


def test_everything_wrong_with_a_row_is_told_at_once(tmp_path: Path) -> None:
    refusal = _drafts(tmp_path, "客户号,姓名,手机,公历生日\n,王芳,123,1990-02-30\n")[0]
    assert isinstance(refusal, Refusal)
    assert [found.column for found in refusal.findings] == ["手机", "公历生日", "客户号"]


def test_two_columns_for_one_field_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two columns would fill phone"):
        _drafts(tmp_path, "客户号,手机,手机号\n1,2,3\n")


def test_the_shipped_sample_is_what_its_maker_makes(tmp_path: Path) -> None:
    made = tmp_path / "made.csv"
    write_sample(made, make_sample(200))
    assert made.read_bytes() == (EXAMPLES / "customers-200.csv").read_bytes()


def test_the_shipped_mapping_reads() -> None:
    mapping = read_mapping(EXAMPLES / "bank-marketing.map.yaml")
    assert "虚构" in mapping.says
    assert mapping.create_orgs
