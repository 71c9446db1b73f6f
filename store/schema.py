"""Every table in one place: what migrations compare with and tests create. Import models from here or their module."""

from __future__ import annotations

from store.models import (
    audiences,
    campaigns,
    customers,
    handover,
    hearing,
    lines,
    lint,
    messages,
    offers,
    organisation,
    products,
    records,
    steering,
    voices,
    words,
)
from store.models.base import Base

MODULES = (
    organisation,
    customers,
    products,
    campaigns,
    messages,
    handover,
    hearing,
    records,
    steering,
    audiences,
    offers,
    words,
    voices,
    lint,
    lines,
)
metadata = Base.metadata

PARTITIONED = ("message_contents", "message_events", "attempts", "callbacks", "audit_log")
"""Tables that PostgreSQL keeps by month, ranges of UUIDv7 (DESIGN §5)."""
