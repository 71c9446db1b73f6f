"""An audience rule answered in plain Python, without a database: True, False, or None where it is not known."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from tests.integration.audience.people import NOW, TODAY, Known
from wenhou.core.audience import AllOf, AnyOf, Condition, Not, Rule
from wenhou.core.calendars.personal import keys_on
from wenhou.core.statuses import Status

Answer = bool | None


def answer(rule: Rule, known: Known) -> Answer:
    """Kleene's three values."""
    match rule:
        case AllOf(parts=parts):
            found = [answer(part, known) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts=parts):
            found = [answer(part, known) for part in parts]
            return True if True in found else None if None in found else False
        case Not(part=part):
            inner = answer(part, known)
            return None if inner is None else not inner
        case Condition():
            return _condition(rule, known)


def _condition(rule: Condition, known: Known) -> Answer:
    if rule.operator == "known":
        return _is_known(rule, known) is rule.truth
    if rule.field.startswith("custom."):
        return _custom(rule, (known.row.custom or {}).get("level"))
    if rule.field in _BY_FIELD:
        return _BY_FIELD[rule.field](rule, known)
    return _word(rule, _value(rule.field, known))


def _is_known(rule: Condition, known: Known) -> bool:
    if rule.field in {"holds_product", "holds_kind"}:
        return bool(known.holdings)
    if rule.field == "assessment_level":
        return bool(_levels(known))
    if rule.field == "consent":
        return _consent_state(rule, known) is not None
    if rule.field == "days_since_contact":
        return known.row.last_contact_at is not None
    if rule.field == "days_with_bank":
        return known.row.opened_on is not None
    if rule.field.startswith("custom."):
        return (known.row.custom or {}).get("level") is not None
    return _value(rule.field, known) is not None


def _value(field: str, known: Known) -> Any:
    row = known.row
    own = {
        "gender": None if row.gender == "unknown" else row.gender,
        "interest": row.interests,
        "festival": row.festivals,
        "org": known.org,
        "opening_org": known.opening_org,
        "advisor": known.advisor.login if known.advisor else None,
        "assets_yuan": None if row.assets_fen is None else row.assets_fen / 100,
    }
    return own[field] if field in own else getattr(row, field)


def _word(rule: Condition, value: Any) -> Answer:
    if value is None:
        return None
    return _sign(rule, value in rule.values)


def _sign(rule: Condition, holds: bool | None) -> Answer:
    negative = rule.operator == "is_not" or (rule.operator == "is" and rule.truth is False)
    return holds if holds is None or not negative else not holds


def _org(rule: Condition, known: Known) -> Answer:
    org = _value(rule.field, known)
    return None if org is None else _sign(rule, bool(set(org.path.strip("/").split("/")) & set(rule.values)))


def _list(rule: Condition, known: Known) -> Answer:
    value = _value(rule.field, known)
    return None if value is None else _sign(rule, bool(set(value) & set(rule.values)))


def _compare(rule: Condition, value: Any, *, days: bool = False) -> Answer:
    if value is None:
        return None
    low: Any = rule.on if days else rule.number
    high: Any = rule.until if days else rule.upper
    compares = {
        "at_least": lambda: value >= low,
        "at_most": lambda: value <= low,
        "before": lambda: value < low,
        "after": lambda: value > low,
        "between": lambda: low <= value <= high,
    }
    return bool(compares[rule.operator]())


def _custom(rule: Condition, value: Any) -> Answer:
    if rule.values:
        return _word(rule, value if isinstance(value, str) else None)
    if rule.on is not None:
        told = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
        return _compare(rule, date.fromisoformat(value) if told else None, days=True)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", value):
        value = float(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return _compare(rule, value if is_number else None)


def _opened(rule: Condition, known: Known) -> Answer:
    day = known.row.opened_on
    if day is None:
        return None
    if rule.operator == "within_days":
        return timedelta(0) <= TODAY - day <= timedelta(days=rule.number or 0)
    return _compare(rule, day, days=True)


def _with_bank(rule: Condition, known: Known) -> Answer:
    day = known.row.opened_on
    return _compare(rule, None if day is None else (TODAY - day).days)


def _since_contact(rule: Condition, known: Known) -> Answer:
    at = known.row.last_contact_at
    return _compare(rule, float("inf") if at is None else (NOW - at) / timedelta(days=1))


def _consent_state(rule: Condition, known: Known) -> str | None:
    purpose = rule.purpose or ""
    general = known.consents.get(("any", purpose))
    return known.consents.get((rule.channel or "", purpose), general)


def _consent(rule: Condition, known: Known) -> Answer:
    state = _consent_state(rule, known)
    return None if state is None else _sign(rule, state == "granted")


def _date(rule: Condition, known: Known) -> Answer:
    kept = [one for one in known.dates if one.kind in rule.of and one.celebrated]
    days = [TODAY + timedelta(days=ahead) for ahead in range(int(rule.number or 0) + 1)]
    met = {(key.calendar, key.month, key.day, key.is_leap_month) for day in days for key in keys_on(day)}
    return any((one.calendar, one.month, one.day, one.is_leap_month) in met for one in kept) if kept else None


def _open(known: Known) -> list[tuple[Any, str | None]]:
    return [pair for pair in known.holdings if pair[0].closed_on is None or pair[0].closed_on > TODAY]


def _matures(rule: Condition, known: Known) -> Answer:
    last = TODAY + timedelta(days=rule.number or 0)
    if not known.holdings:
        return None
    return any(
        held.matures_on is not None
        and TODAY <= held.matures_on <= last
        and (not rule.of or held.kind in rule.of)
        for held, _ in _open(known)
    )


def _holds(rule: Condition, known: Known) -> Answer:
    if not known.holdings:
        return None
    held = (
        {code for _, code in _open(known)}
        if rule.field == "holds_product"
        else {one.kind for one, _ in _open(known)}
    )
    return _sign(rule, bool(held & set(rule.values)))


def _assessment(rule: Condition, known: Known) -> Answer:
    if not known.assessments:
        return None
    return TODAY <= max(known.assessments)[0] <= TODAY + timedelta(days=rule.number or 0)


def _levels(known: Known) -> list[int]:
    newest = max((until for until, _ in known.assessments), default=TODAY)
    return [level for until, level in known.assessments if until == newest >= TODAY]


def _level(rule: Condition, known: Known) -> Answer:
    return any(_compare(rule, level) for level in _levels(known)) if _levels(known) else None


def _within(at: datetime, days: float | None) -> bool:
    return NOW - timedelta(days=days or 0) <= at <= NOW


def _event(rule: Condition, known: Known) -> Answer:
    return any(
        k in rule.of and state == "active" and _within(at, rule.number) for k, state, at in known.events
    )


def _complained(rule: Condition, known: Known) -> Answer:
    return any(kind == "complaint" and _within(at, rule.number) for kind, at in known.complaints)


def _rated(rule: Condition, known: Known) -> Answer:
    scale = rule.of[0] if rule.of else "csat"
    scores = [score for kind, score, at in known.ratings if kind == scale and _within(at, rule.days)]
    return any(_compare(rule, score) for score in scores) if scores else None


def _spoke(known: Known) -> list[datetime]:
    return [at for direction, automatic, at in known.entries if direction == "in" and not automatic]


def _sent(known: Known) -> list[tuple[str, datetime]]:
    reached = {Status.SENT, Status.DELIVERED, Status.READ}
    return [(channel, at) for status, channel, at in known.messages if status in reached and at <= NOW]


def _replied(rule: Condition, known: Known) -> Answer:
    if any(_within(at, rule.number) for at in _spoke(known)):
        return True
    deaf = any(channel == "wecom" and _within(at, rule.number) for channel, at in _sent(known))
    return None if deaf else False


def _replied_to_last(rule: Condition, known: Known) -> Answer:
    sent = sorted(_sent(known), key=lambda pair: pair[1], reverse=True)
    if len(sent) < (rule.last or 1):
        return None
    first = sent[(rule.last or 1) - 1][1]
    if any(at >= first for at in _spoke(known)):
        return _sign(rule, True)
    deaf = any(channel == "wecom" for channel, at in sent if at >= first)
    return None if deaf else _sign(rule, False)


def _messages(rule: Condition, known: Known) -> Answer:
    since = TODAY - timedelta(days=rule.days or 0)
    return _compare(rule, sum(state == "committed" and since < day <= TODAY for state, day in known.contacts))


_BY_FIELD = {
    "org": _org,
    "opening_org": _org,
    "interest": _list,
    "festival": _list,
    "has_advisor": lambda rule, known: _sign(rule, known.advisor is not None),
    "is_staff": lambda rule, known: _sign(rule, known.row.is_staff),
    "assets_yuan": lambda rule, known: _compare(rule, _value("assets_yuan", known)),
    "opened_on": _opened,
    "days_with_bank": _with_bank,
    "days_since_contact": _since_contact,
    "tag": lambda rule, known: _sign(rule, bool(known.tags & set(rule.values))),
    "has_channel": lambda rule, known: _sign(
        rule, any(c in rule.values and reach != "no" and not gone for c, reach, gone in known.channels)
    ),
    "consent": _consent,
    "personal_date": _date,
    "matures": _matures,
    "holds_product": _holds,
    "holds_kind": _holds,
    "assessment_expires": _assessment,
    "assessment_level": _level,
    "event": _event,
    "complained": _complained,
    "rated": _rated,
    "replied": _replied,
    "replied_to_last": _replied_to_last,
    "messages": _messages,
}
