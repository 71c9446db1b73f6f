"""An audience rule read from YAML: every fault names file, line, what was expected and the nearest legal word.

`read_rule` is used by every document that holds a rule (campaigns, tiers, tags, a rule by itself); `rule_document`
writes one back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NoReturn

from wenhou.core.audience import AllOf, AnyOf, Condition, Not, Rule
from wenhou.core.audience_fields import (
    CUSTOM,
    DAY_OPERATORS,
    FIELDS,
    NUMBER_OPERATORS,
    SCALES,
    Field,
    Kind,
    find_field,
)
from wenhou.core.calendars.regional import known_festivals
from wenhou.core.campaigns import DATE_KINDS, EVENT_KINDS
from wenhou.core.channels import CHANNELS
from wenhou.core.purposes import Purpose
from wenhou.services.yaml_reading import YamlReader

MOST_DAYS = 3660
"""The longest window, in days: ten years."""
_MOST_MESSAGES = 10
_MOST_DEPTH = 8
_MOST = 1e15
_BRANCHES = ("all", "any", "not")
_PURPOSES = tuple(str(purpose) for purpose in Purpose)
_KINDS: dict[str, tuple[str, ...]] = {"event": EVENT_KINDS, "personal_date": DATE_KINDS}
_FIXED: dict[str, Collection[str]] = {"festival": known_festivals(), "has_channel": CHANNELS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The bank's own words by field (`tier`, `org`, `advisor`, `tag` …); a field that is missing takes any word."""

    words: Mapping[str, Collection[str]]


ANY_WORDS = Vocabulary(words={})


def read_rule(
    spec: Any, reader: YamlReader, *, parent: Any, name: Any, words: Vocabulary = ANY_WORDS
) -> Rule:
    """The rule that stands as field `name` of `parent`; InputError where it is none.

    `words`: what the bank has; without them its own words are taken on trust.
    """
    return _Rules(reader, words).rule(spec, parent, name, str(name), 0)


class _Rules:
    def __init__(self, reader: YamlReader, words: Vocabulary) -> None:
        self._reader = reader
        self._words = words

    def rule(self, spec: Any, parent: Any, key: Any, name: str, depth: int) -> Rule:
        read = self._reader
        rule = read.mapping(spec, name, parent=parent, name=key)
        if depth > _MOST_DEPTH:
            read.fail(parent, key, f"{name}: rules nest at most {_MOST_DEPTH} deep")
        if "field" in rule:
            return _ConditionReader(read, rule, name, self._words).read()
        if len(rule) != 1 or next(iter(rule)) not in _BRANCHES:
            self._no_branch(rule, name)
        word, inner = next(iter(rule.items()))
        if word == "not":
            return Not(part=self.rule(inner, rule, "not", f"{name}.not", depth + 1))
        if not isinstance(inner, list) or not inner:
            read.fail(rule, word, f"{name}.{word}: give a list of at least one rule")
        parts = tuple(
            self.rule(part, inner, index, f"{name}.{word}[{index}]", depth + 1)
            for index, part in enumerate(inner)
        )
        if word == "any":
            return AnyOf(parts=parts)
        self._refuse_contradiction(parts, inner, f"{name}.all")
        return AllOf(parts=parts)

    def _no_branch(self, rule: Mapping[str, Any], name: str) -> None:
        first = next(iter(rule), None)
        hint = ""
        if first is not None and first not in _BRANCHES:
            hint = f"; {self._reader.not_known(first, [*_BRANCHES, 'field'])}"
        self._reader.fail(rule, first, f"{name}: give one of all:, any:, not:, or a field:{hint}")

    def _refuse_contradiction(self, parts: tuple[Rule, ...], inner: Any, name: str) -> None:
        """Two bounds on one number, or two sets of words, that nobody can meet both."""
        seen: dict[Condition, tuple[float, float, frozenset[str] | None]] = {}
        for index, part in enumerate(parts):
            if not isinstance(part, Condition):
                continue
            subject = replace(part, operator="", values=(), number=None, upper=None)
            least, most, words = seen.get(subject, (float("-inf"), float("inf"), None))
            if part.operator in NUMBER_OPERATORS and part.number is not None:
                least = max(least, part.number if part.operator != "at_most" else least)
                most = min(most, _upper(part))
            if part.operator == "is" and part.values and part.field in _ONE_WORD:
                words = frozenset(part.values) if words is None else words & set(part.values)
            if least > most or words == frozenset():
                self._reader.fail(
                    inner,
                    index,
                    f"{name}[{index}]: {part.field} contradicts the rules before it: nobody meets both",
                )
            seen[subject] = (least, most, words)


_ONE_WORD = frozenset("tier need risk_appetite gender locale state life_stage advisor".split())
"""Fields of which a customer has one word only."""


def _upper(part: Condition) -> float:
    if part.operator == "at_most":
        return part.number if part.number is not None else float("inf")
    return part.upper if part.upper is not None else float("inf")


class _ConditionReader:
    """Reads one `field: …` block."""

    def __init__(self, reader: YamlReader, rule: Mapping[str, Any], name: str, words: Vocabulary) -> None:
        self._read = reader
        self._rule = rule
        self._name = name
        self._words = words

    def read(self) -> Condition:
        field = self._field()
        operator = self._operator(field)
        beside = self._beside(field, operator)
        value = self._rule[operator]
        if operator == "known":
            return replace(beside, truth=self._truth(operator, value))
        if field.kind is Kind.TRUTH:
            return replace(beside, truth=self._truth(operator, value))
        if operator == "within_days":
            return replace(beside, number=float(self._days(operator)))
        if self._speaks_of_days(field, operator, value):
            return self._of_days(beside, operator, value)
        if operator in NUMBER_OPERATORS:
            return self._of_numbers(beside, operator, value)
        return replace(beside, values=self._listed(field, operator, value))

    def _field(self) -> Field:
        key = self._rule["field"]
        field = find_field(key) if isinstance(key, str) else None
        if field is None:
            known = [*FIELDS, f"{CUSTOM}…"]
            self._fail("field", f"{self._name}: no such field: {self._read.not_known(key, known)}")
        return field

    def _operator(self, field: Field) -> str:
        extra = {"field", *field.needs, *field.takes}
        found = [str(word) for word in self._rule if word not in extra]
        legal = field.operators
        if len(found) != 1:
            first = found[1] if found else "field"
            self._fail(first, f"{self._name}: ask {field.key} by one of {', '.join(legal)}")
        if found[0] not in legal:
            words = (*legal, *sorted(extra - {"field"}))
            self._fail(found[0], f"{self._name}: {field.key}: {self._read.not_known(found[0], words)}")
        return found[0]

    def _beside(self, field: Field, operator: str) -> Condition:
        """What stands beside the operator: kinds, a channel, a purpose, a window."""
        for word in field.needs:
            if word not in self._rule:
                self._fail("field", f"{self._name}: {field.key} also needs {word}:")
        made = Condition(field=field.key, operator=operator)
        for word in (*field.needs, *field.takes):
            if word in self._rule:
                made = self._with(made, field, word)
        return made

    def _with(self, made: Condition, field: Field, word: str) -> Condition:
        rule, read = self._rule, self._read
        match word:
            case "kind":
                return replace(made, of=self._kinds(field))
            case "scale":
                return replace(made, of=(read.word(rule, "scale", SCALES),))
            case "channel":
                return replace(made, channel=read.word(rule, "channel", CHANNELS))
            case "purpose":
                return replace(made, purpose=read.word(rule, "purpose", _PURPOSES))
            case "messages":
                return replace(made, last=read.number(rule, "messages", least=1, most=_MOST_MESSAGES))
            case _:
                return replace(made, days=self._days("within_days"))

    def _kinds(self, field: Field) -> tuple[str, ...]:
        value = self._rule["kind"]
        return self._each_word("kind", value, _KINDS.get(field.key, self._words.words.get("holds_kind")))

    def _listed(self, field: Field, operator: str, value: Any) -> tuple[str, ...]:
        legal = field.words or _FIXED.get(field.key) or self._words.words.get(field.key)
        return self._each_word(operator, value, legal)

    def _each_word(self, key: str, value: Any, legal: Collection[str] | None) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        about = f"{self._name}: {self._rule['field']}"
        if not values:
            self._fail(key, f"{about} {key}: the list is empty; name at least one word")
        for one in values:
            if not isinstance(one, str) or not one.strip():
                self._fail(key, f"{about} is compared with words, not {one!r}; put it in quotes if it is one")
            if legal is not None and one not in legal:
                self._fail(key, f"{about}: {self._read.not_known(one, sorted(legal))}")
        return tuple(dict.fromkeys(str(one) for one in values))

    def _speaks_of_days(self, field: Field, operator: str, value: Any) -> bool:
        if operator not in DAY_OPERATORS:
            return False
        if field.kind is Kind.FREE and operator == "between":
            return isinstance(value, list) and any(isinstance(one, date | str) for one in value)
        return field.kind in (Kind.DAY, Kind.FREE)

    def _of_days(self, made: Condition, operator: str, value: Any) -> Condition:
        if operator != "between":
            return replace(made, on=self._day(operator, value))
        first, last = (self._day(operator, one) for one in self._pair(operator, value))
        if first > last:
            self._fail(
                operator, f"{self._name}: between {first} and {last} is no day: give the earlier one first"
            )
        return replace(made, on=first, until=last)

    def _of_numbers(self, made: Condition, operator: str, value: Any) -> Condition:
        if operator != "between":
            return replace(made, number=self._number(operator, value))
        low, high = (self._number(operator, one) for one in self._pair(operator, value))
        if low > high:
            self._fail(
                operator, f"{self._name}: nothing is between {low:g} and {high:g}: give the smaller one first"
            )
        return replace(made, number=low, upper=high)

    def _pair(self, key: str, value: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) != 2:
            self._fail(key, f"{self._name}: {key} takes two values, e.g. [1, 5], not {value!r}")
        return value

    def _number(self, key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MOST:
            self._fail(key, f"{self._name}: {self._rule['field']} is compared with a number, not {value!r}")
        return float(value)

    def _days(self, key: str) -> int:
        return self._read.number(self._rule, key, least=0, most=MOST_DAYS)

    def _day(self, key: str, value: Any) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return date(value.year, value.month, value.day)
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self._fail(key, f"{self._name}: {key} takes a day like 2027-03-01, not {value!r}")

    def _truth(self, key: str, value: Any) -> bool:
        if not isinstance(value, bool):
            self._fail(
                key, f"{self._name}: {self._rule['field']} takes true or false after {key}, not {value!r}"
            )
        return value

    def _fail(self, key: str, sentence: str) -> NoReturn:
        self._read.fail(self._rule, key, sentence)


def rule_document(rule: Rule) -> dict[str, Any]:
    """The rule as plain data that `read_rule` reads back as the same rule."""
    match rule:
        case AllOf(parts=parts):
            return {"all": [rule_document(part) for part in parts]}
        case AnyOf(parts=parts):
            return {"any": [rule_document(part) for part in parts]}
        case Not(part=part):
            return {"not": rule_document(part)}
        case Condition():
            return _condition_document(rule)


def _condition_document(rule: Condition) -> dict[str, Any]:
    document: dict[str, Any] = {"field": rule.field}
    if rule.of:
        document["scale" if rule.field == "rated" else "kind"] = (
            rule.of[0] if len(rule.of) == 1 else [*rule.of]
        )
    beside = {
        "channel": rule.channel,
        "purpose": rule.purpose,
        "messages": rule.last,
        "within_days": rule.days,
    }
    document |= {name: value for name, value in beside.items() if value is not None}
    document[rule.operator] = _value_of(rule)
    return document


def _value_of(rule: Condition) -> Any:
    if rule.truth is not None:
        return rule.truth
    if rule.on is not None:
        return rule.on.isoformat() if rule.until is None else [rule.on.isoformat(), rule.until.isoformat()]
    if rule.number is not None:
        return _short(rule.number) if rule.upper is None else [_short(rule.number), _short(rule.upper)]
    return rule.values[0] if len(rule.values) == 1 else [*rule.values]


def _short(number: float) -> float | int:
    return int(number) if int(number) == number else number
