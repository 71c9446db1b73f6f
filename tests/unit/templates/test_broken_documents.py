"""What an author gets wrong: each mistake is named with file, line and column, and with the word that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from templates import library
from wenhou.core.errors import TemplateError

GOOD = """\
key: probe
version: 1
name: 试
purpose: care
channels: [sms, email]
placeholders:
  salutation: {type: salutation, source: customer.salutation, sample: 王女士}
  due: {type: date, source: occasion.on, sample: "2027-03-08"}
  branch: {type: text, source: org.name, sample: 汉正街支行, default: ""}
variants:
  - id: a
    sms: "{{ salutation }}，您好。{{ due | cn_date }}"
    email:
      subject: "{{ salutation }}，您好"
      paragraphs:
        - "您好。"
        - |
          {{ salutation }}，第一行
          第二行 {{ branch }}
"""
LAST = "          第二行 {{ branch }}\n"
SMS = '    sms: "{{ salutation }}，您好。{{ due | cn_date }}"\n'


def _sms(text: str) -> str:
    return GOOD.replace(SMS, f'    sms: "{text}"\n')


def _last(text: str) -> str:
    return GOOD.replace(LAST, f"          {text}\n")


def _swap(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


BROKEN = [
    (_sms("您好{{ salutation"), 12, 13, "does not parse"),
    (_sms("您好{{ salutation }"), 12, 13, "does not parse"),
    (_sms("您好{% if due %}再见"), 12, 13, "does not parse"),
    (_sms("{% if due %}您{% endif %}{% if branch %}好"), 12, 35, "does not parse"),
    (_sms("您好{# 注"), 12, 13, "does not parse"),
    (_sms("您好{% endif %}"), 12, 13, "does not parse"),
    (_sms("您好 }}"), 12, 14, "belongs to no tag"),
    (_sms("您好${name}"), 12, 13, "belongs to no tag"),
    (_sms("{{ salutatoin }}，您好"), 12, 14, "did you mean 'salutation'"),
    (_sms("您好，{{ stranger }}"), 12, 17, "unknown placeholder 'stranger'; declared are"),
    (_sms("您好，{{ due | cn_dat }}"), 12, 23, "did you mean 'cn_date'"),
    (_sms("您好，{{ due | zzz }}"), 12, 23, "unknown filter 'zzz'; there are"),
    (_sms("您好，{{ due }}"), 12, 17, "needs a filter"),
    (_sms("您好，{{ salutation | cn_date }}"), 12, 30, "does not fit 'salutation', which is a salutation"),
    (_sms("您好，{{ due | age }}"), 12, 23, "takes 1 date argument"),
    (_sms("您好，{{ due.year }}"), 12, 14, "attributes"),
    (_sms("您好{% for x in due %}{% endfor %}"), 12, 13, "loops"),
    (_sms("{% if due > '1' %}好{% endif %}"), 12, 11, "only == and !="),
    (_sms("您好{{ due == '1' }}"), 12, 13, "only a placeholder"),
    (_sms("{# 只有注 #}"), 12, 11, "renders to nothing"),
    (_sms("{% if due %} {% endif %}"), 12, 11, "renders to nothing"),
    (_sms(""), 12, 10, "the text is empty"),
    (_sms("第一行\\n第二行{{ nobody }}"), 12, 22, "unknown placeholder 'nobody'"),
    (_last("第二行 {{ branhc }}"), 19, 18, "did you mean 'branch'"),
    (_last("第二行 {% if branch %}"), 19, 15, "does not parse"),
    (_last("第二行 {{ due }}"), 19, 18, "needs a filter"),
    (_swap("version: 1", "version: one"), 2, 10, "whole number"),
    (_swap("version: 1", "version: -1"), 2, 10, "whole number"),
    (_swap("version: 1", "version: [1]"), 2, 10, "plain value"),
    (_swap("purpose: care", "purpose: cares"), 4, 10, "did you mean 'care'"),
    (_swap("channels: [sms, email]", "channels: [sms, emial]"), 5, 17, "did you mean 'email'"),
    (_swap("channels: [sms, email]", "channels: sms"), 5, 11, "expected a list"),
    (_swap("channels: [sms, email]", "channels: []"), 5, 11, "at least one item"),
    (_swap("channels:", "chanels:"), 5, 1, "did you mean 'channels'"),
    (_swap("name: 试\n", ""), 1, 1, "missing: name"),
    (_swap("name: 试", "name: 试\nname: 再试"), 4, 1, "stands here twice"),
    (_swap("key: probe", "key: Probe!"), 1, 6, "lower-case"),
    (_swap("type: salutation", "type: salutatoin"), 7, 22, "did you mean 'salutation'"),
    (_swap("source: org.name", "source: org.nme"), 9, 32, "did you mean 'org.name'"),
    (_swap('sample: "2027-03-08"', 'sample: "2027-02-30"'), 8, 50, "is no good date"),
    (_swap("sample: 王女士", "sample: None"), 7, 71, "is no good salutation"),
    (_swap("  due:", "  Due:"), 8, 8, "lower-case"),
    (_swap("  - id: a", "  - id: a b"), 11, 9, "lower-case"),
    (_swap("    email:\n", "    mail:\n"), 13, 5, "did you mean 'email'"),
    (_swap("      subject:", "      title:"), 14, 7, "unknown field 'title'"),
    (_swap(SMS, ""), 11, 5, "missing: sms"),
    (_swap("name: 试", "name: !!python/name:os.system 试"), 3, 7, "tags are not allowed"),
    (_swap("key: probe", "key: probe: x"), 1, 11, "not valid YAML"),
    (_swap("key: probe", "key: [probe"), 2, 8, "not valid YAML"),
    (_swap("key: probe", "\tkey: probe"), 1, 1, "not valid YAML"),
    ("", 1, 1, "empty"),
    ("# nothing\n", 1, 1, "empty"),
    ("just words\n", 1, 1, "names with values"),
    ("- a\n- b\n", 1, 1, "names with values"),
    ("\x00\x01ELF", 1, 1, "not valid YAML"),
]


@pytest.mark.parametrize(("document", "line", "column", "words"), BROKEN, ids=range(len(BROKEN)))
def test_a_mistake_is_named_with_its_place(document: str, line: int, column: int, words: str) -> None:
    with pytest.raises(TemplateError) as refused:
        library.parse(document, locale="zh-CN", file="probe/zh-CN.yaml")

    error = refused.value
    assert (error.file, error.line, error.column) == ("probe/zh-CN.yaml", line, column)
    assert words in error.sentence
    assert str(error).startswith(f"probe/zh-CN.yaml:{line}:{column}: ")


def test_without_a_mistake_the_document_is_read() -> None:
    assert library.parse(GOOD, locale="zh-CN").key == "probe"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\x7fELF\x02\x01\x01\x00", "not valid YAML"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8"),
        (GOOD.encode("utf-16"), "not UTF-8"),
        (GOOD.encode("gb18030"), "not UTF-8"),
        (b"PK\x03\x04\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_text_is_refused_with_its_name(tmp_path: Path, raw: bytes, words: str) -> None:
    folder = tmp_path / "probe"
    folder.mkdir()
    (folder / "zh-CN.yaml").write_bytes(raw)

    with pytest.raises(TemplateError, match=words) as refused:
        library.load(tmp_path)

    assert (refused.value.file, refused.value.line, refused.value.column) == ("probe/zh-CN.yaml", 1, 1)
