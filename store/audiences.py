"""Audience rules compiled to one SQL condition on customers, the same on both databases.

Each question has two conditions: when it is known to hold, and when it is known not to. Neither is ever SQL's NULL, and
`not` swaps them, so that a fact nobody knows meets nothing either way (`store.audience_facts`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_, true

from store import audience_behaviour, audience_columns, audience_custom, audience_relations
from store.audience_facts import Answer, Moment
from wenhou.core.audience import AllOf, AnyOf, Condition, Not, Rule
from wenhou.core.audience_fields import CUSTOM

_BY_FIELD: dict[str, Callable[[Condition, Moment], Answer]] = {
    **audience_columns.ANSWERS,
    **audience_relations.ANSWERS,
    **audience_behaviour.ANSWERS,
}


def compile_rule(
    rule: Rule, now: datetime, zone: ZoneInfo | None = None, *, counting: bool = False
) -> ColumnElement[bool]:
    """The condition a customer must meet at `now`. A fact that is not known meets nothing (never guess).

    `zone` is the bank's, for rules that speak of days; without it the days are those of `now` as given. `counting`:
    the whole audience is wanted at once, not a page in id order: what a rule asks of other tables may then lead.
    """
    moment = Moment(now=now, today=(now.astimezone(zone) if zone else now).date())
    return _holds(rule, moment, leads=counting)


def _holds(rule: Rule, moment: Moment, *, leads: bool) -> ColumnElement[bool]:
    match rule:
        case AllOf(parts=parts):
            return and_(true(), *(_holds(part, moment, leads=leads) for part in parts))
        case AnyOf(parts=parts):
            return or_(false(), *(_holds(part, moment, leads=False) for part in parts))
        case Not(part=part):
            return _fails(part, moment)
        case Condition():
            answer = _answer(rule, moment)
            return answer.leading if leads and answer.leading is not None else answer.yes


def _fails(rule: Rule, moment: Moment) -> ColumnElement[bool]:
    match rule:
        case AllOf(parts=parts):
            return or_(false(), *(_fails(part, moment) for part in parts))
        case AnyOf(parts=parts):
            return and_(true(), *(_fails(part, moment) for part in parts))
        case Not(part=part):
            return _holds(part, moment, leads=False)
        case Condition():
            return _answer(rule, moment).no


def _answer(rule: Condition, moment: Moment) -> Answer:
    if rule.field.startswith(CUSTOM):
        return audience_custom.answer(rule, moment)
    return _BY_FIELD[rule.field](rule, moment)
