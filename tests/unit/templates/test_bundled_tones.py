"""What the bundled words must be: enough of them, each its own, in the tone of its day, true without an advisor too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from templates import library
from templates.library import TemplateVersion
from templates.placeholders import PlaceholderType, Value
from templates.render import render
from templates.salutations import Addressee
from templates.wordings import Variant, Wording
from tests.unit.templates.bundled_words import all_wordings, each_piece, first
from wenhou.core.calendars.regional import REGIONAL_FESTIVALS, DatedFestival
from wenhou.core.inbound import Asked, understand
from wenhou.core.sms_text import ONE_PART

LIBRARY = library.bundled()
KEYS = LIBRARY.keys()
CARE = tuple(key for key in KEYS if LIBRARY.get(key).purpose == "care")
REPEATED = frozenset("人人都 的时候".split())
ASKING = tuple(key for key in KEYS if key.startswith("callback_"))
LADY = Addressee(name="王丽", gender="female")
FESTIVE = re.compile(
    r"[乐喜贺祝恭吉庆欢笑!！🎉🎊🎂🥳🎁]|happ|joy|celebrat|congrat|festive|cheer|laugh|merry", re.IGNORECASE
)
BUSINESS = re.compile(
    r"理财|基金|保险|贷款|存款|利率|信用卡|优惠|产品|收益|办理|推荐|loan|deposit|fund|insur|\brates?\b|yield|product|offer",
    re.IGNORECASE,
)


def _texts(version: TemplateVersion, **values: Value | None) -> Iterator[tuple[Variant, str, str]]:
    """(variant, channel, text) with every piece of every turn, for a lady with an advisor unless `values` say otherwise."""
    for variant in version.variants:
        for wording in each_piece(variant):
            for channel in version.channels:
                yield variant, channel, _text(version, wording, channel, **values)


def _named(version: TemplateVersion, **values: Value | None) -> Iterator[tuple[Variant, str, str]]:
    """The same, of the wordings that may name somebody or something."""
    return (one for one in _texts(version, **values) if not one[0].nameless)


def _text(version: TemplateVersion, wording: Wording, channel: str, **values: Value | None) -> str:
    filled: dict[str, Value | None] = dict(version.samples())
    filled |= {
        name: LADY
        for name, declared in version.placeholders.items()
        if declared.type is PlaceholderType.SALUTATION
    }
    found = render(version, channel, {**filled, **values}, variant=wording, signature="江城银行")
    assert found.ok, (version.key, version.locale, wording.id, channel, found.problems)
    words = found.parameters["paragraphs"] if channel == "email" else found.text
    return f"{found.subject}\n{words}" if found.subject else words


@pytest.mark.parametrize("key", KEYS)
def test_every_text_is_there_in_both_languages_and_asks_for_the_same_facts(key: str) -> None:
    chinese, english = (LIBRARY.versions[key, locale] for locale in ("zh-CN", "en"))

    assert (chinese.purpose, chinese.channels) == (english.purpose, english.channels)
    assert {name: (one.type, one.source, one.default) for name, one in chinese.placeholders.items()} == {
        name: (one.type, one.source, one.default) for name, one in english.placeholders.items()
    }


@pytest.mark.parametrize("key", CARE)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_greeting_has_three_wordings_at_least(key: str, locale: str) -> None:
    assert len([one for one in LIBRARY.get(key, locale).variants if not one.quiet]) >= 3


@pytest.mark.parametrize("key", ASKING)
def test_a_call_back_has_two_wordings_at_least(key: str) -> None:
    assert len(LIBRARY.get(key).variants) >= 2


@pytest.mark.parametrize("key", CARE)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_no_two_greetings_open_a_mail_alike(key: str, locale: str) -> None:
    version = LIBRARY.get(key, locale)
    subjects = [_text(version, first(one), "email").splitlines()[0] for one in version.variants]

    assert len(set(subjects)) == len(subjects)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_words_for_a_solemn_day_hold_no_festive_one(locale: str) -> None:
    for key in CARE:
        version = LIBRARY.get(key, locale)
        solemn = version.variants if key == "qingming" else version.variants_for("solemn")
        if key != "qingming" and not all(variant.quiet for variant in solemn):
            continue
        for variant in solemn:
            for wording in each_piece(variant):
                for channel in version.channels:
                    text = _text(version, wording, channel)
                    text = text.removeprefix("【江城银行】").replace("节日", "").replace("拒收请回复R", "")
                    assert FESTIVE.search(text) is None, (key, wording.id, channel, text)


@pytest.mark.parametrize("key", ["birthday", "birthday_child", "birthday_milestone", "account_anniversary"])
def test_a_day_of_ones_own_has_quiet_words_since_it_may_fall_on_a_solemn_one(key: str) -> None:
    for locale in ("zh-CN", "en"):
        assert all(variant.quiet for variant in LIBRARY.get(key, locale).variants_for("solemn"))


@pytest.mark.parametrize("key", CARE)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_greeting_speaks_of_no_business(key: str, locale: str) -> None:
    for variant, channel, text in _texts(LIBRARY.get(key, locale)):
        assert BUSINESS.search(text) is None, (variant.id, channel, text)


@pytest.mark.parametrize("key", KEYS)
def test_a_text_holds_one_exclamation_mark_at_most(key: str) -> None:
    for locale in ("zh-CN", "en"):
        for variant, channel, text in _texts(LIBRARY.get(key, locale)):
            body = text.split("\n", 1)[-1] if channel == "email" else text
            assert len(re.findall(r"[!！]", body)) <= 1, (locale, variant.id, channel, text)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_without_an_advisor_the_branch_speaks_and_nobody_says_i_am(locale: str) -> None:
    for key in KEYS:
        version = LIBRARY.get(key, locale)
        declared = version.placeholders.get("advisor")
        if declared is None or declared.source != "advisor.own_name" or declared.default is None:
            continue
        for variant, channel, text in _texts(version, advisor=None, signed=None, own_words=None):
            assert not re.search(r"我(?!们|行)", text), (key, variant.id, channel, text)
            assert not re.search(r"\bI\b", text) or locale == "zh-CN", (
                key,
                variant.id,
                channel,
                text,
            )


@pytest.mark.parametrize("key", [key for key in CARE if "advisor" in LIBRARY.get(key).placeholders])
def test_a_wechat_greeting_ends_with_who_sends_it_on_a_line_of_its_own(key: str) -> None:
    version = LIBRARY.get(key)
    for variant in version.variants:
        if variant.nameless:
            continue
        for signed, ends in (("陈静 敬上", "陈静 敬上"), (None, "陈静")):
            text = _text(version, first(variant), "wechat", signed=signed)
            assert text.splitlines()[-1].removesuffix(" 贺") == f"汉正街支行 {ends}", text
        text = _text(version, first(variant), "wechat", advisor=None, signed=None, own_words=None)
        assert text.splitlines()[-1].removesuffix(" 贺") == "汉正街支行"


@pytest.mark.parametrize(
    "version",
    [one for one in LIBRARY.versions.values() if "own_words" in one.placeholders],
    ids=lambda one: f"{one.key}-{one.locale}",
)
def test_a_sentence_of_the_advisors_own_stands_alone_and_only_where_there_is_one(
    version: TemplateVersion,
) -> None:
    for variant in version.variants:
        for channel in ("wechat", "wecom", "email"):
            own = _text(version, first(variant), channel, own_words="茶给您留着。")
            none = _text(version, first(variant), channel, own_words=None)
            assert "茶给您留着。" not in none
            if "own_words" in variant.bodies[channel].uses:
                assert "茶给您留着。" in own.splitlines(), own
                assert [line for line in own.splitlines() if line and line != "茶给您留着。"] == [
                    line for line in none.splitlines() if line
                ]


@pytest.mark.parametrize("key", CARE)
def test_words_without_a_name_hold_neither_customer_nor_advisor_nor_branch(key: str) -> None:
    for variant, channel, text in _texts(LIBRARY.get(key)):
        if variant.nameless:
            assert not re.search("王|陈静|汉正街", text), (variant.id, channel, text)


def test_nobody_is_greeted_for_zhongyuan() -> None:
    assert "zhongyuan" not in KEYS
    for key in KEYS:
        for variant, channel, text in _texts(LIBRARY.get(key)):
            assert "中元" not in text, (key, variant.id, channel)


@pytest.mark.parametrize(
    ("key", "taboo"),
    [
        ("dragon_boat", "快乐|愉快"),
        ("qingming", "快乐|愉快|祝|喜|贺|恭"),
        ("womens_day", "女神|女王|美丽|漂亮|年轻|家务|做饭|岁"),
        ("double_ninth", "老|年纪|高龄|高寿|长者|岁|请安"),
        ("mothers_day", "孩子|儿女|子女|母亲(?!节)|妈"),
        ("fathers_day", "孩子|儿女|子女|父亲(?!节)|爸"),
        ("qixi", "情人|爱人|伴侣|夫妻|恋|单身"),
        ("spring_festival", "鞭炮|发财|红包|犯太岁|本命年|钟|伞|梨"),
    ],
)
def test_what_a_day_does_not_bear_is_not_said(key: str, taboo: str) -> None:
    for variant, channel, text in _texts(LIBRARY.get(key)):
        assert re.search(taboo, text) is None, (variant.id, channel, text)


@pytest.mark.parametrize("key", CARE)
def test_a_greeting_asks_nothing_and_names_no_time_that_moves(key: str) -> None:
    for variant, channel, text in _texts(LIBRARY.get(key)):
        body = text.removesuffix("拒收请回复R")
        assert not re.search("[?？]|请回复|请点击|请致电|欢迎(?:到|来)|联系(?:我|您)", body), (
            variant.id,
            channel,
            text,
        )
        assert not re.search("近日|近期|不日|明天|昨天|后天|下周|本周|稍后", body), (
            variant.id,
            channel,
            text,
        )


@pytest.mark.parametrize("key", CARE)
def test_a_greeting_repeats_no_phrase_within_itself(key: str) -> None:
    """Pieces meet in every combination: none says again what another one, or the frame, has said."""
    version = LIBRARY.get(key)
    for variant in version.variants:
        for wording in all_wordings(variant):
            text = _text(version, wording, "sms", with_festival=None)
            found = [
                one
                for one in re.findall(r"(?=([\u4e00-\u9fff]{3}))", text)
                if text.count(one) > 1 and one not in REPEATED
            ]
            assert found == [], (wording.id, text)


def test_what_a_call_back_asks_for_is_heard() -> None:
    asked = Asked(rating="csat")
    for key in ASKING:
        for variant, channel, text in _texts(LIBRARY.get(key)):
            assert "1至5" in text or "1到5" in text, (key, variant.id, channel)
        for variant, channel, text in _texts(LIBRARY.get(key, "en")):
            assert re.search(r"1 to 5|1-5", text), (key, variant.id, channel)
            assert not re.search(r"CALL(?! ME)", text), (key, variant.id, channel)

    for word, kind in (
        ("回电", "call_back"),
        ("CALL ME", "call_back"),
        ("进度", "progress"),
        ("PROGRESS", "progress"),
    ):
        assert [one.kind for one in understand(word, asked=asked).intents] == [kind]
    for digit in "12345":
        assert [one.kind for one in understand(digit, asked=asked).intents] == ["rating"]
    assert "opt_out" in [one.kind for one in understand("R", asked=Asked()).intents]


def test_a_notice_of_maturity_promises_no_rate_and_says_that_the_customer_decides() -> None:
    for variant, channel, text in _texts(LIBRARY.get("deposit_maturity")):
        assert not re.search(r"利率|利息|收益|保本|[%％]", text), (variant.id, channel)
        assert "由您" in text
        assert "3月8日到期" in text or "3月8日有一笔" in text


def test_a_birthday_on_a_festival_knows_of_both() -> None:
    version = LIBRARY.get("birthday")
    joyful = [one for one in version.variants_for("festive") if not one.nameless]
    for variant in joyful:
        for channel in version.channels:
            both = _text(version, first(variant), channel, lunar_day="八月十五", with_festival="中秋节")
            alone = _text(version, first(variant), channel, lunar_day="八月十五", with_festival=None)
            assert "又逢中秋节" in both
            assert "又逢" not in alone
    english = LIBRARY.get("birthday", "en")
    for variant in english.variants_for("festive"):
        if not variant.nameless:
            for channel in english.channels:
                assert "Mid-Autumn Festival" in _text(english, first(variant), channel)


def test_a_birthday_says_which_calendar_is_kept() -> None:
    version = LIBRARY.get("birthday")
    for variant in version.variants:
        for channel in version.channels:
            if variant.nameless:
                continue
            lunar = _text(version, first(variant), channel, lunar_day="八月十五", solar_day=None)
            solar = _text(version, first(variant), channel, lunar_day=None, solar_day="2027-03-08")
            plain = _text(version, first(variant), channel, lunar_day=None, solar_day=None)
            assert "农历八月十五" in lunar
            assert "公历3月8日" in solar
            assert "历" not in plain


@pytest.mark.parametrize(("years", "words"), [("60", "六十"), ("70", "七十"), ("80", "八十"), ("90", "九十")])
def test_a_milestone_is_counted_in_words(years: str, words: str) -> None:
    for _variant, channel, text in _named(LIBRARY.get("birthday_milestone"), age=years):
        if channel != "email":
            assert words in text
            assert years not in text


def test_one_year_with_the_bank_is_no_plural() -> None:
    for _variant, _channel, text in _texts(LIBRARY.get("account_anniversary", "en"), years="1"):
        assert "1 years" not in text


def test_a_child_is_named_to_the_guardian_who_is_not_addressed_by_the_childs_name() -> None:
    child = Addressee(name="王小明", gender="male", age=10)
    for _variant, channel, text in _named(LIBRARY.get("birthday_child"), child=child):
        assert "王小明小朋友" in text
        if channel != "email":
            assert not text.removeprefix("【江城银行】").startswith("王小明小朋友，")


def test_an_introduction_without_an_advisor_is_not_written() -> None:
    version = LIBRARY.get("first_contact")

    found = render(version, "sms", {**version.samples(), "advisor": None}, signature="江城银行")

    assert [(one.code, one.placeholder) for one in found.problems] == [("placeholder_missing", "advisor")]


def test_an_introduction_says_how_to_reach_and_how_to_stop() -> None:
    for _variant, channel, text in _texts(LIBRARY.get("first_contact")):
        assert "陈静" in text
        if channel in ("sms", "wechat"):
            assert "回R" in text or "回复R" in text
        if channel != "wecom":
            assert "027-8555-0012" in text


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_business_goes_to_nobody_elses_number_and_a_birthday_may(locale: str) -> None:
    for key in (
        "deposit_maturity",
        "loan_progress",
        "product_matured",
        "callback_loan_granted",
        "callback_case_closed",
    ):
        assert LIBRARY.get(key, locale).names_details, key
    for key in CARE:
        assert not LIBRARY.get(key, locale).names_details, key


@pytest.mark.parametrize("festival", REGIONAL_FESTIVALS.values(), ids=REGIONAL_FESTIVALS)
def test_every_festival_of_a_region_fits_as_many_parts_as_promised(festival: DatedFestival) -> None:
    for locale, name, most in (("zh-CN", festival.name_zh, ONE_PART["ucs2"]), ("en", festival.name_en, 134)):
        version = LIBRARY.get("regional_festival", locale)
        for variant in version.variants:
            for wording in all_wordings(variant):
                text = _text(version, wording, "sms", festival=name)

                assert variant.nameless or name in text
                assert len(text) <= most, text


def test_a_festival_of_a_region_is_greeted_without_a_word_of_another_faith() -> None:
    for _variant, _channel, text in _texts(LIBRARY.get("regional_festival"), festival="开斋节"):
        assert not re.search(r"保佑|佛|菩萨|神|发财|酒|猪", text)
