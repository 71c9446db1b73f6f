"""Which messages hold an amount or a day of business: asked of those bound for a shared number only."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import lru_cache

from store.database import Session
from store.words import template_source, templates_of
from templates.library import parse


def naming_details(session: Session, message_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these messages whose template names a day or an amount, or that sell (marketing names a product)."""
    return {
        message_id
        for message_id, (version_id, purpose) in templates_of(session, message_ids).items()
        if purpose == "marketing" or (version_id is not None and _names_details(session, version_id))
    }


def _names_details(session: Session, version_id: uuid.UUID) -> bool:
    return _names(*template_source(session, version_id))


@lru_cache(maxsize=256)
def _names(source: str, locale: str) -> bool:
    return parse(source, locale=locale).names_details
