"""One customer, one occasion, one message: the key that makes a second one impossible.

Made of occasion, anchor and step and never of the send date (DESIGN §5): changing the lead, the policy, the template
or the version after sending and planning again adds nothing. The database holds it unique per customer.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import date
from urllib.parse import quote

_TASK = "task:"
_LONGEST_NUMBER = 40
_PLAIN = " :!#$&'()*+,;=?[]"


def personal_key(kind: str, calendar: str, year: int | str, step: int = 1) -> str:
    """`birthday:lunar:2026/1`; `year` is the lunar year for a lunar date (it may end in the next February)."""
    return f"{kind}:{calendar}:{year}/{step}"


def festival_key(festival: str, year: int | str, step: int = 1) -> str:
    """`spring_festival:2027/1`; the year the festival is named by (2033b: the second 开斋节 of 2033)."""
    return f"{festival}:{year}/{step}"


def event_key(source: str, source_id: str, step: int = 1) -> str:
    """`event:core:881/2`; one business event, however often it is delivered.

    What separates the parts of a key is written as in a web address inside them. A number longer than 40 characters
    is cut and ends in its digest: keys fit their column on every database.
    """
    number = quote(source_id, safe=_PLAIN)
    if len(number) > _LONGEST_NUMBER:
        digest = hashlib.blake2b(source_id.encode(), digest_size=8).hexdigest()
        number = f"{number[: _LONGEST_NUMBER - 17]}~{digest}"
    return f"event:{quote(source, safe=_PLAIN.replace(':', ''))}:{number}/{step}"


def article_key(article_id: uuid.UUID | str, step: int = 1) -> str:
    """`article:<id>/1`."""
    return f"article:{article_id}/{step}"


def once_key(step: int = 1) -> str:
    """`once/1`."""
    return f"once/{step}"


def recurring_key(nominal: date, step: int = 1) -> str:
    """`recurring:2027-03-01/1`: the day by the rule, before it is moved to a workday."""
    return f"recurring:{nominal.isoformat()}/{step}"


def campaign_key(occasion: str, key: str) -> str:
    """The key as stored: occasions keep apart; campaigns that greet the same one in other ways share its word."""
    return f"{occasion}|{key}"


def follow_up_key(key: str, step: int) -> str:
    """The key of a later step's message, from the key of an earlier step's message or task."""
    return f"{task_key_of(key).removeprefix(_TASK).rsplit('/', 1)[0]}/{step}"


def task_key(key: str, step_key: str) -> str:
    """The key of a step that a person does: `task:birthday|birthday:solar:2027/call`."""
    return f"{_TASK}{task_key_of(key).removeprefix(_TASK).rsplit('/', 1)[0]}/{step_key}"


def task_row_key(key: str, customer_id: uuid.UUID) -> str:
    """A task's key as stored: unlike messages, tasks are unique without their customer."""
    return f"{key}@{customer_id.hex}"


def task_key_of(row_key: str) -> str:
    """The key without its customer; a message's key as it is."""
    return row_key.rsplit("@", 1)[0]


def anchor_of(key: str) -> str:
    """What a stored key is about: `birthday:solar:2027` of `birthday|birthday:solar:2027/1`."""
    return task_key_of(key).removeprefix(_TASK).split("|", 1)[-1].rsplit("/", 1)[0]


def origin_key(origin: str, origin_id: uuid.UUID | str) -> str:
    """`reply:<entry>`, `confirmation:<entry>`, `case_note:<case event>`: words that answer something."""
    return f"{origin}:{origin_id}"
