"""What is no template is told with its place, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from store.models.campaigns import TemplateVersion
from store.models.records import AuditRow
from tests.integration.words.desk import Desk, document
from wenhou.core.errors import InputError
from wenhou.services import template_life as life
from wenhou.services.template_checks import read_template_file

GOOD = document()
PROMISE = document("这款理财稳赚不赔，保本保收益。")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("binary", b"\x89PNG\r\n\x1a\n\x00\x01", "cannot be read as UTF-8 text"),
        ("zeros", b"key: hello\x00\n", "binary"),
        ("gbk", GOOD.encode("gbk"), "cannot be read as UTF-8 text"),
        ("huge", b"# " + b"x" * 700_000, "larger than any template"),
        ("empty", b"", "the document is empty"),
        ("unclosed", GOOD.replace("{{ salutation }}", "{{ salutation").encode(), ":10:"),
        ("unclosed_if", GOOD.replace("{{ salutation }}", "{% if salutation %}您").encode(), ":10:"),
        ("unknown_placeholder", GOOD.replace("{{ salutation }}", "{{ nickname }}").encode(), "nickname"),
        ("unknown_filter", GOOD.replace("{{ salutation }}", "{{ salutation | shout }}").encode(), "shout"),
        ("wrong_type", GOOD.replace("type: salutation", "type: number").encode(), "unknown 'number'"),
        (
            "unknown_source",
            GOOD.replace("customer.salutation", "customer.salary").encode(),
            "customer.salary",
        ),
        (
            "nothing",
            GOOD.replace("sample: 王女士}", 'sample: 王女士, default: ""}')
            .replace("{{ salutation }}，祝您生日快乐。", "{% if salutation %}{{ salutation }}{% endif %}")
            .encode(),
            "variant a, sms",
        ),
        ("long", document("祝您生日快乐。" * 12).encode(), "the document promises 70"),
        ("promise", PROMISE.encode(), "variant a, sms"),
        ("no_variants", GOOD.partition("variants:")[0].encode(), "missing: variants"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_is_no_template_is_told_with_its_place(
    desk: Desk, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    file = tmp_path / f"{name}.yaml"
    file.write_bytes(content)
    with pytest.raises(InputError) as told:
        life.save_drafts(desk.town.context, desk.writer, [read_template_file(file)])
    assert str(file) in str(told.value)
    assert said in str(told.value)
    with desk.town.context.db.read() as session:
        assert session.scalar(select(func.count()).select_from(TemplateVersion)) == 0
        assert (
            session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.act == "template.draft"))
            == 0
        )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_fault_of_a_text_is_told_at_once(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    second = '  - id: b\n    sms: "{{ salutation }}，' + "祝您生日快乐。" * 12 + '"\n'
    file.write_text(document("祝您生日快乐。" * 12) + second, encoding="utf-8")
    with pytest.raises(InputError) as told:
        life.validate(desk.town.context, [read_template_file(file)])
    lines = str(told.value).splitlines()
    assert [line.removeprefix(str(file)).split(":")[1] for line in lines] == ["10", "12"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_locale_is_the_files_name_unless_it_is_said(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "en.yaml"
    file.write_text(document("have a lovely birthday.", key="hello_town"), encoding="utf-8")
    assert read_template_file(file).locale == "en"
    assert read_template_file(file, "zh-CN").locale == "zh-CN"
    with pytest.raises(InputError, match="no locale"):
        life.validate(desk.town.context, [read_template_file(file, "fr")])
