"""The values of a template for one customer, as the planner would fill them, and where each came from.

The planner fills (`scheduler.previewing`); services ask through a port of their context and never import the scheduler.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from templates.placeholders import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One customer, one template, one day. `campaign`: its name in both languages, ("", "") where none uses the template.

    `tone`: solemn when the words arrive on a solemn day where the customer is. `wording_key`: what the choice of a
    wording hangs on (customer, advisor, year). `advisor`: name and phone in a mail's footer.
    """

    values: Mapping[str, Value | None]
    on_day: date
    tone: str = ""
    tier: str = ""
    voice: str = ""
    locale: str = "zh-CN"
    campaign: tuple[str, str] = ("", "")
    signature: str = ""
    branch: str = ""
    advisor: tuple[str, str] = ("", "")
    wording_key: tuple[str, str, int] = ("", "", 0)
    unfillable: frozenset[str] = field(default_factory=frozenset)
    """Placeholders whose source no customer has by themselves: a business event's, an article's, a card's."""
