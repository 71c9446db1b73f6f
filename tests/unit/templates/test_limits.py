"""What render lets through the channel carries, and what it would refuse render stops: every text that ships."""

from __future__ import annotations

from typing import Any

import pytest

from templates import library
from templates.placeholders import Value
from templates.render import Footer, Rendered, render
from templates.salutations import Addressee
from templates.wordings import Wording
from wenhou.core.channels import Content
from wenhou.core.limits.check import check_limits
from wenhou.core.limits.terms import MAX_SUBJECT
from wenhou.core.purposes import Purpose
from wenhou.core.sms_text import REFUSAL_SUFFIX

SIGNATURE = "江城银行"
EDGES = {
    "no gender": Addressee(name="王小明"),
    "one character": Addressee(name="王", gender="male"),
    "two-character surname": Addressee(name="欧阳明月", gender="female"),
    "foreign": Addressee(name="Juan Carlos García Márquez", gender="male"),
    "very long": Addressee(name="阿卜杜热合曼·阿卜杜克里木江·买买提依明", gender="male"),
    "beyond the plane": Addressee(name="𠮷田", gender="male"),
    "a child": Addressee(name="王小宝", gender="male", age=6),
}


def _content(rendered: Rendered) -> Content:
    return Content(
        channel=rendered.channel, sender=SIGNATURE, text=rendered.text, subject=rendered.subject, html=rendered.html,
        provider_template=rendered.skeleton_id, parameters=rendered.parameters,
    )  # fmt: skip


def _values(version: library.TemplateVersion, person: Addressee) -> dict[str, Value | None]:
    values: dict[str, Value | None] = dict(version.samples())
    for name, declared in version.placeholders.items():
        if declared.source == "customer.salutation":
            values[name] = person
    return values


@pytest.mark.parametrize("who", EDGES)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_text_that_ships_is_carried_by_its_channel(who: str, locale: str) -> None:
    for key in library.bundled().keys():  # noqa: SIM118 - a library, no dict
        version = library.bundled().get(key, locale)
        values = _values(version, EDGES[who])
        for channel in version.channels:
            for variant in version.variants:
                wording = Wording(variant=variant, picks=(0,) * len(variant.turns))
                rendered = render(
                    version,
                    channel,
                    values,
                    variant=wording,
                    signature=SIGNATURE,
                    footer=Footer(branch="汉正街支行"),
                )
                if "card_missing" in {one.code for one in rendered.problems}:
                    continue
                assert rendered.problems == (), (key, channel, wording.id)
                assert check_limits(_content(rendered)) == (), (key, channel, wording.id)
                if channel == "sms" and Purpose(version.purpose).is_promotional:
                    assert rendered.text.endswith(REFUSAL_SUFFIX)


DOCUMENT = """\
key: probe
version: 1
name: 试
purpose: service
channels: [sms, wechat, wecom, email]
placeholders:
  note: {type: text, source: event.name, sample: 好, max_length: 5000}
variants:
  - id: a
    sms: "好{{ note }}"
    wechat: "好{{ note }}"
    wecom: "好{{ note }}"
    email: {subject: "好{{ note }}", paragraphs: ["好"]}
"""


@pytest.mark.parametrize(
    ("channel", "note", "ok"),
    [
        ("sms", "好" * 493, True), ("sms", "好" * 494, False), ("sms", "★", False), ("sms", "【他行】", False),
        ("sms", "好🎂", False), ("sms", "𠮷" * 246, True), ("sms", "𠮷" * 247, False),
        ("wechat", "好" * 681, True), ("wechat", "好" * 682, False), ("wechat", "一" + "🎂" * 510, True),
        ("wechat", "一" + "🎂" * 511, False),
        ("wecom", "好" * 1_332, True), ("wecom", "好" * 1_333, False),
        ("email", "好" * (MAX_SUBJECT - 1), True), ("email", "好" * MAX_SUBJECT, False),
    ],
)  # fmt: skip
def test_render_and_the_limits_agree_at_the_border(channel: str, note: str, ok: bool) -> None:
    version = library.parse(DOCUMENT, locale="zh-CN")

    rendered = render(
        version,
        channel,
        {"note": note},
        signature=SIGNATURE,
    )

    assert rendered.ok is ok
    text = f"【{SIGNATURE}】好{note}" if channel == "sms" else f"好{note}"
    more: dict[str, Any] = {"subject": f"好{note}"} if channel == "email" else {}
    assert (check_limits(Content(channel=channel, sender=SIGNATURE, text=text, **more)) == ()) is ok
