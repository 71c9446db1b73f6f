"""What stands in a template's gaps in a preview: each value, where it came from, and what to do about one that lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from templates.library import TemplateVersion
from templates.placeholders import OddValueError, Placeholder, Value, plain_value
from wenhou.services.filled_words import Filled

GIVEN, DEFAULT, SAMPLE, MISSING = "given", "default", "sample", "missing"
_LINKS = "link."
_FROM = {
    "customer": ("客户资料", "the customer's record"),
    "advisor": ("客户经理", "the advisor"),
    "org": ("管理网点", "the managing branch"),
    "bank": ("银行", "the bank"),
    "occasion": ("日子", "the day"),
    "event": ("业务事件", "the business event"),
    "article": ("资讯", "the article"),
    "rates": ("已公布的利率表", "the published rates"),
    "product": ("产品清单", "the product list"),
    "card": ("产品建议卡", "the product card"),
    "link": ("链接", "a link"),
}
_TO_DO = {
    "customer.salutation": (
        "请补全客户的姓名、性别或称谓",
        "complete the customer's name, gender or salutation",
    ),
    "customer": ("请补全客户资料", "complete the customer's record"),
    "advisor": ("请给客户指定客户经理，并登记其电话", "give the customer an advisor with a phone number"),
    "org": ("请给客户登记管理网点", "give the customer a managing branch"),
    "occasion.years": ("请登记这个日子的年份", "record the year of the day"),
    "occasion.age": (
        "没有年份，或这个岁数不宜说出；可在模板里给默认值",
        "no year, or an age nobody says; give a default",
    ),
    "occasion": (
        "这一天没有可说的内容；换一个日子，或在模板里给默认值",
        "nothing to say of this day: choose another, or give a default",
    ),
    "rates": ("请先发布利率表（wenhou rates）", "publish the rates first (wenhou rates)"),
}
_ELSE = ("请补上来源里的内容，或在模板里给默认值", "fill the source, or give a default in the template")
_ODD = (
    "内容不可用（过长、含不可见字符或格式不对），请更正来源",
    "odd: too long, invisible characters or a wrong form; mend the source",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueUsed:
    """One placeholder. `state`: given, default, sample or missing; `to_do`: for a missing one, in both languages."""

    name: str
    source: str
    origin: tuple[str, str]
    state: str
    value: str
    to_do: tuple[str, str] = ("", "")


def values_used(
    version: TemplateVersion, filled: Filled | None
) -> tuple[dict[str, Value | None], tuple[ValueUsed, ...]]:
    """The values to render with, and each as people read it. `filled` None: the document's samples.

    A link is always the sample: a customer's own link works, and whoever looks at a preview must not act for them. What
    no customer has by themselves (an event's product) is the sample too; the rest is theirs or missing.
    """
    values: dict[str, Value | None] = {}
    lines = []
    for name, one in version.placeholders.items():
        values[name], state = _chosen(name, one, filled)
        lines.append(_line(name, one, values[name], state, version.locale))
    return values, tuple(lines)


def _chosen(name: str, one: Placeholder, filled: Filled | None) -> tuple[Value | None, str]:
    if filled is None or one.source.startswith(_LINKS):
        return one.sample, SAMPLE
    value = filled.values.get(name)
    if value is not None and value != "":
        return value, GIVEN
    if name in filled.unfillable:
        return one.sample, SAMPLE
    return value, DEFAULT if one.default is not None else MISSING


def _line(name: str, one: Placeholder, value: Value | None, state: str, locale: str) -> ValueUsed:
    to_do, shown = ("", ""), ""
    try:
        shown = str(plain_value(one, value, locale))
    except OddValueError as error:
        # A name that cannot be addressed counts as odd; what helps is the same as for none.
        is_gone = str(error) in {"missing", "empty"} or one.source == "customer.salutation"
        state, to_do = MISSING, _advice(one.source) if is_gone else _ODD
    return ValueUsed(
        name=name,
        source=one.source,
        origin=_of_source(_FROM, one.source, (one.source, one.source)),
        state=state,
        value=shown,
        to_do=to_do,
    )


def _advice(source: str) -> tuple[str, str]:
    return _TO_DO.get(source) or _of_source(_TO_DO, source, _ELSE)


def _of_source(
    words: Mapping[str, tuple[str, str]], source: str, otherwise: tuple[str, str]
) -> tuple[str, str]:
    return words.get(source.partition(".")[0], otherwise)
