"""What may be asked of a customer in an audience rule: each field, how it is compared, and in which words.

A fact that is not known meets no question about it, neither `is` nor `is_not`, neither inside a `not` nor outside:
we never guess. Whoever wants those too asks `known: false` beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a field is compared."""

    WORD = "word"
    NUMBER = "number"
    DAY = "day"
    TRUTH = "truth"
    WINDOW = "window"
    """Only by `within_days`."""
    FREE = "free"
    """A field of the bank's own: a text, a number or a day, as it was given."""


_WORDS = ("is", "is_not")
_NUMBERS = ("at_least", "at_most", "between")
_DAYS = ("before", "after", "between", "within_days")
_KNOWN = ("known",)
NUMBER_OPERATORS = _NUMBERS
DAY_OPERATORS = ("before", "after", "between")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to ask about.

    `words`: the only legal ones, where they are ours and not the bank's. `needs` and `takes`: what must and what may
    stand beside the operator, e.g. `channel`. `ahead`: `within_days` looks forward, not back.
    """

    key: str
    kind: Kind
    zh: str
    en: str
    operators: tuple[str, ...]
    words: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    ahead: bool = False


def _word(key: str, zh: str, en: str, words: tuple[str, ...] = ()) -> Field:
    return Field(key=key, kind=Kind.WORD, zh=zh, en=en, operators=(*_WORDS, *_KNOWN), words=words)


def _sure_word(key: str, zh: str, en: str, words: tuple[str, ...] = ()) -> Field:
    """A word every customer has, or a set of which we know every member."""
    return Field(key=key, kind=Kind.WORD, zh=zh, en=en, operators=_WORDS, words=words)


def _number(key: str, zh: str, en: str) -> Field:
    return Field(key=key, kind=Kind.NUMBER, zh=zh, en=en, operators=(*_NUMBERS, *_KNOWN))


def _truth(key: str, zh: str, en: str, *, needs: tuple[str, ...] = (), known: bool = False) -> Field:
    operators = ("is", *_KNOWN) if known else ("is",)
    return Field(key=key, kind=Kind.TRUTH, zh=zh, en=en, operators=operators, needs=needs)


def _window(key: str, zh: str, en: str, **more: tuple[str, ...] | bool) -> Field:
    return Field(key=key, kind=Kind.WINDOW, zh=zh, en=en, operators=("within_days",), **more)  # type: ignore[arg-type]


STATES = ("active", "dormant", "closed", "erased")
GENDERS = ("female", "male")
LIFE_STAGES = ("under_14", "under_18", "adult", "senior")
SCALES = ("csat", "nps")

_FIELDS = (
    _word("tier", "层级", "tier"),
    _word("need", "需求", "need"),
    _word("risk_appetite", "风险偏好", "risk appetite"),
    _word("gender", "性别", "gender", GENDERS),
    _sure_word("locale", "语言", "language"),
    _sure_word("state", "状态", "state", STATES),
    _word("life_stage", "人生阶段", "life stage", LIFE_STAGES),
    Field(key="salutation", kind=Kind.WORD, zh="称谓", en="salutation", operators=_KNOWN),
    _word("org", "管户机构", "managing org"),
    _word("opening_org", "开户机构", "opening org"),
    _word("advisor", "客户经理", "advisor"),
    _truth("has_advisor", "有管户客户经理", "has an advisor"),
    _truth("is_staff", "本行员工", "is staff"),
    _number("assets_yuan", "资产", "assets"),
    _number("assessment_level", "风险测评等级", "risk assessment level"),
    _number("days_with_bank", "开户天数", "days with the bank"),
    _number("days_since_contact", "距上次联系天数", "days since the last contact"),
    Field(key="opened_on", kind=Kind.DAY, zh="开户日期", en="opening date", operators=(*_DAYS, *_KNOWN)),
    _sure_word("tag", "标签", "tag"),
    _word("interest", "兴趣", "interest"),
    _word("festival", "自选节日", "chosen festival"),
    _sure_word("has_channel", "可用渠道", "reachable channel"),
    _truth("consent", "同意", "consent", needs=("channel", "purpose"), known=True),
    _window("personal_date", "个人日子", "personal date", needs=("kind",), ahead=True),
    _window("matures", "持有到期", "maturity", takes=("kind",), ahead=True),
    _window("assessment_expires", "风险测评到期", "risk assessment expiry", ahead=True),
    _word("holds_product", "持有产品", "product held"),
    _word("holds_kind", "持有品种", "kind of product held"),
    _window("event", "业务事件", "business event", needs=("kind",)),
    _window("complained", "投诉", "complaint"),
    _window("replied", "回复", "reply"),
    _truth("replied_to_last", "回复最近的消息", "reply to the last messages", needs=("messages",)),
    Field(
        key="rated",
        kind=Kind.NUMBER,
        zh="评分",
        en="rating",
        operators=_NUMBERS,
        needs=("within_days",),
        takes=("scale",),
    ),
    Field(
        key="messages",
        kind=Kind.NUMBER,
        zh="触达次数",
        en="messages received",
        operators=_NUMBERS,
        needs=("within_days",),
    ),
)
FIELDS: dict[str, Field] = {field.key: field for field in _FIELDS}
"""Every field but the bank's own."""

CUSTOM = "custom."
"""How a field of the bank's own begins: `custom.会员等级`."""
_CUSTOM_OPERATORS = (*_WORDS, *_NUMBERS, "before", "after", *_KNOWN)


def find_field(key: str) -> Field | None:
    """The field of that name; any `custom.…` is one."""
    if key.startswith(CUSTOM):
        own = key.removeprefix(CUSTOM)
        if own and own.isprintable() and not set(own) & set('"\\'):
            return Field(key=key, kind=Kind.FREE, zh=own, en=own, operators=_CUSTOM_OPERATORS)
        return None
    return FIELDS.get(key)
