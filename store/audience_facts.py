"""What a question of an audience rule compiles to: a condition that it holds, and one that it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from store.models.customers import Customer
from wenhou.core.audience import Condition

Yes = ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When the question is asked: the instant, and the bank's day."""

    now: datetime
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`yes` and `no` are true or false for every customer, never NULL, and never both true; neither: not known.

    `leading`: `yes` as a list of customer ids from another table, for counting, where the database may start there.
    """

    yes: Yes
    no: Yes
    leading: Yes | None = None

    def swapped(self, *, when: bool = True) -> Answer:
        """The answer to the opposite question."""
        return Answer(yes=self.no, no=self.yes) if when else self


def among(owner: InstrumentedAttribute[Any], *conditions: Yes, unless: Yes | None = None) -> Answer:
    """Whether there is a row of another table; `unless`: when having none does not yet mean no.

    `owner` is that table's column of the customer's id.
    """
    here = exists().where(owner == Customer.id, *conditions).correlate(Customer)
    none = not_(here) if unless is None else and_(not_(here), unless)
    return Answer(
        yes=here, no=none, leading=Customer.id.in_(select(owner).where(owner.is_not(None), *conditions))
    )


def there_is(owner: InstrumentedAttribute[Any], *conditions: Yes) -> Yes:
    """That a row of another table is there."""
    return exists().where(owner == Customer.id, *conditions).correlate(Customer)


def of_known(column: ColumnElement[Any] | InstrumentedAttribute[Any], holds: Yes) -> Answer:
    """A comparison of a column that may be empty."""
    return Answer(yes=and_(column.is_not(None), holds), no=and_(column.is_not(None), not_(holds)))


def is_known(known: Yes, rule: Condition) -> Answer:
    """The question whether a fact is known, which is always answered."""
    return Answer(yes=known, no=not_(known)).swapped(when=not rule.truth)


def compared(value: Any, rule: Condition) -> Yes:
    """A bound of a rule against a number or day."""
    low: Any = rule.on if rule.on is not None else rule.number
    high: Any = rule.until if rule.on is not None else rule.upper
    compares: dict[str, Any] = {
        "at_least": lambda: value >= low,
        "at_most": lambda: value <= low,
        "before": lambda: value < low,
        "after": lambda: value > low,
        "between": lambda: and_(value >= low, value <= high),
    }
    found: Yes = compares[rule.operator]()
    return found
