"""What providers say, in characters every database keeps: no NUL (PostgreSQL refuses it), no half surrogate pairs."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any, Final

from wenhou.core.channels import ProviderEvent

_UNKEEPABLE: Final = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT: Final = "\ufffd"


def storable(event: ProviderEvent) -> ProviderEvent:
    """The event with what no text column holds written as U+FFFD; the same event where there is nothing of it."""
    changed: dict[str, Any] = {}
    for field in fields(event):
        value = getattr(event, field.name)
        if isinstance(value, str) and _UNKEEPABLE.search(value):
            changed[field.name] = _UNKEEPABLE.sub(REPLACEMENT, value)
    return replace(event, **changed) if changed else event
