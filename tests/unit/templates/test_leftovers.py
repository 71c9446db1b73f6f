"""The last look at a finished text: what no person would have written, and what is quite right."""

from __future__ import annotations

import pytest

from templates import library
from templates.leftovers import odd_in
from templates.render import PROBLEMS, render
from templates.wordings import Wording

ODD = [
    ("您好，{{ name }}", "{{"), ("您好${name}", "${"), ("您好{% if %}", "{%"), ("王女士（），您好", "（）"),
    ("王女士( )您好", "( )"),
    ("您在《》的申请", "《》"), ("回复“”即可", "“”"), ("「 」您好", "「 」"), ("王女士，，您好", "，，"),
    ("王女士，。", "，。"),
    ("您好。。", "。。"), ("您好！，明天", "！，"), ("：，您好", "：，"), ("您的、，", "、，"),
    ("Hello, , thank you", "Hello, ,"), ("Thanks, , bye", ", ,"),
    ("Hello , you", "Hello ,"), ("Dear , hello", "Dear ,"), ("尊敬的，您好", "尊敬的，"), ("尊敬的", "尊敬的"),
    ("，您好", "，"),
    ("。您好", "。"), (", hello", ","), ("）您好", "）"), ("您好（，王女士）", "（，"),
    ("王先生先生，您好", "先生先生"),
    ("王女士先生，您好", "女士先生"), ("尊敬的None，您好", "None"), ("您好，null。", "null"),
    ("on NaN.", "NaN"), ("由undefined负责", "undefined"),
]  # fmt: skip
RIGHT = [
    "王女士，您好。", "您好！祝您平安。", "他说：“好。”谢谢。", "等等……再说", "回复“回电”，我们打给您。",
    "（汉口）王女士", "15:30前，请拨027-9558-0000。",
    "None of our staff will ever ask for your password.", "Hello, Ms Wang: thank you.",
    "A. B. Smith, etc., said so.", "《民法典》、《合同》",
    "您好？！", "a: b; c", "见https://care.example/f/a?b=1&c=2。", "王女士：", "“您好”", "利率1.10%。",
    "——您的客户经理", "·王女士",
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), ODD)
def test_what_an_empty_value_left_behind_is_found(text: str, found: str) -> None:
    assert odd_in(text) == found


@pytest.mark.parametrize("text", RIGHT)
def test_ordinary_marks_are_left_alone(text: str) -> None:
    assert odd_in(text) == ""


DOCUMENT = """\
key: probe
version: 1
name: 试
purpose: service
channels: [sms, wechat, wecom, email]
placeholders:
  note: {type: text, source: event.name, sample: 好, default: ""}
variants:
  - id: a
    sms: "您好（{{ note }}）。"
    wechat: "您好，{{ note }}，谢谢。"
    wecom: "{{ note }}，您好。"
    email: {subject: "关于《{{ note }}》", paragraphs: ["您好。"]}
"""


@pytest.mark.parametrize(
    ("channel", "found"), [("sms", "（）"), ("wechat", "，，"), ("wecom", "，"), ("email", "《》")]
)
def test_an_empty_optional_value_that_leaves_a_gap_blocks_every_channel(channel: str, found: str) -> None:
    version = library.parse(DOCUMENT, locale="zh-CN")

    rendered = render(version, channel, {}, signature="江城银行")

    assert [(one.code, one.detail) for one in rendered.problems] == [("rendered_odd", found)]
    assert "rendered_odd" in PROBLEMS
    assert render(version, channel, {"note": "好"}, signature="江城银行").ok


def _blanked(version: library.TemplateVersion) -> dict[str, str | None]:
    samples = version.samples()
    return {
        name: None if one.default is not None else samples[name] for name, one in version.placeholders.items()
    }


@pytest.mark.parametrize("key", library.bundled().keys())
def test_no_bundled_text_shows_a_gap_when_its_optional_values_are_missing(key: str) -> None:
    for locale in ("zh-CN", "en"):
        version = library.bundled().get(key, locale)
        for channel in version.channels:
            for variant in version.variants:
                wording = Wording(variant=variant, picks=(0,) * len(variant.turns))
                for values in (version.samples(), _blanked(version)):
                    rendered = render(version, channel, values, variant=wording, signature="江城银行")
                    assert "rendered_odd" not in {one.code for one in rendered.problems}, (
                        locale,
                        channel,
                        wording.id,
                    )
