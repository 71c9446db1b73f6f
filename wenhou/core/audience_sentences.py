"""An audience rule as a sentence people read: 高净值客户，90天没有联系过，且存款30天内到期."""

from __future__ import annotations

from wenhou.core.audience import AllOf, AnyOf, Condition, Not, Rule
from wenhou.core.audience_fields import CUSTOM, find_field
from wenhou.core.audience_phrases import PHRASES, Phrase, bounds, days_between, listed

ZH, EN = "zh-CN", "en"


def sentence(rule: Rule, locale: str = ZH) -> str:
    """The whole rule in Chinese, or in English for any other locale."""
    say = _Chinese() if locale == ZH else _English()
    return say.whole(rule)


class _Speaker:
    """Walks a tree; what differs between the languages stands in the subclasses."""

    index: int
    everybody: str
    nobody: str
    all_of: tuple[str, str]
    any_of: str
    brackets: tuple[str, str]

    def whole(self, rule: Rule) -> str:
        return self._say(rule, negated=False, nested=False)

    def _say(self, rule: Rule, *, negated: bool, nested: bool) -> str:
        match rule:
            case Not(part=part):
                return self._say(part, negated=not negated, nested=nested)
            case Condition():
                return self.condition(rule, negated=negated)
            case AllOf(parts=parts) | AnyOf(parts=parts):
                return self._parts(parts, is_all=isinstance(rule, AllOf), negated=negated, nested=nested)

    def _parts(self, parts: tuple[Rule, ...], *, is_all: bool, negated: bool, nested: bool) -> str:
        if not parts:
            return self.nobody if is_all == negated else self.everybody
        if len(parts) == 1:
            return self._say(parts[0], negated=negated, nested=nested)
        said = [self._say(part, negated=False, nested=True) for part in parts]
        joined = self._joined(said) if is_all else self.any_of.join(said)
        if negated:
            return self.negated(joined)
        return f"{self.brackets[0]}{joined}{self.brackets[1]}" if nested else joined

    def _joined(self, said: list[str]) -> str:
        between, last = self.all_of
        return last.join((between.join(said[:-1]), said[-1]))

    def negated(self, said: str) -> str:
        raise NotImplementedError

    def condition(self, rule: Condition, *, negated: bool) -> str:
        field = find_field(rule.field)
        name = field.zh if field and self.index == 0 else field.en if field else rule.field
        if rule.operator == "known":
            return self.known(rule, name, is_known=bool(rule.truth) is not negated)
        phrase = PHRASES.get(rule.field)
        if phrase is not None:
            return self._by_phrase(phrase, rule, negated=negated)
        said = self.plain(rule, name if not rule.field.startswith(CUSTOM) else f"“{name}”")
        return self.negated(said) if negated else said

    def _by_phrase(self, phrase: Phrase, rule: Condition, *, negated: bool) -> str:
        opposite = rule.operator == "is_not" or rule.truth is False
        return phrase(rule, negated is opposite)[self.index]

    def known(self, rule: Condition, name: str, *, is_known: bool) -> str:
        raise NotImplementedError

    def plain(self, rule: Condition, name: str) -> str:
        raise NotImplementedError


class _Chinese(_Speaker):
    index = 0
    everybody, nobody = "所有客户", "没有客户"
    all_of, any_of, brackets = ("，", "，且"), "，或", ("（", "）")

    def negated(self, said: str) -> str:
        return f"并非“{said}”"

    def known(self, rule: Condition, name: str, *, is_known: bool) -> str:
        if rule.field == "days_since_contact":
            return "联系过" if is_known else "从未联系过"
        return f"{name}已知" if is_known else f"{name}未知"

    def plain(self, rule: Condition, name: str) -> str:
        if rule.on is not None:
            return f"{name}{days_between(rule)[0]}"
        if rule.number is not None:
            return f"{name}{bounds(rule, '')[0]}"
        return f"{name}{'不是' if rule.operator == 'is_not' else '是'}{listed(rule.values)[0]}"


class _English(_Speaker):
    index = 1
    everybody, nobody = "every customer", "nobody"
    all_of, any_of, brackets = (", ", ", and "), ", or ", ("(", ")")

    def negated(self, said: str) -> str:
        return f"not ({said})"

    def known(self, rule: Condition, name: str, *, is_known: bool) -> str:
        if rule.field == "days_since_contact":
            return "contacted before" if is_known else "never contacted"
        return f"{name} known" if is_known else f"{name} not known"

    def plain(self, rule: Condition, name: str) -> str:
        if rule.on is not None:
            return f"{name} {days_between(rule)[1]}"
        if rule.number is not None:
            return f"{name} {bounds(rule, '')[1]}"
        return f"{name} is {'not ' if rule.operator == 'is_not' else ''}{listed(rule.values)[1]}"
