"""What birthday, service and news texts owe: who, until when, how to answer; no age, no offer, no product."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from templates import library
from templates.library import TemplateVersion
from templates.placeholders import PlaceholderType, Value
from templates.render import render
from templates.salutations import Addressee
from templates.wordings import Wording
from tests.unit.templates.bundled_words import SIGNATURE, all_wordings, each_piece
from wenhou.core.campaigns import PersonalDateTrigger
from wenhou.services.campaigns import bundled_campaigns

LIBRARY = library.bundled()
LOCALES = ("zh-CN", "en")
KEYS = LIBRARY.keys()
SERVICE = tuple(key for key in KEYS if LIBRARY.get(key).purpose == "service")
BIRTHDAYS = ("birthday", "birthday_child", "birthday_milestone")
OWN_DAYS = (*BIRTHDAYS, "account_anniversary")
UNNAMED = frozenset({"opt_out_confirmation"})  # the phone may be shared
LADY = Addressee(name="王丽", gender="female")
CHILD = Addressee(name="王小明", gender="male", age=10)
AGE = re.compile(
    r"(?<![\d年月])\d{2,3}岁|(?<![一二三四五六七八九十百])(?!一岁)[一二三四五六七八九十百]+(?:岁|寿|大寿|寿辰|华诞)|花甲|古稀|耄耋|本命年|太岁|"
    r"\byears? old\b|\baged\b|\b\d{2} today\b|\d{2}(?:st|nd|rd|th) birthday",
    re.IGNORECASE,
)
OFFER = re.compile(
    r"利率|利息|收益|年化|[%％‰]|元|万|理财|基金|保险|大额存单|结构性|续存|转投|优惠|推荐|预约|加息|起存|"
    r"\brates?\b|interest|yield|CNY|yuan|fund\b|offer|recommend|invest|renew (?:it|now)",
    re.IGNORECASE,
)
PRODUCT = re.compile(
    r"理财|基金|保险|存款|贷款|信用卡|账户|产品|教育金|压岁|开户|deposit|fund|insur|loan|card|account|product",
    re.IGNORECASE,
)
RELATIVE = re.compile(
    r"\d+\s*(?:个)?(?:小时|分钟|天|日|工作日)(?:之)?内|尽快|近日|日内|稍后|马上|within \d+|shortly|as soon as|\basap\b",
    re.IGNORECASE,
)
REACHED = re.compile(
    r"回电|回复|回短信|回条短信|回信|来答|打给您|打电话|电话|拨0|急事0|回1|在这里|直接问|来问|可问|找|联系|来[^，。]{2,8}支行|"
    r"reply|call|\bring|phone|contact|ask |tell |come to|a word here|at Hanzheng|Urgent: 0|Reply|\bsee our website",
    re.IGNORECASE,
)


def _texts(version: TemplateVersion, **given: Value | None) -> Iterator[tuple[Wording, str, str]]:
    """(wording, channel, text) of wordings that hold each piece; mails with their subject in front."""
    values: dict[str, Value | None] = dict(version.samples())
    values |= {
        name: LADY for name, one in version.placeholders.items() if one.type is PlaceholderType.SALUTATION
    }
    values |= given
    for variant in version.variants:
        for wording in each_piece(variant):
            for channel in version.channels:
                found = render(version, channel, values, variant=wording, signature=SIGNATURE)
                assert found.ok, (version.key, version.locale, wording.id, channel, found.problems)
                words = found.parameters["paragraphs"] if channel == "email" else found.text
                yield wording, channel, f"{found.subject}\n{words}" if found.subject else words


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("named", [True, False])
def test_a_first_answer_holds_apology_owner_time_number_in_that_order(locale: str, *, named: bool) -> None:
    sorry = re.compile(r"对不起|抱歉|\bsorry\b", re.IGNORECASE)
    handler, by, number = "刘敏", "2月1日10:30" if locale == "zh-CN" else "10:30, 1 Feb", "T20270131-004"
    known: dict[str, Value | None] = {"handler": handler, "answer_by": by, "case_no": number}
    if not named:
        known["salutation"] = None

    for wording, channel, text in _texts(LIBRARY.get("case_first_answer", locale), **known):
        apology = sorry.search(text)
        assert apology is not None, (wording.id, channel, text)
        places = [apology.start(), *(text.index(word) for word in (handler, by, number, "027-9558-0000"))]
        assert places == sorted(places), (wording.id, channel, text)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_first_answer_admits_no_fault_and_asks_for_nothing(locale: str) -> None:
    for wording, channel, text in _texts(LIBRARY.get("case_first_answer", locale)):
        faults = r"我们的错|我行的错|赔偿|请您提供|our fault|compensat|please send"
        assert not re.search(faults, text, re.IGNORECASE), (
            wording.id,
            channel,
            text,
        )


@pytest.mark.parametrize("locale", LOCALES)
def test_a_notice_of_maturity_offers_nothing_and_says_that_nobody_asks_for_codes(locale: str) -> None:
    for wording, channel, text in _texts(LIBRARY.get("deposit_maturity", locale)):
        assert OFFER.search(text) is None, (wording.id, channel, text)
        assert re.search(r"密码.{0,8}验证码", text) or re.search(r"never ask", text), (
            wording.id,
            channel,
            text,
        )
        assert not re.search(r"\d[\d,.]*\s*(?:元|万)", text)


@pytest.mark.parametrize(
    "key", ["loan_progress", "product_matured", "first_contact", "rating_thanks", "adult_at_18"]
)
@pytest.mark.parametrize("locale", LOCALES)
def test_service_texts_quote_no_rate_and_offer_nothing(key: str, locale: str) -> None:
    for wording, channel, text in _texts(LIBRARY.get(key, locale), product=None):
        assert OFFER.search(text) is None, (wording.id, channel, text)


@pytest.mark.parametrize("key", [key for key in SERVICE if key.startswith("callback_")])
@pytest.mark.parametrize("locale", LOCALES)
def test_a_call_back_asks_one_thing_and_sells_nothing(key: str, locale: str) -> None:
    for wording, channel, text in _texts(LIBRARY.get(key, locale), product=None):
        body = text.split("\n", 1)[-1] if channel == "email" else text
        assert len(re.findall(r"[？?]", body)) <= 1, (wording.id, channel, text)
        assert ("回电" in text) if locale == "zh-CN" else ("CALL ME" in text), (wording.id, channel, text)
        assert not re.search(r"利率|收益|优惠|推荐|新品|interest rate|offer|recommend", text), (
            wording.id,
            text,
        )


@pytest.mark.parametrize("key", BIRTHDAYS)
@pytest.mark.parametrize("locale", LOCALES)
def test_a_womans_birthday_holds_no_word_of_age(key: str, locale: str) -> None:
    """`occasion.age` is not given for a woman: see `tests/unit/scheduler/test_ages_said.py`."""
    assert "occasion.years" not in {one.source for one in LIBRARY.get(key, locale).placeholders.values()}
    for wording, channel, text in _texts(LIBRARY.get(key, locale), age=None, child=CHILD):
        assert AGE.search(text) is None, (wording.id, channel, text)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_mans_milestone_says_the_age_but_not_in_nameless_words(locale: str) -> None:
    said = "六十" if locale == "zh-CN" else "60"
    version = LIBRARY.get("birthday_milestone", locale)
    for wording, channel, text in _texts(version, age="60", salutation=Addressee(name="王伟", gender="male")):
        if wording.variant.nameless:
            assert said not in text
        elif not wording.variant.quiet or channel != "sms":
            assert said in text, (wording.id, channel, text)


def test_no_bundled_campaign_marks_a_birthday_that_people_take_for_a_hurdle() -> None:
    marked = {
        years
        for one in bundled_campaigns()
        if isinstance(one.campaign.trigger, PersonalDateTrigger) and one.campaign.trigger.kind == "birthday"
        for years in one.campaign.trigger.milestones
    }

    assert marked >= {60, 70, 80, 90}
    assert not marked & {4, 14, 44, 72, 73, 83, 84, 250}


@pytest.mark.parametrize("locale", LOCALES)
def test_words_to_a_guardian_name_no_product_and_are_not_addressed_to_the_child(locale: str) -> None:
    for wording, channel, text in _texts(LIBRARY.get("birthday_child", locale), child=CHILD):
        assert PRODUCT.search(text) is None, (wording.id, channel, text)
        body = text.split("\n", 1)[-1] if channel == "email" else text.removeprefix("【江城银行】")
        assert not body.startswith("王小明"), (wording.id, channel, text)


@pytest.mark.parametrize("key", SERVICE)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_service_text_names_who_and_how_to_reach_them(key: str, locale: str) -> None:
    version = LIBRARY.get(key, locale)
    people = {version.samples()[name] for name in ("advisor", "handler") if name in version.placeholders}
    for wording, channel, text in _texts(version):
        if key not in UNNAMED and not wording.variant.nameless:
            assert any(person in text for person in people), (wording.id, channel, text)
        if wording.variant.nameless:
            assert re.search(r"我们|我行|\bus\b|\bwe\b|\bours?\b|\bour\b", text, re.IGNORECASE), (
                wording.id,
                text,
            )
        assert REACHED.search(text), (wording.id, channel, text)


@pytest.mark.parametrize("key", [*SERVICE, "policy_news"])
@pytest.mark.parametrize("locale", LOCALES)
def test_no_service_text_promises_within_some_hours(key: str, locale: str) -> None:
    for wording, channel, text in _texts(LIBRARY.get(key, locale)):
        assert RELATIVE.search(text) is None, (wording.id, channel, text)


@pytest.mark.parametrize(
    ("key", "date"),
    [
        ("deposit_maturity", "matures_on"), ("product_matured", "on"), ("policy_news", "effective_on"),
        ("callback_account_opened", "opened_on"), ("callback_branch_visit", "on"), ("callback_loan_granted", "on"),
        ("callback_product_bought", "on"), ("callback_case_closed", "on"), ("callback_reminder", "on"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("locale", LOCALES)
def test_a_text_about_a_day_says_which(key: str, date: str, locale: str) -> None:
    said = "11月28日" if locale == "zh-CN" else "28 November"
    for wording, channel, text in _texts(LIBRARY.get(key, locale), **{date: "2027-11-28"}):
        assert wording.variant.nameless or said in text, (wording.id, channel, text)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_loans_progress_says_what_happened_what_comes_next_and_when(locale: str) -> None:
    version = LIBRARY.get("loan_progress", locale)
    samples = version.samples()
    for wording, channel, text in _texts(version):
        assert text.index(samples["step"]) < text.rindex(samples["next"]), (wording.id, channel, text)
        assert samples["by"] in text, (wording.id, channel, text)
    for wording, channel, text in _texts(version, next=None, by=None):
        assert not re.search(r"接下来：|下一步：|Next:|Then:", text), (wording.id, channel, text)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("scope", "kept"),
    [(None, None), ("产品营销", None), ("产品营销", "关怀问候")],
    ids=["all", "one", "but one"],
)
def test_an_opt_out_is_told_what_stops_and_what_still_comes(
    locale: str, scope: str | None, kept: str | None
) -> None:
    stays = (
        re.compile(r"账户.{0,4}(?:业务)?通知", re.IGNORECASE)
        if locale == "zh-CN"
        else re.compile(r"account notices|notices on your own account", re.IGNORECASE)
    )
    everything = r"问候和推广" if locale == "zh-CN" else r"greetings (?:or|and no) offers"
    for wording, channel, text in _texts(LIBRARY.get("opt_out_confirmation", locale), scope=scope, kept=kept):
        stopped = re.search(scope or everything, text)
        kept_at = stays.search(text)
        assert stopped is not None, (wording.id, channel, text)
        assert kept_at is not None, (wording.id, channel, text)
        assert stopped.start() < kept_at.start(), (wording.id, channel, text)
        assert kept is None or kept in text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("score", "12345")
def test_thanks_for_a_rating_differ_for_high_and_low(locale: str, score: str) -> None:
    is_low = score in "123"
    by = "明天10:30" if locale == "zh-CN" else "10:30, 9 Mar"
    version = LIBRARY.get("rating_thanks", locale)
    for wording, channel, text in _texts(version, score=score, call_by=by if is_low else None):
        assert bool(re.search(r"谢谢|thank you", text, re.IGNORECASE)) != is_low, (wording.id, channel, text)
        assert bool(re.search(r"对不起|sorry", text, re.IGNORECASE)) == is_low, (wording.id, channel, text)
        assert (by in text) == is_low, (wording.id, channel, text)
        assert score in text
        if is_low:
            assert version.samples()["advisor"] in text


@pytest.mark.parametrize("locale", LOCALES)
def test_a_word_on_policy_names_day_issuer_and_where_the_original_stands(locale: str) -> None:
    version = LIBRARY.get("policy_news", locale)
    for wording, channel, text in _texts(version):
        assert version.samples()["issued"] in text, (wording.id, channel, text)
        assert ("官网" in text) if locale == "zh-CN" else ("website" in text), (wording.id, channel, text)
        assert not re.search(r"\d[%％]", text)


@pytest.mark.parametrize("key", [*SERVICE, *OWN_DAYS, "policy_news"])
def test_both_languages_have_the_same_wordings_so_that_reports_compare(key: str) -> None:
    chinese, english = (LIBRARY.versions[key, locale] for locale in LOCALES)

    def shape(version: TemplateVersion) -> list[tuple[object, ...]]:
        return [
            (
                one.id,
                one.quiet,
                one.nameless,
                one.voice,
                sorted(one.tiers),
                [len(turn.pieces) for turn in one.turns],
            )
            for one in version.variants
        ]

    assert shape(chinese) == shape(english)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("key", "least"),
    [("birthday", 200), ("birthday_child", 60), ("birthday_milestone", 60), ("account_anniversary", 60)],
)
def test_a_day_of_ones_own_has_words_for_a_household_and_for_years(key: str, least: int, locale: str) -> None:
    version = LIBRARY.get(key, locale)

    assert len(version.wordings_for()) >= least
    assert len(version.wordings_for("solemn")) >= 4
    assert len(version.wordings_for(nameless=True)) >= 40
    assert len(version.wordings_for("solemn", nameless=True)) >= 4
    for voice in ("plain", "warm", "formal"):
        found = version.wordings_for(voice=voice)
        assert len(found) >= 24
        assert {one.variant.voice for one in found} == {voice}
    if key == "birthday":
        assert {one.variant.id for one in version.wordings_for(tier="VIP")} == {"v", "w"}
        assert len(version.wordings_for(tier="高净值")) >= 60


@pytest.mark.parametrize("locale", LOCALES)
def test_a_customer_of_the_first_tier_is_written_to_by_the_advisor_by_name(locale: str) -> None:
    name = "陈静" if locale == "zh-CN" else "Chen Jing"
    for key in ("birthday", "account_anniversary"):
        version = LIBRARY.get(key, locale)
        for wording, channel, text in _texts(version, signed=None):
            if wording.variant.tiers:
                assert name in text, (key, wording.id, channel, text)


@pytest.mark.parametrize("locale", LOCALES)
def test_an_advisors_own_words_and_sign_off_stand_in_chat_and_mail_of_glad_days_only(locale: str) -> None:
    for key in OWN_DAYS:
        version = LIBRARY.get(key, locale)
        for wording, channel, text in _texts(version, own_words="愿君安", signed="老陈"):
            has_own = channel != "sms" and not wording.variant.quiet and not wording.variant.nameless
            assert ("愿君安" in text.splitlines()) == has_own, (key, wording.id, channel, text)
            if channel == "email":
                assert ("老陈" in text) == (not wording.variant.nameless), (key, wording.id, text)
    for key in SERVICE:
        sources = {one.source for one in LIBRARY.get(key, locale).placeholders.values()}
        assert not sources & {"advisor.signed", "advisor.own_words"}, key


@pytest.mark.parametrize("key", OWN_DAYS)
def test_a_greeting_asks_nothing_of_the_customer(key: str) -> None:
    version = LIBRARY.get(key)
    for variant in version.variants:
        for wording in all_wordings(variant):
            assert not any("请" in piece or "？" in piece for piece in wording.pieces("wechat").values())
    for wording, channel, text in _texts(version):
        assert not re.search(r"请您|请告诉|请回|？", text.replace("拒收请回复R", "")), (
            wording.id,
            channel,
            text,
        )
