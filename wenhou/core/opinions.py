"""消保审查: what the bank's consumer protection said of words, and when words stand agreed to because of it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wenhou.core.purposes import Purpose

EXPIRED, MISSING = "opinion_expired", "opinion_missing"
"""Reasons: agreed to once but not now; never agreed to as they stand."""
NEED_OPINION = frozenset({Purpose.MARKETING, Purpose.INFORMATION})
"""Purposes whose words consumer protection reads first. Greetings and a customer's own business offer nothing."""
_DAY = timedelta(days=1)


class Conclusion(StrEnum):
    """What the review came to. `agree_with_changes`: its materials are the texts as changed."""

    AGREE = "agree"
    AGREE_WITH_CHANGES = "agree_with_changes"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One template version that a campaign says, in one locale. `digest`: SHA-256 of its document, hexadecimal."""

    key: str
    locale: str
    version: int
    digest: str

    @property
    def shown(self) -> str:
        """`rate_news 2 (zh-CN)`."""
        return f"{self.key} {self.version} ({self.locale})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What was read: a template version (`locale` empty: in every one), or a document by its name and SHA-256."""

    name: str = ""
    sha256: str = ""
    template: str = ""
    version: int = 0
    locale: str = ""

    def covers(self, words: Words) -> bool:
        """Whether this is the text of that template version."""
        if self.template:
            is_locale = self.locale in ("", words.locale)
            return self.template == words.key and self.version == words.version and is_locale
        return self.sha256 == words.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One opinion. `valid_from` None: from its entry on; `valid_until`: its last day, both in the bank's zone.

    `issuer_approval`: for a product somebody else issues, the number under which the issuer agreed to the words.
    `note`: what was asked to be changed, or why it was refused.
    """

    number: str
    reviewer: str
    valid_until: date
    valid_from: date | None = None
    conclusion: Conclusion = Conclusion.AGREE
    materials: tuple[Material, ...] = ()
    issuer_approval: str | None = None
    note: str | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether it says no."""
        return self.conclusion is Conclusion.REFUSE

    def missing(self, words: Iterable[Words]) -> list[Words]:
        """Those of these words that it does not cover."""
        return [one for one in words if not any(material.covers(one) for material in self.materials)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """When words stand agreed to: from each first instant (None: always) up to, not including, each last.

    `number`: of the opinion that lasts longest, for the sentence that says why.
    """

    campaign_id: uuid.UUID
    spans: tuple[tuple[datetime | None, datetime], ...] = ()
    number: str = ""

    @property
    def hold_key(self) -> str:
        """What messages wait under until an opinion is entered."""
        return hold_key(self.campaign_id)

    @property
    def reason(self) -> str:
        """Why they do not stand agreed to now."""
        return EXPIRED if self.spans else MISSING

    def holds_at(self, at: datetime) -> bool:
        """Whether they stand agreed to at an instant."""
        return any((begins is None or begins <= at) and at < ends for begins, ends in self.spans)

    def begins_after(self, at: datetime) -> datetime | None:
        """The next instant at which they do; None: not by any opinion that is known."""
        return min((begins for begins, _ in self.spans if begins is not None and begins > at), default=None)


def hold_key(campaign_id: uuid.UUID) -> str:
    """What a campaign's messages wait under until an opinion is entered."""
    return f"opinion:{campaign_id}"


def standing(opinions: Sequence[Opinion]) -> list[Opinion]:
    """Of all opinions in the order of their entry those that count: a refusal ends whatever was agreed before it."""
    last = max((place for place, one in enumerate(opinions) if one.is_refusal), default=-1)
    return list(opinions[last + 1 :])


def agreed(
    campaign_id: uuid.UUID, opinions: Sequence[Opinion], words: Collection[Words], zone: ZoneInfo
) -> Agreed:
    """When these words stand agreed to, by opinions in the order of their entry; days are days of `zone`."""
    good = [one for one in standing(opinions) if not one.missing(words)]
    spans = tuple((_starts(one.valid_from, zone), _starts(one.valid_until + _DAY, zone)) for one in good)
    last = max(good, key=lambda one: one.valid_until, default=None) or (opinions[-1] if opinions else None)
    return Agreed(
        campaign_id=campaign_id,
        spans=tuple((begins, ends) for begins, ends in spans if ends is not None),
        number=last.number if last else "",
    )


def why_not(opinions: Sequence[Opinion], words: Sequence[Words], day: date) -> tuple[str, str] | None:
    """(Chinese, English) why these words may not be said on a day; None: they may."""
    counting = standing(opinions)
    if not counting:
        if opinions:
            number = next(one.number for one in reversed(opinions) if one.is_refusal)
            return f"消保审查意见 {number} 不同意", f"opinion {number} refuses it"
        return "没有消保审查意见", "it has no opinion of consumer protection"
    covering = [one for one in counting if not one.missing(words)]
    if not covering:
        newest = counting[-1]
        named = ", ".join(one.shown for one in newest.missing(words))
        return (
            f"消保审查意见 {newest.number} 没有覆盖：{named}",
            f"opinion {newest.number} does not cover {named}",
        )
    if any((one.valid_from is None or one.valid_from <= day) and day <= one.valid_until for one in covering):
        return None
    coming = [one for one in covering if one.valid_from is not None and one.valid_from > day]
    if coming:
        first = min(coming, key=lambda one: one.valid_from or day)
        return (
            f"消保审查意见 {first.number} 自 {first.valid_from} 起才有效",
            f"opinion {first.number} is valid from {first.valid_from} only",
        )
    last = max(covering, key=lambda one: one.valid_until)
    return (
        f"消保审查意见 {last.number} 已于 {last.valid_until} 到期",
        f"opinion {last.number} expired on {last.valid_until}",
    )


def last_day(opinions: Sequence[Opinion], words: Sequence[Words], day: date) -> Opinion | None:
    """The opinion that agrees longest, counted from a day on without a gap; None where none agrees on that day."""
    covering = [one for one in standing(opinions) if not one.missing(words)]
    found: Opinion | None = None
    reached = day
    while True:
        further = [
            one
            for one in covering
            if (one.valid_from is None or one.valid_from <= reached) and one.valid_until >= reached
        ]
        longest = max(further, key=lambda one: one.valid_until, default=None)
        if longest is None or (found is not None and longest.valid_until <= found.valid_until):
            return found
        found, reached = longest, longest.valid_until + _DAY


def _starts(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=zone) if day is not None else None
