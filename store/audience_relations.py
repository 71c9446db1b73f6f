"""Questions that other tables of the customer answer: tags, addresses, consent, days, what they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, not_, or_
from sqlalchemy.orm import aliased

from store.audience_facts import Answer, Moment, Yes, among, compared, is_known, there_is
from store.models.customers import ConsentState, ContactPoint, CustomerContact, CustomerTag, PersonalDate
from store.models.products import Assessment, Holding, Product
from wenhou.core.audience import Condition
from wenhou.core.calendars.personal import keys_on

_ANY_CHANNEL = "any"
_YEAR = 366


def _tag(rule: Condition, _moment: Moment) -> Answer:
    """A customer's tags are all known: one that is not there is not theirs."""
    found = among(CustomerTag.customer_id, CustomerTag.tag.in_(rule.values))
    return found.swapped(when=rule.operator == "is_not")


def _channel(rule: Condition, _moment: Moment) -> Answer:
    found = among(
        CustomerContact.customer_id,
        ContactPoint.id == CustomerContact.contact_point_id,
        ContactPoint.channel.in_(rule.values),
        ContactPoint.reachable != "no",
        ContactPoint.retired_at.is_(None),
    )
    return found.swapped(when=rule.operator == "is_not")


def _consent(rule: Condition, _moment: Moment) -> Answer:
    """Granted, withdrawn, or never asked, which is not known. A word on this channel goes before one on all."""
    own, general = (
        (ConsentState.channel == channel, ConsentState.purpose == (rule.purpose or ""))
        for channel in (rule.channel or "", _ANY_CHANNEL)
    )
    no_own = not_(there_is(ConsentState.customer_id, *own))
    if rule.operator == "known":
        return is_known(or_(not_(no_own), there_is(ConsentState.customer_id, *general)), rule)
    granted, withdrawn = (
        or_(
            there_is(ConsentState.customer_id, *own, ConsentState.state == state),
            and_(no_own, there_is(ConsentState.customer_id, *general, ConsentState.state == state)),
        )
        for state in ("granted", "withdrawn")
    )
    return Answer(yes=granted, no=withdrawn).swapped(when=not rule.truth)


def _personal_date(rule: Condition, moment: Moment) -> Answer:
    kept = (PersonalDate.kind.in_(rule.of), PersonalDate.celebrated.is_(True))
    last = min(int(rule.number or 0), _YEAR)
    days = [moment.today + timedelta(days=ahead) for ahead in range(last + 1)]
    unless = there_is(PersonalDate.customer_id, *kept)
    return among(PersonalDate.customer_id, *kept, _celebrated_on(days), unless=unless)


def _celebrated_on(days: list[date]) -> ColumnElement[bool]:
    """The index answers: (calendar, month, is leap) and some days, a few dozen ranges for any window."""
    grouped: dict[tuple[str, int, bool], set[int]] = defaultdict(set)
    for day in days:
        for key in keys_on(day):
            grouped[key.calendar, key.month, key.is_leap_month].add(key.day)
    return or_(
        *(
            and_(
                PersonalDate.calendar == calendar,
                PersonalDate.month == month,
                PersonalDate.is_leap_month.is_(is_leap),
                PersonalDate.day.in_(sorted(numbers)),
            )
            for (calendar, month, is_leap), numbers in sorted(grouped.items())
        )
    )


def _open_holding(moment: Moment) -> Yes:
    return or_(Holding.closed_on.is_(None), Holding.closed_on > moment.today)


def _has_data() -> Yes:
    """Of whom nothing was ever delivered, we do not know what they hold."""
    return there_is(Holding.customer_id)


def _matures(rule: Condition, moment: Moment) -> Answer:
    last = moment.today + timedelta(days=int(rule.number or 0))
    kinds = (Holding.kind.in_(rule.of),) if rule.of else ()
    return among(
        Holding.customer_id,
        *kinds,
        Holding.matures_on.between(moment.today, last),
        _open_holding(moment),
        unless=_has_data(),
    )


def _holds(rule: Condition, moment: Moment) -> Answer:
    if rule.operator == "known":
        return is_known(_has_data(), rule)
    which: Yes = Holding.kind.in_(rule.values)
    if rule.field == "holds_product":
        which = and_(Product.id == Holding.product_id, Product.code.in_(rule.values))
    found = among(Holding.customer_id, which, _open_holding(moment), unless=_has_data())
    return found.swapped(when=rule.operator == "is_not")


def _assessment(rule: Condition, moment: Moment) -> Answer:
    """The newest assessment counts: one that runs out after a newer one was made does not matter."""
    last = moment.today + timedelta(days=int(rule.number or 0))
    newer = aliased(Assessment)
    longer = exists().where(newer.customer_id == Assessment.customer_id, newer.valid_until > last)
    return among(
        Assessment.customer_id,
        Assessment.valid_until.between(moment.today, last),
        not_(longer.correlate(Assessment)),
        unless=there_is(Assessment.customer_id),
    )


def _level(rule: Condition, moment: Moment) -> Answer:
    """Of the newest assessment, as long as it is valid."""
    newer = aliased(Assessment)
    newest = not_(
        exists()
        .where(newer.customer_id == Assessment.customer_id, newer.valid_until > Assessment.valid_until)
        .correlate(Assessment)
    )
    valid = (Assessment.valid_until >= moment.today, newest)
    if rule.operator == "known":
        return is_known(there_is(Assessment.customer_id, *valid), rule)
    unless = there_is(Assessment.customer_id, *valid)
    return among(Assessment.customer_id, *valid, compared(Assessment.level, rule), unless=unless)


ANSWERS: dict[str, Callable[[Condition, Moment], Answer]] = {
    "tag": _tag,
    "has_channel": _channel,
    "consent": _consent,
    "personal_date": _personal_date,
    "matures": _matures,
    "holds_product": _holds,
    "holds_kind": _holds,
    "assessment_expires": _assessment,
    "assessment_level": _level,
}
