"""Hypothesis strategies for audience rules over the facts of `people`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.integration.audience.people import TIERS, TODAY, WORDS
from wenhou.core.audience import AllOf, AnyOf, Condition, Not, Rule

_DAYS = st.sampled_from([0, 1, 10, 14, 29, 30, 31, 60, 90, 180])
_ON = st.sampled_from([TODAY + timedelta(days=days) for days in (-400, -31, -30, 0, 1, 2, 3)])
_WORD_FIELDS: dict[str, tuple[str, ...]] = {
    "tier": TIERS,
    "need": ("投资", "消费"),
    "risk_appetite": ("稳健", "保守"),
    "gender": ("female", "male"),
    "locale": ("en", "zh-CN"),
    "state": ("active", "closed"),
    "life_stage": ("adult", "senior"),
    "org": ("HQ", "WH", "WH01", "YC"),
    "opening_org": ("WH", "WH0101"),
    "advisor": ("liwei", "chenjing", "nobody"),
    "tag": ("存款", "新客", "没有"),
    "interest": WORDS,
    "festival": ("losar", "spring_festival"),
    "has_channel": ("sms", "email", "wechat"),
    "holds_product": ("D1", "F1"),
    "holds_kind": ("deposit", "fund"),
    "custom.level": ("金卡", "12", "2027-02-01"),
}
_KNOWN = (
    "tier need risk_appetite gender life_stage salutation org opening_org advisor assets_yuan days_with_bank "
    "days_since_contact opened_on interest festival holds_product holds_kind assessment_level custom.level"
).split()
_NUMBERS: dict[str, tuple[float, ...]] = {
    "assets_yuan": (0, 999_999.99, 1_000_000, 6_000_000),
    "days_with_bank": (-1, 0, 29.5, 30, 31, 1e9),
    "days_since_contact": (0, 10, 90, 91, 1e9),
    "assessment_level": (2, 3, 4),
    "custom.level": (-3.5, 7.25, 12, 13),
}


@st.composite
def words(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(sorted(_WORD_FIELDS)))
    values = draw(st.lists(st.sampled_from(_WORD_FIELDS[field]), min_size=1, max_size=2, unique=True))
    return Condition(field=field, operator=draw(st.sampled_from(("is", "is_not"))), values=tuple(values))


def _bounds(draw: st.DrawFn, numbers: tuple[float, ...]) -> dict[str, Any]:
    operator = draw(st.sampled_from(("at_least", "at_most", "between")))
    low, high = sorted(draw(st.lists(st.sampled_from(numbers), min_size=2, max_size=2)))
    return {"operator": operator, "number": low, "upper": high if operator == "between" else None}


@st.composite
def numbers(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(sorted(_NUMBERS)))
    return Condition(field=field, **_bounds(draw, _NUMBERS[field]))


@st.composite
def days(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(("opened_on", "custom.level")))
    first, last = sorted((draw(_ON), draw(_ON)))
    operator = draw(st.sampled_from(("before", "after", "between")))
    return Condition(field=field, operator=operator, on=first, until=last if operator == "between" else None)


_kinds = st.sampled_from((("account_opened",), ("account_opened", "branch_visit")))
_windows = st.one_of(
    st.builds(
        Condition,
        field=st.sampled_from(("opened_on", "matures", "assessment_expires", "complained", "replied")),
        operator=st.just("within_days"),
        number=_DAYS,
    ),
    st.builds(Condition, field=st.just("event"), operator=st.just("within_days"), number=_DAYS, of=_kinds),
    st.builds(
        Condition,
        field=st.just("matures"),
        operator=st.just("within_days"),
        number=_DAYS,
        of=st.just(("deposit",)),
    ),
    st.builds(
        Condition,
        field=st.just("personal_date"),
        operator=st.just("within_days"),
        number=_DAYS,
        of=st.sampled_from((("birthday",), ("birthday", "school_start"))),
    ),
)
_truths = st.one_of(
    st.builds(
        Condition,
        field=st.sampled_from(("has_advisor", "is_staff")),
        operator=st.just("is"),
        truth=st.booleans(),
    ),
    st.builds(
        Condition,
        field=st.just("consent"),
        operator=st.sampled_from(("is", "known")),
        truth=st.booleans(),
        channel=st.sampled_from(("sms", "wechat")),
        purpose=st.sampled_from(("care", "marketing")),
    ),
    st.builds(
        Condition,
        field=st.just("replied_to_last"),
        operator=st.just("is"),
        truth=st.booleans(),
        last=st.integers(1, 3),
    ),
    st.builds(Condition, field=st.sampled_from(_KNOWN), operator=st.just("known"), truth=st.booleans()),
)


@st.composite
def _measured(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(("rated", "messages")))
    of = draw(st.sampled_from(((), ("csat",), ("nps",)))) if field == "rated" else ()
    return Condition(field=field, of=of, days=draw(_DAYS), **_bounds(draw, (0, 1, 2, 3, 5)))


CONDITIONS = st.one_of(words(), numbers(), days(), _windows, _truths, _measured())


def _branches(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    lists = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        lists.map(lambda found: AllOf(parts=found)),
        lists.map(lambda found: AnyOf(parts=found)),
        parts.map(lambda found: Not(part=found)),
    )


RULES: st.SearchStrategy[Rule] = st.recursive(CONDITIONS, _branches, max_leaves=6)
