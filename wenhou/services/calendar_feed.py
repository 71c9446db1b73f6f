"""The calendar as a feed that other calendars subscribe to: this year and the next two, behind a signed address.

The address names the feed and nothing else; it opens until the installation's keys are changed. What it shows is no
secret of a customer: festivals, workdays and days off, regional days.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from store.calendars import find_edition
from wenhou.core.calendars.ics import Entry, list_entries, write_feed
from wenhou.core.calendars.tables import LAST_YEAR
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context

_SALT: Final = "wenhou.calendar"
_WHOLE_BANK: Final = "bank"
_YEARS_AHEAD: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The feed's text; `etag` is the same while the text is; `modified_at`: when it last changed by itself."""

    text: str
    etag: str
    modified_at: datetime


def feed_url(context: Context) -> str:
    """`/calendar/<token>.ics`: what operations subscribe to."""
    return f"{context.bank.public_url}/calendar/{_serializer(context).dumps(_WHOLE_BANK)}.ics"


def find_feed(context: Context, token: str) -> Feed | None:
    """The feed a token opens; None when we did not make it."""
    try:
        if _serializer(context).loads(token) != _WHOLE_BANK:
            return None
    except BadSignature:
        return None
    return make_feed(context)


def make_feed(context: Context) -> Feed:
    """The feed of this year and the next two.

    Its stamp is when the calendar was applied or the year began, not now: an unchanged feed stays byte for byte.
    """
    zone = context.bank.zone
    year = context.clock.now().astimezone(zone).year
    with context.db.read() as session:
        calendar = calendar_in_force(session)
        edition = find_edition(session)
    stamp = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)
    if edition is not None:
        stamp = max(stamp, edition.created_at)
    entries: list[Entry] = []
    for one in range(year, min(year + _YEARS_AHEAD, LAST_YEAR) + 1):
        entries += list_entries(one, calendar)
    text = write_feed(entries, name=f"{context.bank.name}日历", stamp=stamp)
    return Feed(text=text, etag=hashlib.sha256(text.encode()).hexdigest()[:32], modified_at=stamp)


def _serializer(context: Context) -> URLSafeSerializer:
    return URLSafeSerializer(context.vault.token_key, salt=_SALT)
