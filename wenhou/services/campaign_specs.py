"""The campaigns that stored runs, messages and to-dos came from, as values: versions never change, so each is read once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Collection

from store.database import Session
from store.runs import list_versions
from wenhou.core.campaigns import Campaign
from wenhou.core.errors import InputError
from wenhou.services.campaign_files import campaign_from_document

_KEPT = 512
_lock = threading.Lock()
_known: dict[uuid.UUID, Campaign | None] = {}


def specs_of(session: Session, version_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Campaign]:
    """Version → campaign; one that today's release can no longer read is left out."""
    with _lock:
        found = {one: _known[one] for one in set(version_ids) if one in _known}
    for version in list_versions(session, [one for one in set(version_ids) if one not in found]):
        try:
            spec: Campaign | None = campaign_from_document(version.document, version.campaign_key)
        except InputError:
            spec = None
        # The answer is kept apart: making room below may throw out what this very call asks for.
        found[version.id] = spec
        with _lock:
            if len(_known) >= _KEPT:
                _known.clear()
            _known[version.id] = spec
    return {one: spec for one, spec in found.items() if spec is not None}
