"""Questions that the customer's own row answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from store.audience_facts import Answer, Moment, Yes, compared, is_known, of_known
from store.json_words import json_holds, json_is_list, word
from store.models.customers import Customer
from store.models.organisation import Org, User
from wenhou.core.audience import Condition
from wenhou.core.money import FEN_PER_YUAN

_When = TypeVar("_When", date, datetime)
_MOST_DAYS = 700_000
"""More days than any calendar has; a rule that asks for more asks for never."""


def _words(rule: Condition, _moment: Moment) -> Answer:
    column = getattr(Customer, rule.field)
    if rule.operator == "known":
        return is_known(column.is_not(None), rule)
    return of_known(column, column.in_(rule.values)).swapped(when=rule.operator == "is_not")


def _gender(rule: Condition, _moment: Moment) -> Answer:
    known = Customer.gender != "unknown"
    if rule.operator == "known":
        return is_known(known, rule)
    told = Customer.gender.in_(rule.values)
    found = Answer(yes=told, no=and_(known, ~told))
    return found.swapped(when=rule.operator == "is_not")


def _truth(rule: Condition, _moment: Moment) -> Answer:
    yes: Yes = Customer.main_advisor_id.is_not(None)
    no: Yes = Customer.main_advisor_id.is_(None)
    if rule.field == "is_staff":
        yes, no = Customer.is_staff.is_(True), Customer.is_staff.is_(False)
    return Answer(yes=yes, no=no).swapped(when=not rule.truth)


def _org(rule: Condition, _moment: Moment) -> Answer:
    """An org by its code means everything below it too."""
    column: Any = Customer.managing_org_id if rule.field == "org" else Customer.opening_org_id
    if rule.operator == "known":
        return is_known(column.is_not(None), rule)
    root = aliased(Org)
    inside = func.substr(Org.path, 1, func.length(root.path)) == root.path
    below = select(Org.id).join(root, inside).where(root.code.in_(rule.values))
    return of_known(column, column.in_(below)).swapped(when=rule.operator == "is_not")


def _advisor(rule: Condition, _moment: Moment) -> Answer:
    column = Customer.main_advisor_id
    if rule.operator == "known":
        return is_known(column.is_not(None), rule)
    named = select(User.id).where(User.login.in_(rule.values))
    return of_known(column, column.in_(named)).swapped(when=rule.operator == "is_not")


def _assets(rule: Condition, _moment: Moment) -> Answer:
    column = Customer.assets_fen
    if rule.operator == "known":
        return is_known(column.is_not(None), rule)
    in_fen = replace(rule, number=_fen(rule.number), upper=_fen(rule.upper))
    return of_known(column, compared(column, in_fen))


def _fen(yuan: float | None) -> int | None:
    return None if yuan is None else round(yuan * FEN_PER_YUAN)


def _opened(rule: Condition, moment: Moment) -> Answer:
    column = Customer.opened_on
    if rule.operator == "known":
        return is_known(column.is_not(None), rule)
    if rule.operator == "within_days":
        return of_known(column, column.between(days_before(moment.today, rule.number or 0), moment.today))
    return of_known(column, compared(column, rule))


def _with_bank(rule: Condition, moment: Moment) -> Answer:
    """So many days ago or longer is that day or an earlier one."""
    column = Customer.opened_on
    if rule.operator == "known":
        return is_known(column.is_not(None), rule)
    least, most = _whole_range(rule)
    parts: list[Yes] = []
    if least is not None:
        parts.append(column <= days_before(moment.today, least))
    if most is not None:
        parts.append(column >= days_before(moment.today, most))
    return of_known(column, and_(*parts))


def _since_contact(rule: Condition, moment: Moment) -> Answer:
    """Who was never written to has had no contact for any number of days."""
    column = Customer.last_contact_at
    ever = column.is_not(None)
    if rule.operator == "known":
        return is_known(ever, rule)
    number, upper = rule.number or 0, rule.upper
    if rule.operator == "at_least":
        long_ago = days_before(moment.now, number)
        return Answer(yes=or_(~ever, column <= long_ago), no=and_(ever, column > long_ago))
    latest = moment.now if rule.operator == "at_most" else days_before(moment.now, number)
    earliest = days_before(moment.now, number if upper is None else upper)
    parts: list[Yes] = [column >= earliest]
    if rule.operator == "between":
        parts.append(column <= latest)
    held = and_(ever, *parts)
    return Answer(yes=held, no=or_(~ever, ~and_(*parts)))


def _whole_range(rule: Condition) -> tuple[int | None, int | None]:
    """The bounds in whole days."""
    low, high = rule.number or 0.0, rule.upper
    if rule.operator == "at_most":
        return None, math.floor(_clamped(low))
    return math.ceil(_clamped(low)), None if high is None else math.floor(_clamped(high))


def days_before(moment: _When, days: float) -> _When:
    """So many days earlier; more days than there are count as very many."""
    return moment - timedelta(days=_clamped(days))


def _clamped(days: float) -> float:
    return max(min(days, _MOST_DAYS), -_MOST_DAYS)


def _listed(rule: Condition, _moment: Moment) -> Answer:
    column: Any = Customer.interests if rule.field == "interest" else Customer.festivals
    known: Yes = json_is_list(column)
    if rule.operator == "known":
        return is_known(known, rule)
    held = or_(*(json_holds(column, word(one)) for one in rule.values))
    found = Answer(yes=and_(known, held), no=and_(known, ~held))
    return found.swapped(when=rule.operator == "is_not")


ANSWERS: dict[str, Callable[[Condition, Moment], Answer]] = {
    **dict.fromkeys(("tier", "need", "risk_appetite", "locale", "state", "life_stage", "salutation"), _words),
    "gender": _gender,
    "has_advisor": _truth,
    "is_staff": _truth,
    "org": _org,
    "opening_org": _org,
    "advisor": _advisor,
    "assets_yuan": _assets,
    "opened_on": _opened,
    "days_with_bank": _with_bank,
    "days_since_contact": _since_contact,
    "interest": _listed,
    "festival": _listed,
}
