"""An amount never stands in an SMS: the template is refused at line and column of its placeholder."""

from __future__ import annotations

import pytest

from templates.library import parse
from wenhou.core.errors import TemplateError

DOCUMENT = """\
key: paid
version: 1
name: 到账
purpose: service
channels: [sms, email]
placeholders:
  amount: {type: money, source: event.product, sample: "100000"}
  amounts: {type: text, source: event.step, sample: 两笔}
variants:
  - id: a
    sms: "您有SAID到账。"
    email:
      subject: 到账
      paragraphs:
        - "您有{{ amount | yuan }}到账。"
"""


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ("{{ amount | yuan }}", 16),
        ("{{ amounts }}{{ amount | yuan }}", 29),
        ("{% if amount %}钱{% endif %}", 19),
    ],
)
def test_an_amount_in_an_sms_is_refused_where_it_stands(said: str, column: int) -> None:
    with pytest.raises(TemplateError, match="an SMS never holds an amount") as caught:
        parse(DOCUMENT.replace("SAID", said), locale="zh-CN", file="paid/zh-CN.yaml")

    assert (caught.value.file, caught.value.line, caught.value.column) == ("paid/zh-CN.yaml", 11, column)


def test_the_same_amount_may_stand_in_a_mail() -> None:
    assert parse(DOCUMENT.replace("SAID", "{{ amounts }}"), locale="zh-CN").key == "paid"
