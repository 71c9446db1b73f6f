"""A reader that goes on after a fault, so that a person sees everything that is wrong with a document at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from wenhou.core.audience import EVERYBODY, Rule
from wenhou.core.errors import InputError
from wenhou.services.audience_files import read_rule
from wenhou.services.yaml_reading import YamlReader

_T = TypeVar("_T")
_D = TypeVar("_D")


class SeveralFaults(InputError):
    """Everything that is wrong with a file, in the order of its lines; `faults` holds at least two."""

    def __init__(self, faults: Iterable[InputError]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__("\n".join(str(fault) for fault in self.faults))
        self.sentence, self.file, self.line, self.column = (
            first.sentence,
            first.file,
            first.line,
            first.column,
        )


def faults_of(error: InputError) -> tuple[InputError, ...]:
    """Each fault that an error stands for."""
    return error.faults if isinstance(error, SeveralFaults) else (error,)


def raise_faults(faults: Iterable[InputError]) -> None:
    """Raise what was found, if anything, once each and by line."""
    found = {str(fault): fault for fault in faults}
    ordered = sorted(found.values(), key=lambda one: (one.file or "", one.line or 0, int(one.column or 0)))
    if len(ordered) == 1:
        raise ordered[0]
    if ordered:
        raise SeveralFaults(ordered)


class CampaignReader(YamlReader):
    """Remembers faults instead of stopping at the first one; what hangs on a broken field is not looked at.

    `remarks`: what is allowed and probably not meant, each with its place.
    """

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.faults: list[InputError] = []
        self.remarks: list[str] = []
        self._broken: set[str] = set()

    def take(self, name: str, read: Callable[[], _T], default: _D) -> _T | _D:
        """What `read` gives; `default`, and the fault kept under `name`, when it raises InputError."""
        before = len(self.faults)
        value: _T | _D = default
        try:
            value = read()
        except InputError as error:
            self.faults.extend(faults_of(error))
        if len(self.faults) > before:
            self._broken.add(name)
        return value

    def is_sound(self, *names: str) -> bool:
        """Whether none of these fields had a fault."""
        return self._broken.isdisjoint(names)

    def complain(self, parent: Any, name: Any, sentence: str) -> None:
        """As `fail`, and go on."""
        self.faults.append(self._placed(parent, name, sentence))

    def remark(self, parent: Any, name: Any, sentence: str) -> None:
        """Say what is allowed and probably not meant."""
        self.remarks.append(str(self._placed(parent, name, sentence)))

    def place_of(self, parent: Any, name: Any) -> str:
        """`file:line:column` of a field."""
        found = self._placed(parent, name, "")
        return ":".join(str(part) for part in (found.file, found.line, found.column) if part is not None)

    def known(self, top: Mapping[str, Any], words: Iterable[str], prefix: str = "") -> None:
        """Refuse every field that is none of `words`."""
        known = list(words)
        for name in top:
            if name not in known:
                self.complain(top, name, f"{prefix}{name}: no such field; {self.not_known(name, known)}")

    def percent(self, top: Mapping[str, Any], name: str, *, most: float) -> float:
        """A share in percent, above 0."""
        value = top.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            self.fail(top, name, f"{name} is a percentage above 0 and up to {most:g}, not {value!r}")
        return float(value)

    def rule(self, top: Mapping[str, Any], name: str, place: str) -> Rule:
        """A rule on the customer, everybody where none is given; complains of every broken part of it."""
        spec = top.get(name)
        if spec is None or spec == {}:
            return EVERYBODY
        try:
            return read_rule(spec, self, parent=top, name=place)
        except InputError as error:
            parts = self._faults_in(spec, place)
            self.faults.extend(parts or [error])
            return EVERYBODY

    def _faults_in(self, spec: Any, place: str) -> list[InputError]:
        """The faults of the parts of an all / any / not, each read alone."""
        word, inner = (
            next(iter(spec.items())) if isinstance(spec, Mapping) and len(spec) == 1 else (None, None)
        )
        if word == "not":
            return self._faults_of_part(inner, spec, word, f"{place}.not")
        if word not in ("all", "any") or not isinstance(inner, list):
            return []
        return [
            fault
            for index, part in enumerate(inner)
            for fault in self._faults_of_part(part, inner, index, f"{place}.{word}[{index}]")
        ]

    def _faults_of_part(self, part: Any, parent: Any, at: Any, place: str) -> list[InputError]:
        deeper = self._faults_in(part, place)
        if deeper:
            return deeper
        if not isinstance(part, Mapping):
            return [self._placed(parent, at, f"{place} must be a block of `field: value` lines")]
        try:
            read_rule(part, self, parent=parent, name=place)
        except InputError as error:
            return [error]
        return []

    def _placed(self, parent: Any, name: Any, sentence: str) -> InputError:
        try:
            self.fail(parent, name, sentence)
        except InputError as error:
            return error
