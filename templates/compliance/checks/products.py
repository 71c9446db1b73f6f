"""A product needs its risk sentence and the customers it suits, and may not be riskier than the customer can bear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.compliance.reading import Reading, Span

_PRODUCT = (
    r"(?:理财(?!经理|顾问|师|中心|室|区|专区|知识|观念|习惯|经理人|规划|业务(?:办法|管理)|子公司|公司|非存款)(?:产品|计划|新品)?|基金(?!会|业协会|从业)|信托(?!公司)|"
    r"(?:分红|万能|年金|增额|终身寿|投连|重疾|两全|理财|养老)(?:型)?(?:保)?险|保险(?:产品|计划|金信托)|银保产品|贵金属|积存金|纸黄金|结构性存款|私募|资管(?:计划|产品)|"
    r"固收\+?|净值型|fof|etf|债券(?!市场)|国债逆回购|雪球)"
)
_OFFER = (
    r"(?:推荐|购买|认购|申购|起购|发售|在售|开售|热销|热卖|新发|首发|上线|预约|配置|募集|抢购|布局|入手|买入|参与|选购|办理|怎么买|可以做|演示|"
    r"做我们|投资(?!风险|者|有|须|需|应|期|标的|范围|性|品种|方向|知识|教育)|新品|上新|开放|发行|"
    r"值得|推给|介绍|合适|考虑|关注|看看|额度|挑选|打新|起投|定投|锁定|建仓|跟投|了解一下|来了解|欢迎(?:咨询|了解)|首选|不错|心动|加仓|上车|"
    r"收益(?!不|型|是|分配|率不|和|凭证|的高低)|年化|业绩比较基准|代销)"
)
_OFFERED = re.compile(rf"{_PRODUCT}[^。]{{0,24}}?{_OFFER}|{_OFFER}[^。]{{0,16}}?{_PRODUCT}")
_ANY_PRODUCT = re.compile(_PRODUCT)
_OFFERED_ENGLISH = re.compile(
    r"\b(?:recommend|buy|invest in|subscribe|launch(?:ed|ing)?|new|offer(?:ing|ed)?|"
    r"on sale|available)\b[^.]{0,40}\b(?:funds?|wealth management|structured deposit|"
    r"trust plan|insurance plan|annuity)\b"
    r"|\b(?:funds?|wealth management products?|structured deposits?|insurance plan|"
    r"annuity)\b[^.]{0,40}\b(?:on sale|recommended|available|now open|launch(?:ed|es)?|"
    r"buy)\b"
    r"|\bgold (?:accumulation|savings) plans?\b[^.]{0,60}\b(?:start|set|open|from|buy|begin)\b"
)
_NO_OFFER = re.compile(
    r"(?:不|勿|别|请勿|切勿|不要|不得|谨防|警惕|拒绝|严禁|未|没有)[^，。]{0,12}(?:推荐|购买|认购|申购|投资|参与|理财|基金)|(?:您|"
    r"已)(?:已)?(?:购买|持有|认购|申购|办理|投资)的|"
    r"(?:属于|不是一回事|区别|骗局|诈骗|非法|假冒|监管|办法|规定|规则|新规|条例|征求意见|统计|公告|什么是|什么叫|看懂|如何|怎么看|所谓|不同于|不确定|不能理解|不宜|不等于|应当充分认识|小知识|知识)"
)
_RISK = re.compile(
    r"有风险|投资风险|风险较|风险(?:从|高低|不同|大小|各不|提示|自担|揭示|等级|由[^，。]{0,8}承担|须|需)|投资(?:须|需|应)?谨慎|非存款|不(?:等于|是|属于|"
    r"同于)(?:银行)?存款|不同于存款|可能(?:会|有)?(?:亏损|损失|不保|发生|出现|面临|产生)|"
    r"不保(?:证)?本|不(?:承诺|保证)|净值(?:会|可能|有)?(?:波动|涨跌|下跌)|(?:会|可)(?:能)?亏损?|波动"
)
_RISK_ENGLISH = re.compile(
    r"\brisks?\b|not a (?:bank )?deposit|may (?:lose|fall|go down)|not guaranteed|past performance"
)
_CLASS = re.compile(
    r"适合|适(?:宜|用)(?:于|的)?|不适合|(?:风险)?承受(?:能力|度|等级|力)|c[1-5]|(?:稳健|平衡|保守|进取|谨慎|激进|成长|积极)型|"
    r"合格投资者|(?:仅|只)(?:面向|限|向)|风险测评(?:结果)?(?:为|在|达|须)"
)
_CLASS_ENGLISH = re.compile(
    r"\bsuit(?:s|able|ed)?\b|\bc[1-5]\b|qualified investors?|risk (?:tolerance|appetite|profile)"
)


def product_without_risk(reading: Reading) -> Iterator[Span]:
    """A product that is offered, in a text without a risk sentence."""
    product = reading.about.product
    if product is not None and product.risk_sentence and product.risk_sentence in reading.text:
        return
    for offer in _offers(reading):
        if not (reading.holds(_RISK) or reading.holds_english(_RISK_ENGLISH)):
            yield offer


def product_without_class(reading: Reading) -> Iterator[Span]:
    """A product that is offered, in a text that does not say whom it suits."""
    product = reading.about.product
    if product is not None and product.suitable_for and product.suitable_for in reading.text:
        return
    for offer in _offers(reading):
        if not (reading.holds(_CLASS) or reading.holds_english(_CLASS_ENGLISH)):
            yield offer


def risk_above_appetite(reading: Reading) -> Iterator[Span]:
    """A product riskier than the customer's assessed class; the place is the whole text."""
    about = reading.about
    if about.product is not None and about.appetite is not None and about.product.risk_level > about.appetite:
        yield 0, len(reading.text)


def _offers(reading: Reading) -> Iterator[Span]:
    text = reading.folded.text
    if reading.english is None and _ANY_PRODUCT.search(text) is None:
        return
    for found in _OFFERED.finditer(text):
        start = max(text.rfind("。", 0, found.start()) + 1, found.start() - 16)
        end = min(_or_end(text.find("。", found.end()), len(text)), found.end() + 10)
        if _NO_OFFER.search(text, start, end) is None:
            yield reading.folded.place(*found.span())
            return
    words = reading.english
    found_english = _OFFERED_ENGLISH.search(words.text) if words is not None else None
    if words is not None and found_english is not None:
        yield words.place(*found_english.span())


def _or_end(place: int, end: int) -> int:
    return end if place < 0 else place
