"""Whom a campaign speaks to: a tree of all / any / not over facts of the customer. Pure data; the store compiles it.

Three answers, not two: a question about a fact that is not known is answered neither yes nor no, and `not` of it is
not known either. Only a yes makes somebody a member. What the fields are: `wenhou.core.audience_fields`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One question about one field.

    `values`: words, any of them. `number`, `upper`: a bound, or the ends of `between` (both included); days of
    `within_days`. `on`, `until`: days, as `number` and `upper`. `truth`: of `is` and `known`. Beside the operator:
    `of` kinds, `channel`, `purpose`, `last` messages, `days` of a window in which a number is looked at.
    """

    field: str
    operator: str
    values: tuple[str, ...] = ()
    number: float | None = None
    upper: float | None = None
    truth: bool | None = None
    on: date | None = None
    until: date | None = None
    of: tuple[str, ...] = ()
    channel: str | None = None
    purpose: str | None = None
    last: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every part holds; none means everybody."""

    parts: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The part is known not to hold."""

    part: Rule


Rule = Condition | AllOf | AnyOf | Not
EVERYBODY = AllOf()


def conditions_of(rule: Rule) -> Iterator[Condition]:
    """Every question of a rule, in order."""
    match rule:
        case Condition():
            yield rule
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from conditions_of(part)
        case Not(part=part):
            yield from conditions_of(part)


def widened(rule: Rule, field: str, percent: float) -> Rule:
    """The rule with its bounds on one number field moved outwards by so many per cent: for who is in already."""
    match rule:
        case AllOf(parts=parts):
            return AllOf(parts=tuple(widened(part, field, percent) for part in parts))
        case AnyOf(parts=parts):
            return AnyOf(parts=tuple(widened(part, field, percent) for part in parts))
        case Not():
            return rule
        case Condition(field=found, number=float() | int()) if found == field:
            return _widened(rule, percent / 100)
        case Condition():
            return rule


def _widened(rule: Condition, share: float) -> Condition:
    low, high = rule.number or 0.0, rule.upper
    if rule.operator == "at_most":
        return replace(rule, number=low * (1 + share))
    return replace(rule, number=low * (1 - share), upper=None if high is None else high * (1 + share))
