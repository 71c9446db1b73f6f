"""One customer, one occasion, one message: the key that makes a second one impossible.

Made of campaign, anchor and step and never of the send date (DESIGN §5): changing the lead, the policy, the template
or the version after sending and planning again adds nothing. The database holds it unique per customer.
"""

from __future__ import annotations

import uuid


def personal_key(kind: str, calendar: str, year: int | str, step: int = 1) -> str:
    """`birthday:lunar:2026/1`; `year` is the lunar year for a lunar date (it may end in the next February)."""
    return f"{kind}:{calendar}:{year}/{step}"


def festival_key(festival: str, year: int, step: int = 1) -> str:
    """`spring_festival:2027/1`; the year in which the festival's day falls."""
    return f"{festival}:{year}/{step}"


def event_key(source: str, source_id: str, step: int = 1) -> str:
    """`event:core:881/2`; one business event, however often it is delivered."""
    return f"event:{source}:{source_id}/{step}"


def article_key(article_id: uuid.UUID | str, step: int = 1) -> str:
    """`article:<id>/1`."""
    return f"article:{article_id}/{step}"


def campaign_key(campaign: str, key: str) -> str:
    """The key as stored: campaigns keep apart, so a birthday text and a birthday call are two occasions."""
    return f"{campaign}|{key}"


def origin_key(origin: str, origin_id: uuid.UUID | str) -> str:
    """`reply:<entry>`, `confirmation:<entry>`, `case_note:<case event>`: words that answer something."""
    return f"{origin}:{origin_id}"
