"""Rendering: odd values become problems, channels keep their rules, a mail can be built again byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from templates import email_skeleton, library
from templates import render as rendering
from templates.placeholders import Problem, Value
from templates.render import PROBLEMS, Footer, render
from templates.salutations import Addressee
from wenhou.core.errors import TemplateError

DOCUMENT = """\
key: probe
version: 1
name: 试
purpose: {purpose}
channels: [sms, wechat, email]
placeholders:
  who: {{type: salutation, source: customer.salutation, sample: 王女士}}
  on: {{type: date, source: occasion.on, sample: "2027-03-08"}}
  lunar: {{type: lunar_date, source: occasion.lunar_day, sample: 八月十五, default: ""}}
  fen: {{type: money, source: customer.card, sample: "123456"}}
  card: {{type: digits, source: customer.card, sample: "6222020200112233"}}
  note: {{type: text, source: article.summary, sample: 好, default: "", max_length: 2000}}
variants:
  - id: a
    sms: "{short}"
    wechat: "{sms}"
    email:
      subject: "{sms}"
      paragraphs: ["{sms}", "第二段"]
"""


def _probe(body: str, purpose: str = "service", locale: str = "zh-CN") -> library.TemplateVersion:
    short = "您好" if "fen" in body else body  # an SMS never holds an amount
    return library.parse(DOCUMENT.format(purpose=purpose, sms=body, short=short), locale=locale)


def _sms(body: str, values: dict[str, Value | None], locale: str = "zh-CN") -> str:
    channel = "wechat" if "fen" in body else "sms"
    rendered = render(_probe(body, locale=locale), channel, values, signature="江城银行")
    assert rendered.problems == ()
    return rendered.text.removeprefix("【江城银行】")


@pytest.mark.parametrize(
    "value",
    [
        None, "", "   ",
        "\u3000", "None", "none", "NULL", "nan", "N/A", "#N/A", "undefined", "{{ name }}", "{% if %}", "${name}",
        "未知", "无", "（空）", "王\n女士", "王\x00女士", "王\u202e女士", "王\u200b女士",
        "王\ufffd", "?", "---", "<script>", "王" * 61,
        True, 12, date(2027, 1, 1), Addressee(name="None"), Addressee(name=""),
    ],
    ids=repr,
)  # fmt: skip
def test_an_odd_value_blocks_the_message_and_names_the_placeholder(value: Value | None) -> None:
    rendered = render(_probe("{{ who }}，您好"), "sms", {"who": value}, signature="江城银行")

    assert [(problem.code, problem.placeholder) for problem in rendered.problems] == [
        ("placeholder_missing", "who")
    ]
    assert (rendered.ok, rendered.text, rendered.html, rendered.subject) == (False, "", None, None)


def test_all_missing_values_are_named_at_once() -> None:
    rendered = render(
        _probe("{{ who }}{{ on | cn_date }}{{ fen | yuan }}"), "wechat", {"fen": -1}, signature="江城银行"
    )

    assert {problem.placeholder for problem in rendered.problems} == {"who", "on", "fen"}


def test_a_value_the_body_does_not_use_is_not_looked_at() -> None:
    assert render(_probe("{{ who }}，您好"), "sms", {"who": "王女士", "fen": "None"}, signature="江城银行").ok


def test_an_optional_value_that_a_filter_meets_empty_is_a_problem() -> None:
    rendered = render(_probe("今天{{ lunar | lunar_day }}"), "sms", {}, signature="江城银行")

    assert rendered.problems == (Problem(code="placeholder_missing", placeholder="lunar", detail="empty"),)


@dataclass(frozen=True)
class Lunar:
    """As the calendar gives it."""

    month: int
    day: int
    is_leap_month: bool = False


@pytest.mark.parametrize(
    ("body", "values", "zh", "en"),
    [
        ("{{ on | cn_date }}", {"on": date(2027, 3, 8)}, "3月8日", "8 March"),
        ("{{ on | cn_date }}", {"on": "2027-03-08"}, "3月8日", "8 March"),
        ("{{ on | full_date }}", {"on": date(2027, 3, 8)}, "2027年3月8日", "8 March 2027"),
        ("{{ on | weekday }}", {"on": date(2027, 3, 8)}, "星期一", "Monday"),
        ("{{ on | age(on) }}", {"on": date(2027, 3, 8)}, "0", "0"),
        ("{{ lunar | lunar_day }}", {"lunar": "八月十五"}, "农历八月十五", "the 15th of the 8th lunar month"),
        (
            "{{ lunar | lunar_day }}",
            {"lunar": "农历闰四月初一"},
            "农历闰四月初一",
            "the 1st of the 4th leap lunar month",
        ),
        (
            "{{ lunar | lunar_day }}",
            {"lunar": "腊月廿三"},
            "农历腊月廿三",
            "the 23rd of the 12th lunar month",
        ),
        (
            "{{ lunar | lunar_day }}",
            {"lunar": Lunar(8, 15)},
            "农历八月十五",
            "the 15th of the 8th lunar month",
        ),
        ("{{ fen | yuan }}", {"fen": 123456}, "1,234.56元", "CNY 1,234.56"),
        ("{{ fen | yuan }}", {"fen": 120000}, "1,200元", "CNY 1,200"),
        ("{{ fen | wan }}", {"fen": 12_345_678}, "12.35万元", "CNY 123,456.78"),
        ("{{ fen | wan }}", {"fen": 10_000_000}, "10万元", "CNY 100,000"),
        ("{{ fen | wan }}", {"fen": 999_900}, "9,999元", "CNY 9,999"),
        ("{{ card | tail4 }}", {"card": "6222020200112233"}, "尾号2233", "ending 2233"),
        ("{{ card | zodiac }}", {"card": "2027"}, "羊", "Goat"),
        ("{{ card | zodiac }}", {"card": "2026"}, "马", "Horse"),
    ],
)
def test_filters_write_what_people_read(body: str, values: dict[str, Value | None], zh: str, en: str) -> None:
    assert (_sms(body, values), _sms(body, values, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("body", "values"),
    [
        ("{{ card | tail4 }}", {"card": "233"}),
        ("{{ card | zodiac }}", {"card": "27"}),
        ("{{ card }}", {"card": "١٢٣٤"}),
        ("{{ on | cn_date }}", {"on": "2027-02-30"}),
        ("{{ on | cn_date }}", {"on": datetime(2027, 3, 8, tzinfo=UTC)}),
        ("{{ on | cn_date }}", {"on": date(1, 1, 1)}),
        ("{{ lunar | lunar_day }}", {"lunar": "八月三十一"}),
        ("{{ lunar | lunar_day }}", {"lunar": Lunar(13, 1)}),
        ("{{ lunar | lunar_day }}", {"lunar": date(2027, 1, 1)}),
        ("{{ fen | yuan }}", {"fen": "12.5"}),
    ],
)
def test_a_value_no_filter_can_use_is_a_problem(body: str, values: dict[str, Value | None]) -> None:
    assert [p.code for p in render(_probe(body), "wechat", values, signature="江城银行").problems] == [
        "placeholder_missing"
    ]


def test_an_age_grows_on_the_birthday_and_a_leap_day_child_on_the_first_of_march() -> None:
    from_filters = __import__("templates.filters", fromlist=["age"]).age

    assert [from_filters(date(2000, 2, 29), day) for day in (date(2027, 2, 28), date(2027, 3, 1))] == [26, 27]


@pytest.mark.parametrize(
    ("signature", "suffix", "purpose", "body", "code"),
    [
        ("", None, "service", "您好", "signature_name"),
        ("江城银行", "", "care", "您好", "opt_out_missing"),
        ("江城银行", None, "service", "您好【别家】", "signature_repeated"),
        ("江城银行", None, "service", "您好🎉", "sms_characters"),
        ("江城银行", None, "service", "您好★", "sms_characters"),
        ("江城银行", None, "service", "{% if who == 'x' %}您好{% endif %}", "sms_empty"),
        ("江城银行", None, "service", "{{ note }}", "too_long"),
    ],
)
def test_what_a_line_would_refuse_is_a_problem(
    signature: str, suffix: str | None, purpose: str, body: str, code: str
) -> None:
    values: dict[str, Value | None] = {"who": "王女士", "note": "好" * 600}

    rendered = render(_probe(body, purpose), "sms", values, signature=signature, suffix=suffix)

    assert [problem.code for problem in rendered.problems] == [code]
    assert code in PROBLEMS


def test_the_opt_out_line_stands_apart_and_an_sms_is_one_line() -> None:
    version = _probe("{{ who }}，您好 \\n 陈静", "care")

    rendered = render(version, "sms", {"who": "王女士"}, signature="【江城银行】")

    assert rendered.text == "【江城银行】王女士，您好 陈静。拒收请回复R"
    assert (rendered.units, rendered.parts) == (len(rendered.text), 1)


def test_an_english_body_is_closed_before_the_chinese_opt_out_line() -> None:
    rendered = render(
        _probe("Hello, {{ who }}", "care", "en"), "sms", {"who": "Ms Wang"}, signature="江城银行"
    )

    assert rendered.text == "【江城银行】Hello, Ms Wang. 拒收请回复R"


def test_a_chat_text_past_the_platform_limit_is_a_problem() -> None:
    rendered = render(_probe("{{ note }}"), "wechat", {"note": "好" * 700}, signature="江城银行")

    assert rendered.problems == (Problem(code="too_long", detail="2100"),)


def test_markup_in_a_value_is_text_in_the_mail_and_the_subject_is_one_line() -> None:
    values: dict[str, Value | None] = {"note": '<b>粗</b> & "引"'}

    rendered = render(_probe("{{ note }}\\n您好"), "email", values, signature="江城银行")

    assert rendered.subject == '<b>粗</b> & "引" 您好'
    assert rendered.html is not None
    assert "<b>" not in rendered.html
    assert "&lt;b&gt;粗&lt;/b&gt; &amp; &#34;引&#34;<br>您好" in rendered.html


def test_a_mail_is_built_again_byte_for_byte_from_its_parameters() -> None:
    footer = Footer(
        branch="汉正街支行", hotline="027-9558-0000", preferences_url="https://care.example/p/a?b=1&c=2"
    )
    rendered = render(_probe("您好", "care"), "email", {}, signature="江城银行", footer=footer)

    assert rendered.skeleton_id == "letter/1"
    again = email_skeleton.build(rendered.skeleton_id, dict(rendered.parameters))

    assert (again.text, again.html) == (rendered.text, rendered.html)
    for part in (again.text, again.html):
        assert "江城银行 · 汉正街支行" in part
        assert "同意接收问候" in part
        assert "027-9558-0000" in part
    assert "https://care.example/p/a?b=1&c=2" in again.text
    assert 'href="https://care.example/p/a?b=1&amp;c=2"' in again.html


def test_without_a_preferences_link_the_mail_says_which_word_stops_it() -> None:
    rendered = render(_probe("您好", "care"), "email", {}, signature="江城银行")

    assert "回复“退订”即可" in rendered.text
    assert "回复“退订”即可" in str(rendered.html)


@pytest.mark.parametrize(
    ("skeleton", "parameters"),
    [
        ("plain/9", {"locale": "en", "subject": "s", "paragraphs": "p", "bank": "b"}),
        ("plain/1", {"locale": "en", "subject": "s", "paragraphs": "p"}),
        ("plain/1", {"locale": "en", "subject": "s", "paragraphs": "p", "bank": "b", "style": "x"}),
        (
            "plain/1",
            {
                "locale": "en",
                "subject": "s",
                "paragraphs": "p",
                "bank": "b",
                "action_url": "javascript:alert(1)",
            },
        ),
        (
            "plain/1",
            {
                "locale": "en",
                "subject": "s",
                "paragraphs": "p",
                "bank": "b",
                "preferences_url": 'https://a"b',
            },
        ),
    ],
)
def test_a_mail_is_not_built_from_what_the_skeleton_does_not_know(
    skeleton: str, parameters: dict[str, str]
) -> None:
    with pytest.raises(TemplateError):
        email_skeleton.build(skeleton, parameters)


def test_the_mail_keeps_the_rules_of_known_clients() -> None:
    rendered = render(
        _probe("您好", "care"),
        "email",
        {},
        signature="江城银行",
        footer=Footer(preferences_url="https://a.example/p"),
    )
    html = str(rendered.html)

    assert "max-width:600px" in html
    for forbidden in (
        "<script",
        "<form",
        "<img",
        "<link",
        "position:",
        "background-image",
        "url(",
        "{",
        "javascript",
    ):
        body = html.split("</head>")[1]
        assert forbidden not in body
    assert len(html) < 20_000


def test_a_caller_s_mistake_raises() -> None:
    with pytest.raises(TemplateError, match="no wording 'z'"):
        render(_probe("您好"), "sms", {}, variant="z", signature="江城银行")
    with pytest.raises(TemplateError, match="no words for channel 'wecom'"):
        render(_probe("您好"), "wecom", {}, signature="江城银行")


def test_those_who_read_the_same_get_one_rendering_and_nobody_gets_anothers() -> None:
    probe = _probe("{{ who }}您好")
    names = [("王小明", "male"), ("王大力", "male"), ("王芳", "female"), ("欧阳锋", "male")]

    texts = [
        render(probe, "sms", {"who": Addressee(name=name, gender=gender)}, signature="江城银行")
        for name, gender in names
    ]

    assert texts[0] is texts[1]
    assert [one.text.removeprefix("【江城银行】") for one in texts] == [
        "王先生您好",
        "王先生您好",
        "王女士您好",
        "欧阳先生您好",
    ]


def test_the_bank_that_signs_and_the_channel_make_another_rendering() -> None:
    probe = _probe("您好")

    found = {
        render(probe, channel, {}, signature=signature).text
        for channel in ("sms", "wechat")
        for signature in ("江城银行", "汉正银行")
    }

    assert found == {"【江城银行】您好", "【汉正银行】您好", "您好"}


def test_what_is_remembered_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "_MOST_KNOWN", 3)
    probe = _probe("{{ card | tail4 }}")

    texts = [
        render(probe, "sms", {"card": f"62220202001122{number:02d}"}, signature="江城银行").text
        for number in range(10)
    ]

    assert len(set(texts)) == 10
    assert len(rendering._KNOWN) <= 3  # noqa: SLF001 - nothing outside shows how much is remembered
