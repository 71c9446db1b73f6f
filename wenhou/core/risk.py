"""Risk events of the bank's own systems: what each kind stops, for how long, and who may know why.

Wenhou detects none of these itself: core banking, collections, compliance and the courts' desk tell it, by the same
road as every business event. What they stop is a function of all risk events of a customer together, so that an event
that comes late, twice, corrected or cancelled leaves the same restrictions as if it had come right at once.

All confidential kinds stop the same purposes: from what rests nobody can tell which one it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from wenhou.core.purposes import Purpose

_DAY = timedelta(days=1)
_EVERYTHING = ("all",)
_PROMOTIONAL = (Purpose.CARE.value, Purpose.INFORMATION.value, Purpose.MARKETING.value)
_MOURNING_DAYS = 49
"""Seven times seven days, as families keep them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskKind:
    """One kind of risk event.

    `restriction`: the kind of care restriction it begins, which stops `stops` for `days` (None: until something ends
    it). `ends`: the restrictions it ends; those it leaves in force for the policy's days after a cure are `rests`.
    `asks`: the to-do it makes for the advisor, once.
    """

    zh: str
    en: str
    restriction: str | None = None
    stops: tuple[str, ...] = ()
    days: int | None = None
    is_confidential: bool = False
    ends: frozenset[str] = frozenset()
    rests: bool = False
    asks: str | None = None


def _begins(
    zh: str, en: str, restriction: str, *, asks: str | None = None, days: int | None = None
) -> RiskKind:
    return RiskKind(zh=zh, en=en, restriction=restriction, stops=_PROMOTIONAL, asks=asks, days=days)


def _in_confidence(zh: str, en: str, restriction: str) -> RiskKind:
    return RiskKind(zh=zh, en=en, restriction=restriction, stops=_PROMOTIONAL, is_confidential=True)


def _ends(zh: str, en: str, *restrictions: str, rests: bool = False) -> RiskKind:
    return RiskKind(zh=zh, en=en, ends=frozenset(restrictions), rests=rests)


RISK_KINDS: dict[str, RiskKind] = {
    "loan_overdue": _in_confidence("贷款逾期", "A loan is overdue", "overdue"),
    "overdue_cured": _ends("逾期还清", "An overdue payment was made", "overdue", rests=True),
    "customer_deceased": RiskKind(
        zh="客户身故", en="The customer has died", restriction="deceased", stops=_EVERYTHING
    ),
    "bereavement": _begins("家中丧事", "A death in the family", "bereavement", days=_MOURNING_DAYS),
    "litigation": _in_confidence("涉诉", "Litigation", "litigation"),
    "litigation_closed": _ends("诉讼了结", "Litigation is over", "litigation"),
    "judicial_inquiry": _in_confidence("司法查控", "A judicial inquiry", "judicial_inquiry"),
    "judicial_inquiry_closed": _ends("司法查控解除", "A judicial inquiry is over", "judicial_inquiry"),
    "aml_review": _in_confidence("反洗钱核查", "A money-laundering review", "anti_money_laundering"),
    "aml_cleared": _ends("反洗钱核查结束", "A money-laundering review is over", "anti_money_laundering"),
    "account_dormant": _begins("账户转休眠", "The account went dormant", "dormant", asks="verify_number"),
    "account_reactivated": _ends("休眠户激活", "The account is active again", "dormant"),
    "wrong_person": RiskKind(
        zh="号码非本人",
        en="The number is somebody else's",
        restriction="wrong_person",
        stops=_EVERYTHING,
        asks="verify_number",
    ),
    "number_verified": _ends("号码已核实", "The number was verified", "wrong_person", "dormant"),
    "minor": RiskKind(
        zh="客户未成年", en="The customer is a minor", restriction="minor", stops=(Purpose.MARKETING.value,)
    ),
    "came_of_age": _ends("客户已成年", "The customer came of age", "minor"),
}

RESTRICTION_NAMES: dict[str, tuple[str, str]] = {
    "deceased": ("客户已故", "the customer has died"),
    "bereavement": ("家中有丧事", "a death in the family"),
    "overdue": ("有逾期未还", "a payment is overdue"),
    "litigation": ("与本行有诉讼", "litigation"),
    "judicial_inquiry": ("司法查控", "a judicial inquiry"),
    "anti_money_laundering": ("反洗钱核查", "a money-laundering review"),
    "dormant": ("账户休眠，先核实号码", "the account is dormant: verify the number first"),
    "wrong_person": ("号码不是本人的", "the number is somebody else's"),
    "minor": ("客户未成年", "the customer is a minor"),
    "other": ("按规定暂不联系", "not to be contacted at present, by rule"),
}
"""What a restriction is called where its kind may be told: never below compliance when it is confidential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskEvent:
    """One risk event in force (not cancelled). `about`: the loan or account it is about, when the source says which."""

    id: uuid.UUID
    kind: str
    happened_at: datetime
    about: str | None = None


@dataclass(slots=True, kw_only=True)
class Restriction:
    """What one event stops, from and up to and including which day (None: until something ends it)."""

    event_id: uuid.UUID
    kind: str
    from_on: date
    until_on: date | None
    purposes: tuple[str, ...]
    is_confidential: bool
    about: str | None = field(default=None)

    def is_in_force(self, day: date) -> bool:
        """Whether it stops anything on that day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


def restrictions_of(
    events: Iterable[RiskEvent], *, zone: ZoneInfo, care_after_cure_days: int
) -> list[Restriction]:
    """What all risk events of one customer stop together, in the order in which they happened.

    An end that names the loan or account it is about ends only what began about the same one. Of a beginning and an
    end at one instant the beginning came first.
    """
    found: list[Restriction] = []
    in_order = sorted(events, key=lambda one: (one.happened_at, bool(RISK_KINDS[one.kind].ends), one.id))
    for event in in_order:
        kind = RISK_KINDS[event.kind]
        on = event.happened_at.astimezone(zone).date()
        last = on - _DAY + (care_after_cure_days * _DAY if kind.rests else timedelta())
        for one in found:
            if _is_ended(one, event, kind):
                one.until_on = last if one.until_on is None else min(one.until_on, last)
        if kind.restriction is not None:
            found.append(
                Restriction(
                    event_id=event.id,
                    kind=kind.restriction,
                    from_on=on,
                    until_on=None if kind.days is None else on + (kind.days - 1) * _DAY,
                    purposes=kind.stops,
                    is_confidential=kind.is_confidential,
                    about=event.about,
                )
            )
    return found


def _is_ended(one: Restriction, event: RiskEvent, kind: RiskKind) -> bool:
    if one.kind not in kind.ends:
        return False
    return event.about is None or one.about is None or one.about == event.about
