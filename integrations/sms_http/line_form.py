"""What a line takes and carries: words, hours, extension codes, and how it is looked after."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field, model_validator

from integrations.sms_http.parts import Body, Part
from integrations.sms_http.request_form import Call

_Purpose = Literal["care", "service", "information", "marketing"]


class Words(Part):
    """The line's own rules for words, kept to just before the call; a text that breaks one is refused, not sent.

    `needs_signature`: exactly one 【…】 must stand in the text. `suffixes`: the opt-out words of this line by purpose, in
    place of the bank's; "" for none. `replace`: a character the line refuses and what stands for it. `refuse`:
    characters that are refused outright. Lengths are the account's `max_units` and `max_parts`.
    """

    needs_signature: bool = False
    suffixes: dict[_Purpose, str] = Field(default_factory=dict)
    replace: dict[str, str] = Field(default_factory=dict)
    refuse: str = ""
    refuse_emoji: bool = False

    @model_validator(mode="after")
    def _replaces_characters(self) -> Words:
        if any(len(sign) != 1 for sign in self.replace) or set(self.replace) & set("【】"):
            msg = "`replace` takes single characters, and not the signature's brackets"
            raise ValueError(msg)
        return self


class Hours(Part):
    """From when until before when the line takes messages, wall time of the bank."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _is_open_at_all(self) -> Hours:
        if self.opens == self.closes:
            msg = "`opens` and `closes` are the same; leave `hours` out for a line that is always open"
            raise ValueError(msg)
        return self


class Extension(Part):
    """Codes of `digits` digits that stand after the line's number (and after `request.ext`), in these ranges.

    Each message to a number takes one that this number has not seen, else the one it has not seen for longest.
    """

    digits: int = Field(ge=1, le=6)
    ranges: tuple[tuple[int, int], ...] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _fit(self) -> Extension:
        if any(not 0 <= first <= last < 10**self.digits for first, last in self.ranges):
            msg = f"every range is [first, last] of numbers with at most {self.digits} digits"
            raise ValueError(msg)
        return self


class ProbeAnswer(Body):
    """How the answer of a probe is read."""

    code: str | None = None
    success: frozenset[str] = frozenset()
    expect: dict[str, str] = Field(default_factory=dict)
    balance: str | None = None
    least: float = 0


class Probing(Call):
    """A question that sends nothing: balance or status. `answer` as of a poll; all must hold.

    `expect`: path and a pattern its value must match. `balance`: the path of a number that must be at least `least`.
    """

    answer: ProbeAnswer
