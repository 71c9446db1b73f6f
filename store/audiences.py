"""Audience rules compiled to one SQL condition on customers, the same on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, exists, false, not_, or_, select, true

from store.models.customers import Customer, CustomerTag
from store.models.organisation import Org
from wenhou.core.audience import AllOf, AnyOf, Condition, Not, Rule
from wenhou.core.money import FEN_PER_YUAN


def compile_rule(rule: Rule, now: datetime) -> ColumnElement[bool]:
    """The condition a customer must meet. A fact that is not known meets nothing (never guess)."""
    match rule:
        case AllOf(parts=parts):
            return and_(true(), *(compile_rule(part, now) for part in parts))
        case AnyOf(parts=parts):
            return or_(false(), *(compile_rule(part, now) for part in parts))
        case Not(part=part):
            return not_(compile_rule(part, now))
        case Condition():
            return _condition(rule, now)


def _condition(rule: Condition, now: datetime) -> ColumnElement[bool]:
    if rule.field == "tag":
        held = exists().where(CustomerTag.customer_id == Customer.id, CustomerTag.tag.in_(rule.values))
        return held if rule.operator == "is" else not_(held)
    if rule.field == "interest":
        return _interest(rule)
    if rule.field == "org":
        return _org(rule)
    if rule.field == "has_advisor":
        return Customer.main_advisor_id.is_not(None) if rule.truth else Customer.main_advisor_id.is_(None)
    if rule.field == "is_staff":
        return Customer.is_staff.is_(bool(rule.truth))
    if rule.number is not None:
        return _number(rule, rule.number, now)
    column = getattr(Customer, rule.field)
    known = and_(column.is_not(None), column.in_(rule.values))
    return known if rule.operator == "is" else or_(column.is_(None), column.not_in(rule.values))


def _number(rule: Condition, number: float, now: datetime) -> ColumnElement[bool]:
    at_least = rule.operator == "at_least"
    if rule.field == "assets_yuan":
        fen = round(number * FEN_PER_YUAN)
        known = Customer.assets_fen.is_not(None)
        return and_(known, Customer.assets_fen >= fen if at_least else Customer.assets_fen <= fen)
    if rule.field == "days_since_contact":
        bound = now - timedelta(days=number)
        if at_least:
            return or_(Customer.last_contact_at.is_(None), Customer.last_contact_at <= bound)
        return and_(Customer.last_contact_at.is_not(None), Customer.last_contact_at >= bound)
    day = (now - timedelta(days=number)).date()
    known = Customer.opened_on.is_not(None)
    return and_(known, Customer.opened_on <= day if at_least else Customer.opened_on >= day)


def _interest(rule: Condition) -> ColumnElement[bool]:
    """Interests are a small JSON list of words; a word is found with its quotes, as JSON writes it."""
    written = cast(Customer.interests, String)
    held = or_(*(_contains(written, word) for word in rule.values))
    known = Customer.interests.is_not(None)
    return and_(known, held) if rule.operator == "is" else or_(Customer.interests.is_(None), not_(held))


def _contains(written: ColumnElement[str], word: str) -> ColumnElement[bool]:
    escaped = word.encode(
        "unicode_escape"
    ).decode()  # SQLite keeps the JSON that Python wrote: ASCII with \\u
    plain = written.contains(f'"{word}"', autoescape=True)
    return plain if escaped == word else or_(plain, written.contains(f'"{escaped}"', autoescape=True))


def _org(rule: Condition) -> ColumnElement[bool]:
    """An org by its code means everything below it too."""
    roots = select(Org.path).where(Org.code.in_(rule.values)).scalar_subquery()
    below = select(Org.id).where(Org.path.startswith(roots))
    inside = Customer.managing_org_id.in_(below)
    return inside if rule.operator == "is" else or_(Customer.managing_org_id.is_(None), not_(inside))
