"""What is caught with its tricks, what passes, where hits stand, and how long hostile texts take."""

from __future__ import annotations

import time
from datetime import date

import pytest

from templates.compliance.about import About, ProductFacts
from templates.compliance.lint import MAX_TEXT, Level, blocks, lint
from wenhou.core.errors import TemplateError
from wenhou.core.published_rates import PublishedRates, RateLine

CARE, MARKETING = About(purpose="care"), About(purpose="marketing")
SERVICE, NEWS = About(purpose="service"), About(purpose="information")


def rules_of(text: str, about: About) -> set[str]:
    return {hit.rule for hit in lint(text, about)}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("这款产品保本", "promise_principal"),
        ("保　本，放心", "promise_principal"),
        ("保.本", "promise_principal"),
        ("保🎉本", "promise_principal"),
        ("保\u200b本", "promise_principal"),
        ("保\n本\n保\n息", "promise_principal"),
        ("ｂａｏｂｅｎ", "promise_principal"),
        ("保ben", "promise_principal"),
        ("bǎo běn", "promise_principal"),
        ("亻呆本", "promise_principal"),
        ("保夲", "promise_principal"),
        ("饱本", "promise_principal"),
        ("本金绝对安全", "promise_principal"),
        ("不是保本？那一款才保本", "promise_principal"),
        ("稳赚不赔", "promise_return"),
        ("穩賺", "promise_return"),
        ("稳。赚。不。赔", "promise_return"),
        ("不保本？才怪，稳赚", "promise_return"),
        ("wen zhuan", "promise_return"),
        ("guаrаnteed returns", "promise_return"),
        ("gu4ranteed returns", "promise_return"),
        ("零风险", "no_risk"),
        ("０风险", "no_risk"),
        ("〇风险", "no_risk"),
        ("r i s k - f r e e", "no_risk"),
        ("最高收益", "highest_return"),
        ("业内第一", "superlative"),
        ("仅剩3席", "pressure"),
        ("请把验证码告诉我，回复验证码即可", "asks_for_secret"),
        ("请确认一下您的密码", "asks_for_secret"),
        ("请确认密码，不然账户会冻结", "asks_for_secret"),
        ("请确认密码是否正确，发给我", "asks_for_secret"),
        ("请告诉我银行卡有效期", "asks_for_secret"),
        ("请您确认银行卡有效期，然后回复我", "asks_for_secret"),
        ("顺便说一句，新客理财优惠", "sales_in_care"),
        ("清明快乐", "wrong_wish"),
        ("端午节快乐", "wrong_wish"),
        ("三八节，祝女神们快乐", "wrong_wish"),
        ("恭喜您七十三岁大寿", "taboo_age"),
        ("本命年犯太岁，要当心", "taboo_age"),
        ("生日送您一把雨伞", "taboo_gift"),
        ("送您250元红包", "taboo_gift"),
        ("王女士，祝贺您五十岁生日", "womans_age"),
        ("快转到朋友圈集赞领礼", "share_for_gain"),
        ("贷款包下款", "loan_promise"),
        ("别家银行不如我们", "disparaging"),
    ],
)
def test_a_wrong_sentence_is_caught_though_disguised(text: str, rule: str) -> None:
    hits = [hit for hit in lint(text, CARE) if hit.rule == rule]

    assert hits, rules_of(text, CARE)
    assert blocks(hits)
    assert all(hit.sentence_zh and hit.sentence_en and hit.source for hit in hits)


@pytest.mark.parametrize(
    "text",
    [
        "理财非存款，产品不保本",
        "本产品不承诺保本，也不保证收益",
        "凡承诺保本的都是骗局",
        "这是一款非保本浮动收益型产品",
        "请确保本人到场",
        "医保本年度缴费",
        "支付宝本月账单",
        "请带好医保，本周来办",
        "担保本息以合同为准",
        "没有零风险的投资",
        "本行不会在邮件中索要密码、验证码或卡号。",
        "请勿把验证码告诉任何人",
        "请确认银行卡有效期与预留手机号",
        "请核对银行卡有效期，有疑问请回复本短信",
        "请确认密码是否仍是初始密码",
        "请确认您的密码没有告诉过别人",
        "请确认U盾已带好",
        "今天15:30前打给您，编号T20270308-017",
        "客服电话027-9558-0000",
        "梨园路支行的钟先生，四季平安",
        "祝您生日快乐",
        "We never ask for your password.",
    ],
)
def test_an_ordinary_sentence_passes(text: str) -> None:
    assert [hit for hit in lint(text, NEWS) if hit.level is Level.BLOCK] == []


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [("这款保　本，好", 2, 5), ("ＡＢ保\u200b\u200b本", 2, 6), ("㎡亻呆本", 1, 4), ("王baoben", 1, 7)],
)
def test_a_hit_stands_where_the_words_stand_in_the_text_as_given(text: str, start: int, end: int) -> None:
    (hit,) = [hit for hit in lint(text, CARE) if hit.rule == "promise_principal"]

    assert (hit.start, hit.end, hit.found) == (start, end, text[start:end])


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "110105 19491231 002X",
        "6222021234567890128",
        "6222 0212 3456 7890 128",
        "13800138000",
        "138-0013-8000",
        "１３８００１３８０００",
        "一三八零零一三八零零零",
        "幺三八零零幺三八零零零",
        "+86 138 0013 8000",
    ],
)
def test_personal_numbers_are_caught_however_written(number: str) -> None:
    assert "personal_number" in rules_of(f"号码{number}，请核对", SERVICE)


@pytest.mark.parametrize(
    "text",
    [
        "尾号1234的卡",
        "6222****1234",
        "订单号20270308138001",
        "编号13800138000",
        "请拨027-9558-0000",
        "400-800-1234",
        "2027-03-08 15:30",
    ],
)
def test_other_numbers_pass(text: str) -> None:
    assert "personal_number" not in rules_of(text, SERVICE)


BANK = About(purpose="service", domains=frozenset({"bank.example"}))


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.com/a",
        "evil.com",
        "bank.example.evil.com",
        "https://bank.example@evil.com",
        "http://192.168.1.1/x",
        "http://xn--bnk-5ka.example",
        "bаnk.example",
        "t.cn/abc",
        "evil点com",
        "ｅｖｉｌ．ｃｏｍ",
        "a@evil.com",
    ],
)
def test_links_off_the_list_are_caught(link: str) -> None:
    assert "link_off_list" in rules_of(f"请看 {link} 办理", BANK)


@pytest.mark.parametrize(
    "link", ["https://bank.example/p", "www.bank.example", "mail@care.bank.example", "3.5", "15:30"]
)
def test_the_banks_own_links_pass(link: str) -> None:
    assert "link_off_list" not in rules_of(f"请看 {link} 办理", BANK)


SMS = About(purpose="care", channel="sms", is_finished=True, signature="江城银行")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("【江城银行】您好。拒收请回复R", set()),
        ("您好。拒收请回复R", {"signature"}),
        ("【别家银行】您好。拒收请回复R", {"signature"}),
        ("您好【江城银行】拒收请回复R", {"signature"}),
        ("【江城银行】【好】您好。拒收请回复R", {"signature"}),
        ("【江城银行】您好。", {"opt_out_missing"}),
    ],
)
def test_a_finished_sms_has_one_signature_and_a_way_to_refuse(text: str, rules: set[str]) -> None:
    assert rules_of(text, SMS) & {"signature", "opt_out_missing"} == rules


def test_a_product_needs_its_risk_sentence_and_its_class() -> None:
    missing = {"product_without_risk", "product_without_class"}

    assert missing <= rules_of("推荐您一款理财产品", MARKETING)
    assert missing & rules_of("推荐您一款理财产品，适合C3及以上客户，投资有风险", MARKETING) == set()


def test_a_product_riskier_than_the_customer_can_bear_is_stopped() -> None:
    product = ProductFacts(name="江稳1号", risk_level=4)

    assert "risk_above_appetite" in rules_of("好", About(purpose="marketing", product=product, appetite=3))
    assert "risk_above_appetite" not in rules_of(
        "好", About(purpose="marketing", product=product, appetite=4)
    )


def test_a_rate_needs_date_and_source_and_stands_in_the_table() -> None:
    day = date(2027, 3, 1)
    line = RateLine(key="one_year", product="整存整取", term="一年", rate="1.10")
    table = PublishedRates(number="2027-03", published_on=day, effective_on=day, lines=(line,))
    about = About(purpose="information", rates=table)

    assert "rate_without_source" in rules_of("一年期定期利率1.1%", about)
    right = rules_of("据3月1日公布的利率表，一年期定期利率1.1%", about)
    assert {"rate_without_source", "rate_not_published"} & right == set()
    assert "rate_or_yield" in right
    assert "rate_not_published" in rules_of("据3月1日公布的利率表，一年期定期利率1.3%", about)


def test_one_word_of_an_offer_makes_a_service_text_marketing() -> None:
    calm = "王女士，您有一笔定期存款3月8日到期，到期后怎么安排由您定。"

    assert rules_of(calm, SERVICE) == set()
    (hit,) = [hit for hit in lint(calm + "续存利率更高。", SERVICE) if hit.rule == "service_offers"]
    assert hit.sentence_zh == "这成了营销，请改用营销活动。"


def test_an_amount_never_stands_in_an_sms_and_a_fee_does() -> None:
    sms = About(purpose="service", channel="sms")

    assert "amount_in_sms" in rules_of("您的存款50,000元到期", sms)
    assert "amount_in_sms" in rules_of("您的存款五万元到期", sms)
    assert "amount_in_sms" not in rules_of("手续费2元，热线027-5550-0100", sms)


def test_a_first_answer_keeps_its_order() -> None:
    about = About(purpose="service", template="case_first_answer", is_finished=True)

    assert rules_of("让您费心，对不起。刘敏在办，今天15:30前打给您。编号T20270308-017。", about) == set()
    assert rules_of("编号T20270308-017。刘敏在办，今天15:30前打给您。对不起。", about) == {"answer_order"}
    assert rules_of("对不起。刘敏在办，编号T20270308-017。", about) == {"answer_order"}


def test_festive_words_are_blocked_on_a_solemn_day_only() -> None:
    assert "festive_on_solemn_day" in rules_of("祝您快乐", About(purpose="care", day_tone="solemn"))
    assert rules_of("祝您快乐", About(purpose="care", day_tone="festive")) == set()


def test_a_very_long_text_is_refused_not_judged() -> None:
    with pytest.raises(TemplateError):
        lint("保" * (MAX_TEXT + 1), CARE)


@pytest.mark.parametrize(
    "piece",
    ["保", "1", "bao ", "a.", "保本不稳赚，零风险。最高收益1.5%", " ", "138 ", "【", "a@", "www.", "http://", "a-",
     "稳，", "ABCD ", "一三八", "推荐理财", "不保本，", "不", "百分之", "\u200b", "({["],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * MAX_TEXT)[:MAX_TEXT]
    about = About(purpose="marketing", channel="sms", domains=frozenset({"bank.example"}), gender="female")
    started = time.perf_counter()

    hits = lint(text, about)

    assert time.perf_counter() - started < 5  # seconds; a quadratic pattern would take minutes
    assert len(hits) < 2_000
