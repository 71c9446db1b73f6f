"""Reading template documents: what is wrong is named with file, line and column."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from templates import library
from wenhou.core.errors import TemplateError

GOOD = """\
key: hello
version: 1
name: 问候
purpose: care
channels: [sms]
placeholders:
  salutation: {type: salutation, source: customer.salutation, sample: 王女士}
  on: {type: date, source: occasion.on, sample: "2027-03-08"}
variants:
  - id: a
    sms: "{{ salutation }}，{{ on | cn_date }}好"
"""


def test_a_good_document_is_read_whole() -> None:
    version = library.parse(GOOD, locale="zh-CN", file="hello.yaml")

    assert (version.key, version.version, version.purpose, version.channels) == ("hello", 1, "care", ("sms",))
    assert version.uses("sms") == {"salutation", "on"}
    assert version.digest == library.parse(GOOD, locale="zh-CN").digest


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "word"),
    [
        ("{{ salutation }}", "{{ nickname }}", 11, 14, "nickname"),
        ("{{ salutation }}，", "{{ salutation ，", 11, 11, "does not parse"),
        ("{{ on | cn_date }}好", "{% if on %}好", 11, 28, "does not parse"),
        ("on | cn_date", "on", 11, 31, "needs a filter"),
        ("on | cn_date", "on | yuan", 11, 36, "does not fit"),
        ("on | cn_date", "on | strftime", 11, 36, "unknown filter"),
        ("type: date", "type: day", 8, 14, "unknown 'day'"),
        ("source: occasion.on", "source: customer.password", 8, 28, "unknown 'customer.password'"),
        ('"2027-03-08"', '"2027-02-30"', 8, 49, "no good date"),
        ("purpose: care", "purpose: spam", 4, 10, "unknown 'spam'"),
        ("channels: [sms]", "channels: [sms, email]", 10, 5, "missing: email"),
        ("channels: [sms]", "channels: [fax]", 5, 12, "unknown 'fax'"),
        ("version: 1", "version: one", 2, 10, "whole number"),
        ("version: 1\n", "", 1, 1, "missing: version"),
        ("name: 问候", "name: 问候\nname: 问候", 4, 1, "twice"),
        ("name: 问候", "title: 问候", 3, 1, "unknown field 'title'"),
        ("name: 问候", "name: [问候", 4, 8, "not valid YAML"),
        ("    sms:", "    quiet: true\n    sms:", 10, 3, "must not be quiet"),
    ],
)
def test_a_fault_is_named_with_line_and_column(old: str, new: str, line: int, column: int, word: str) -> None:
    source = GOOD.replace(old, new, 1)
    assert source != GOOD

    with pytest.raises(TemplateError) as refused:
        library.parse(source, locale="zh-CN", file="hello.yaml")

    assert word in refused.value.sentence
    assert (refused.value.file, refused.value.line, refused.value.column) == ("hello.yaml", line, column)


def test_a_fault_inside_a_block_text_is_named_at_its_own_line() -> None:
    source = GOOD.replace(
        'sms: "{{ salutation }}，{{ on | cn_date }}好"', "sms: |\n      第一行\n      {{ nobody }}"
    )

    with pytest.raises(TemplateError) as refused:
        library.parse(source, locale="zh-CN", file="hello.yaml")

    assert refused.value.line == 13


@pytest.mark.parametrize(
    "source",
    [
        "",
        "- a",
        "just words",
        "a: &a [*a]",
        "\x00",
        "[" * 5000,
        "- " * 3000 + "a",
        "x" * 300_000,
        "key: !!python/name:os",
    ],
    ids=lambda source: source[:20],
)
def test_what_is_no_document_is_refused_quickly(source: str) -> None:
    started = time.perf_counter()

    with pytest.raises(TemplateError):
        library.parse(source, locale="zh-CN", file="hello.yaml")

    assert time.perf_counter() - started < 2


def test_a_list_without_end_is_refused() -> None:
    wordings = "".join(f"  - id: v{number}\n    sms: x\n" for number in range(100))

    with pytest.raises(TemplateError, match="more than 40 items"):
        library.parse(GOOD.split("  - id: a", maxsplit=1)[0] + wordings, locale="zh-CN")


def test_a_binary_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "zh-CN.yaml").write_bytes(b"\x89PNG\xff\xfe")

    with pytest.raises(TemplateError) as refused:
        library.load(tmp_path)

    assert refused.value.file == "hello/zh-CN.yaml"


def test_a_document_must_stand_in_the_folder_of_its_key(tmp_path: Path) -> None:
    (tmp_path / "bye").mkdir()
    (tmp_path / "bye" / "zh-CN.yaml").write_text(GOOD, encoding="utf-8")

    with pytest.raises(TemplateError, match="folder is 'bye'"):
        library.load(tmp_path)


def test_every_bundled_template_is_there_in_both_locales() -> None:
    found = library.bundled()

    assert {locale for key in found.keys() for k, locale in found.versions if k == key} == {"zh-CN", "en"}  # noqa: SIM118
    assert len(found.versions) == 2 * len(found.keys())
    with pytest.raises(TemplateError, match="there is no template 'nothing'"):
        found.get("nothing")


def test_values_are_taken_from_facts_by_their_source() -> None:
    version = library.parse(GOOD, locale="zh-CN")

    assert version.values_from({"customer.salutation": "王女士", "org.name": "x"}) == {
        "salutation": "王女士",
        "on": None,
    }


def test_care_templates_have_at_least_three_wordings() -> None:
    for version in library.bundled().versions.values():
        if version.purpose == "care":
            assert len(version.variants_for()) >= 3, (version.key, version.locale)


def test_a_solemn_day_takes_the_quiet_wording() -> None:
    birthday = library.bundled().get("birthday")

    assert [variant.id for variant in birthday.variants_for("solemn")] == ["quiet", "still", "hush"]
    assert not any(variant.quiet for variant in birthday.variants_for("warm"))
