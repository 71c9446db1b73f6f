"""Every bundled text, on every channel, for ordinary and odd customers: it renders, fits, and passes the lint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from templates import library
from templates.compliance.about import About
from templates.compliance.lint import lint
from templates.placeholders import PlaceholderType, Value
from templates.render import Footer, Rendered, render
from templates.salutations import Addressee

FOOTER = Footer(branch="汉正街支行", hotline="027-9558-0000", preferences_url="https://care.example/p/abc")
EDGE_CUSTOMERS = {
    "ordinary": Addressee(name="王丽", gender="female"),
    "no gender": Addressee(name="王丽", gender="unknown"),
    "one character": Addressee(name="王", gender="unknown"),
    "two-character surname": Addressee(name="欧阳明月", gender="female"),
    "foreign": Addressee(name="John Smith", gender="male"),
    "very long": Addressee(name="阿卜杜热合曼江·买买提吐尔逊阿吉", gender="male"),
    "preferred": Addressee(name="王伟", gender="male", preferred="总"),
    "supplementary plane": Addressee(name="𠮷田", gender="male"),
    "child": Addressee(name="王小明", gender="male", age=10),
    "teenager": Addressee(name="欧阳明月", gender="female", age=15),
}
LONG_NAMES = {"foreign", "very long"}
SOLEMN = {"qingming"}


PLAIN = {"ordinary", "two-character surname"}


def _values(
    version: library.TemplateVersion, customer: Addressee, *, without: frozenset[str]
) -> dict[str, Value | None]:
    """Samples, but the customer's own salutation; what is in `without` is not known."""
    values: dict[str, Value | None] = dict(version.samples())
    for name, declared in version.placeholders.items():
        if declared.type is PlaceholderType.SALUTATION:
            values[name] = customer
        if name in without:
            values[name] = None
    return values


def _lacking(version: library.TemplateVersion, label: str) -> list[frozenset[str]]:
    """Nothing optional missing, all of it, and for plain customers each piece of it alone."""
    optional = [name for name, declared in version.placeholders.items() if declared.default is not None]
    singly = [frozenset({name}) for name in optional] if label in PLAIN and len(optional) > 1 else []
    return [frozenset(), frozenset(optional), *singly]


def _renderings() -> Iterator[tuple[str, library.TemplateVersion, str, Rendered]]:
    for version in library.bundled().versions.values():
        for variant in version.variants:
            for channel in version.channels:
                for label, customer in EDGE_CUSTOMERS.items():
                    for without in _lacking(version, label):
                        values = _values(version, customer, without=without)
                        yield (
                            label,
                            version,
                            variant.id,
                            render(
                                version, channel, values, variant=variant, signature="江城银行", footer=FOOTER
                            ),
                        )


RENDERINGS = list(_renderings())


def _is_long(label: str, version: library.TemplateVersion) -> bool:
    """Whether a name is too long for a promise: 王小明小朋友 is only promised a birthday."""
    is_minor = label in ("child", "teenager")
    return label in LONG_NAMES or (is_minor and version.key != "birthday_child")


def test_every_text_renders_for_every_customer() -> None:
    broken = [
        (v.key, v.locale, variant, r.channel, label, r.problems)
        for label, v, variant, r in RENDERINGS
        if not r.ok
    ]

    assert len(RENDERINGS) > 1000
    assert broken == []


def test_no_text_holds_a_leftover() -> None:
    for _label, version, variant, rendered in RENDERINGS:
        text = f"{rendered.subject}\n{rendered.text}" if rendered.subject else rendered.text
        for leftover in (
            "None",
            "null",
            "{{",
            "}}",
            "{%",
            "，，",
            "。。",
            "，。",
            "  ",
            " ，",
            "尊贵",
            "亲爱的",
            "尊敬的",
            "！！",
        ):
            assert leftover not in text, (
                version.key,
                version.locale,
                variant,
                rendered.channel,
                leftover,
                text,
            )


def test_every_sms_keeps_the_length_it_promises() -> None:
    over = [
        (version.key, version.locale, variant, rendered.units, rendered.text)
        for label, version, variant, rendered in RENDERINGS
        if rendered.channel == "sms" and rendered.units > version.sms_units and not _is_long(label, version)
    ]

    assert over == []


def test_every_chinese_sms_promises_one_part() -> None:
    assert all(v.sms_units <= 70 for v in library.bundled().versions.values() if v.locale == "zh-CN")


def test_every_sms_is_signed_and_offers_a_refusal_where_owed() -> None:
    for _label, version, _variant, rendered in RENDERINGS:
        if rendered.channel == "sms":
            assert rendered.text.startswith("【江城银行】")
            assert rendered.text.count("【") == 1
            assert rendered.text.endswith("拒收请回复R") == (version.purpose != "service")


def test_every_text_passes_the_lint() -> None:
    for _label, version, variant, rendered in RENDERINGS:
        tone = "solemn" if variant == "quiet" or version.key in SOLEMN else "festive"
        about = About(
            purpose=version.purpose,
            day_tone=tone,
            channel=rendered.channel,
            locale=version.locale,
            is_finished=True,
            signature="江城银行",
            template=version.key,
        )
        hits = lint(f"{rendered.subject}\n{rendered.text}" if rendered.subject else rendered.text, about)
        assert hits == (), (version.key, version.locale, variant, rendered.channel)


def test_both_parts_of_a_mail_say_the_same() -> None:
    for _label, _version, _variant, rendered in RENDERINGS:
        if rendered.channel == "email":
            assert rendered.html is not None
            for paragraph in rendered.parameters["paragraphs"].split("\n"):
                assert paragraph in rendered.text
                assert paragraph.replace("'", "&#39;") in rendered.html


@pytest.mark.parametrize("variant", ["a", "b", "c", "d", "quiet"])
@pytest.mark.parametrize("channel", ["sms", "wechat", "wecom", "email"])
def test_a_lunar_birthday_says_so(variant: str, channel: str) -> None:
    birthday = library.bundled().get("birthday")
    values = {**birthday.samples(), "lunar_day": "八月十五"}

    text = render(birthday, channel, values, variant=variant, signature="江城银行").text

    assert "今天农历八月十五，是您的生日" in text


def test_a_birthday_reads_as_written() -> None:
    birthday = library.bundled().get("birthday")
    values: dict[str, Value | None] = {
        "salutation": Addressee(name="欧阳明月", gender="female"),
        "advisor": "陈静",
        "branch": "汉正街支行",
    }

    text = render(birthday, "sms", values, variant="a", signature="江城银行").text

    assert text == "【江城银行】欧阳女士，今天是您的生日。陈静祝您新的一岁平平安安，事事顺手。拒收请回复R"


def test_a_first_answer_has_apology_owner_time_and_number_in_that_order() -> None:
    answer = library.bundled().get("case_first_answer")
    values = {
        "salutation": "王女士",
        "handler": "刘敏",
        "answer_by": "今天15:30",
        "case_no": "T1-017",
        "hotline": "027-9558-0000",
    }

    for channel in answer.channels:
        text = render(answer, channel, values, signature="江城银行").text
        places = [text.index(word) for word in ("对不起", "刘敏", "今天15:30", "编号T1-017")]
        assert places == sorted(places)


@pytest.mark.parametrize(
    ("score", "word"), [("1", "打电话给您"), ("3", "打电话给您"), ("4", "谢谢您肯定"), ("5", "谢谢您肯定")]
)
def test_thanks_follow_the_score(score: str, word: str) -> None:
    thanks = library.bundled().get("rating_thanks")

    assert word in render(thanks, "sms", {"advisor": "陈静", "score": score}, signature="江城银行").text


def test_an_opt_out_of_one_purpose_names_what_stops_and_what_stays() -> None:
    confirmation = library.bundled().get("opt_out_confirmation")
    values = {"scope": "理财推荐", "kept": "生日问候", "hotline": "027-9558-0000"}

    assert (
        "不再给您发理财推荐，生日问候照旧" in render(confirmation, "sms", values, signature="江城银行").text
    )
