"""Documents somebody types into the console: whatever they hold, the answer comes soon and is small."""

from __future__ import annotations

import time

import pytest

from templates.library import parse
from wenhou.core.errors import TemplateError

_HEAD = """\
key: birthday
version: 1
name: 问好
purpose: care
channels: [sms]
placeholders:
  salutation: {type: salutation, source: customer.salutation, sample: 王女士}
"""


def test_turns_that_make_millions_of_wordings_are_refused() -> None:
    """Every wording of a template is laid out in memory: 40 × 40 × 40 × 9 of them in each of forty variants."""
    turns = "".join(
        f"  t{number}: [{', '.join(f'{number}-{piece}' for piece in range(size))}]\n"
        for number, size in enumerate((40, 40, 40, 9))
    )
    source = f"{_HEAD}turns:\n{turns}variants:\n  - id: a\n    sms: '{{{{ t0 }}}}{{{{ t1 }}}}{{{{ t2 }}}}{{{{ t3 }}}}'\n"

    with pytest.raises(TemplateError, match="576000 wordings"):
        parse(source, locale="zh-CN")


@pytest.mark.parametrize(
    "source",
    [
        _HEAD + "variants:\n" + "- " * 90_000 + "a",
        "? " * 90_000 + "a",
        "&a [" + "*a," * 60_000 + "*a]",
        "a: &a [x,x,x,x,x,x,x,x]\n"
        + "".join(f"k{at}: &k{at} [{f'*k{at - 1},' * 9}]\n" for at in range(1, 20)).replace("*k0,", "*a,"),
        _HEAD + "variants:\n" + "- id: a\n  sms: x\n" * 11_000,
        _HEAD + "variants:\n- id: a\n  sms: '" + "{%" * 4_000 + "'\n",
        _HEAD + "variants:\n- id: a\n  sms: '" + "{#" * 4_000 + "'\n",
        _HEAD + "variants:\n- id: a\n  sms: '{{ " + "(" * 4_000 + "'\n",
        _HEAD + "variants:\n- id: a\n  sms: '{{ " + "salutation|" * 700 + "x }}'\n",
        _HEAD + "variants:\n- id: a\n  sms: '" + "{% if salutation %}" * 400 + "'\n",
        _HEAD + "variants:\n- id: a\n  sms: '{{ " + "9" * 8_000 + " }}'\n",
        _HEAD + "variants:\n- id: a\n  sms: '" + "{{ salutation }}" * 500 + "{{'\n",
        "#" * 199_000 + "\n",
        "a" * 199_000,
        "'" + "\\n" * 90_000,
        "- " + "\t" * 150_000,
        "--- " * 40_000,
        "!" * 150_000,
        "[" * 20 + "," * 150_000,
        "a: |\n" + "  b\n" * 40_000 + " c",
    ],
    ids=range(20),
)  # fmt: skip
def test_a_document_that_is_no_template_is_refused_soon(source: str) -> None:
    began = time.process_time()

    with pytest.raises(TemplateError):
        parse(source, locale="zh-CN")

    assert time.process_time() - began < 5
