"""An article's file: every fault is named with its line and the nearest legal word."""

from __future__ import annotations

from pathlib import Path

import pytest

from wenhou.core.errors import InputError
from wenhou.services.articles import read_article

GOOD = """key: fx_form
title: 新版申请单
summary: 新增一栏。
body: 自2月1日起启用。
topics: [旅游]
source: 示例银行
effective_on: 2027-02-01
"""


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        (
            "effective_on:",
            "efective_on:",
            "7:1: no such field; 'efective_on' is not known here; did you mean effective_on?",
        ),
        ("2027-02-01", "soon", "7:1: effective_on is a date like 2027-02-01, not 'soon'"),
        ("[旅游]", "旅游", "5:1: topics is a list"),
        ("source: 示例银行\n", "", "1:1: missing source"),
        ("2027-02-01", "2027-02-30", "7:15: 2027-02-30 is no day of the calendar"),
        ("topics: [", "topics: [[", "no valid YAML"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, good: str, bad: str, says: str) -> None:
    file = tmp_path / "article.yaml"
    file.write_text(GOOD.replace(good, bad), encoding="utf-8")

    with pytest.raises(InputError) as refused:
        read_article(file)

    assert f"{file}:{says}" in str(refused.value) or says in str(refused.value)


def test_a_good_article_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "article.yaml"
    file.write_text(GOOD, encoding="utf-8")

    article = read_article(file)

    assert (article.key, article.topics, article.expires_on) == ("fx_form", ("旅游",), None)
    assert type(article.title) is str
