"""What the lint knows beside the words: why, when and where they are sent, and what the bank has published."""

from __future__ import annotations

from dataclasses import dataclass, field

from wenhou.core.published_rates import PublishedRates


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFacts:
    """The product a text speaks of. `risk_level` 1 to 5 (R1 to R5); the sentences as compliance approved them."""

    name: str = ""
    risk_level: int = 0
    risk_sentence: str = ""
    suitable_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Everything a rule may ask for beside the text.

    `purpose`: care, service, information or marketing. `day_tone`: festive, warm, solemn or "" (unknown).
    `is_finished`: signature and opt-out line stand in the text already, as the customer will read it.
    `festival`: key of the day greeted. `template`: key of the template. `domains`: hosts the bank may link to
    (their subdomains too). `appetite`: 1 to 5 (C1 to C5), None when unknown. `gender`: female, male or "".
    """

    purpose: str
    day_tone: str = ""
    channel: str = ""
    locale: str = "zh-CN"
    is_finished: bool = False
    signature: str = ""
    festival: str = ""
    template: str = ""
    domains: frozenset[str] = frozenset()
    rates: PublishedRates | None = None
    product: ProductFacts | None = None
    appetite: int | None = None
    gender: str = ""
    _hash: int = field(default=0, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Worked out once: a message asks for it ten times, and there are a million."""
        if not self._hash:
            facts = (self.purpose, self.day_tone, self.channel, self.locale, self.is_finished, self.signature)
            more = (self.festival, self.template, self.domains, self.rates, self.product, self.appetite)
            object.__setattr__(self, "_hash", hash((facts, more, self.gender)) or 1)
        return self._hash

    @property
    def is_promotional(self) -> bool:
        """Whether lines and law treat it as promotional: everything but service."""
        return self.purpose != "service"
