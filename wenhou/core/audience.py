"""Whom a campaign speaks to: a tree of all / any / not over facts of the customer. Pure data; the store compiles it."""

from __future__ import annotations

from dataclasses import dataclass

TEXT_FIELDS = ("tier", "need", "risk_appetite", "gender", "locale", "state")
NUMBER_FIELDS = ("assets_yuan", "days_since_contact", "days_with_bank")
OTHER_FIELDS = ("tag", "interest", "org", "has_advisor", "is_staff")
FIELDS = (*TEXT_FIELDS, *NUMBER_FIELDS, *OTHER_FIELDS)
OPERATORS = {
    **dict.fromkeys(TEXT_FIELDS, ("is", "is_not")),
    **dict.fromkeys(NUMBER_FIELDS, ("at_least", "at_most")),
    "tag": ("is", "is_not"),
    "interest": ("is", "is_not"),
    "org": ("is", "is_not"),
    "has_advisor": ("is",),
    "is_staff": ("is",),
}
"""What may be asked of each field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One question about one field. `values`: words (any of them), one number, or one truth."""

    field: str
    operator: str
    values: tuple[str, ...] = ()
    number: float | None = None
    truth: bool | None = None


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
    """The part does not hold."""

    part: Rule


Rule = Condition | AllOf | AnyOf | Not
EVERYBODY = AllOf()
