"""Questions about the bank's own fields, kept as JSON: texts, numbers (also written as text) and days as 2027-03-01."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Double, String, and_, case, cast, func, null

from store.audience_facts import Answer, Moment, compared, is_known, of_known
from store.json_words import NUMBERS, TEXTS, json_kind, json_text, word
from store.models.customers import Customer
from wenhou.core.audience import Condition
from wenhou.core.audience_fields import CUSTOM

_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def answer(rule: Condition, _moment: Moment) -> Answer:
    """A value of another kind than the question's is not known."""
    key = word(rule.field.removeprefix(CUSTOM))
    kind = json_kind(Customer.custom, key)
    text = json_text(Customer.custom, key)
    if rule.operator == "known":
        return is_known(func.coalesce(kind, "null") != "null", rule)
    if rule.values:
        told: ColumnElement[str] = case((kind.in_(TEXTS), text), else_=null())
        return of_known(told, told.in_(rule.values)).swapped(when=rule.operator == "is_not")
    if rule.on is not None:
        day: ColumnElement[str] = case((and_(kind.in_(TEXTS), text.regexp_match(_DAY)), text), else_=null())
        return of_known(day, _compared_as_text(day, rule))
    number: ColumnElement[float] = case(
        (kind.in_(NUMBERS), cast(text, Double)),
        (and_(kind.in_(TEXTS), text.regexp_match(_NUMBER)), cast(text, Double)),
        else_=null(),
    )
    return of_known(number, compared(number, rule))


def _compared_as_text(day: ColumnElement[str], rule: Condition) -> ColumnElement[bool]:
    """Days written year first sort as texts do."""
    first = cast(word(rule.on.isoformat() if rule.on else ""), String)
    if rule.operator == "before":
        return day < first
    if rule.operator == "after":
        return day > first
    last = cast(word(rule.until.isoformat() if rule.until else ""), String)
    return and_(day >= first, day <= last)
