"""What the tests of bundled texts share: odd customers, values for them, and the few wordings that show them all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from templates.library import TemplateVersion
from templates.placeholders import PlaceholderType, Value
from templates.render import Footer
from templates.salutations import Addressee
from templates.wordings import Variant, Wording

SIGNATURE = "江城银行"
FOOTER = Footer(branch="汉正街支行", hotline="027-9558-0000", preferences_url="https://care.example/p/abc")
EDGE_CUSTOMERS = {
    "ordinary": Addressee(name="王丽", gender="female"),
    "no gender": Addressee(name="王丽", gender="unknown"),
    "one character": Addressee(name="王", gender="unknown"),
    "two-character surname": Addressee(name="欧阳明月", gender="female"),
    "foreign": Addressee(name="John Smith", gender="male"),
    "very long": Addressee(name="阿卜杜热合曼江·买买提吐尔逊阿吉", gender="male"),
    "title": Addressee(name="王伟", gender="male", preferred="总"),
    "teacher": Addressee(name="欧阳明月", gender="female", preferred="老师"),
    "doctor": Addressee(name="陈立", gender="male", preferred="医生"),
    "supplementary plane": Addressee(name="𠮷田", gender="male"),
    "child": Addressee(name="王小明", gender="male", age=10),
    "teenager": Addressee(name="欧阳明月", gender="female", age=15),
    "no birthday year": Addressee(name="李敏", gender="female"),
}
PLAIN = frozenset({"ordinary", "two-character surname"})
LONG_NAMES = frozenset({"foreign", "very long"})
MINORS = frozenset({"child", "teenager"})
OF_THE_YEAR = frozenset({"customer.born_on", "occasion.years", "occasion.age"})
SOLEMN = frozenset({"qingming"})


def values_for(
    version: TemplateVersion, label: str, *, without: frozenset[str] = frozenset()
) -> dict[str, Value | None]:
    """Samples, but the customer's own salutation; what is in `without` is not known, nor what a year would tell."""
    values: dict[str, Value | None] = dict(version.samples())
    for name, declared in version.placeholders.items():
        if declared.type is PlaceholderType.SALUTATION:
            values[name] = EDGE_CUSTOMERS[label]
        has_no_year = (
            label == "no birthday year" and declared.source in OF_THE_YEAR and declared.default is not None
        )
        if name in without or has_no_year:
            values[name] = None
    return values


def lacking(version: TemplateVersion, label: str) -> list[frozenset[str]]:
    """Nothing optional missing, all of it, no advisor, and for plain customers each piece of it alone."""
    optional = [name for name, declared in version.placeholders.items() if declared.default is not None]
    of_advisor = [name for name in optional if version.placeholders[name].source.startswith("advisor.")]
    chosen = [frozenset[str](), frozenset(optional), frozenset(of_advisor)]
    if label in PLAIN:
        chosen += [frozenset({name}) for name in optional]
    return list(dict.fromkeys(chosen))


def first(variant: Variant) -> Wording:
    """The variant with the first piece of each turn."""
    return Wording(variant=variant, picks=(0,) * len(variant.turns))


def longest(variant: Variant) -> Wording:
    """The variant with the piece of each turn that is longest in an SMS: lengths add up, so nothing is longer."""
    picks = (max(range(len(turn.sms)), key=lambda at: len(turn.sms[at])) for turn in variant.turns)
    return Wording(variant=variant, picks=tuple(picks))


def each_piece(variant: Variant) -> list[Wording]:
    """Wordings that hold every piece of every turn at least once, in as few wordings as that takes, and the longest."""
    most = max((len(turn.pieces) for turn in variant.turns), default=1)
    picks = [tuple(at % len(turn.pieces) for turn in variant.turns) for at in range(most)]
    picks.append(longest(variant).picks)
    return [Wording(variant=variant, picks=one) for one in dict.fromkeys(picks)]


def all_wordings(variant: Variant) -> Iterator[Wording]:
    """Every wording of a variant."""
    for picks in product(*(range(len(turn.pieces)) for turn in variant.turns)):
        yield Wording(variant=variant, picks=picks)
