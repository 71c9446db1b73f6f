"""The words in force: what ships with Wenhou, under the bank's own approved versions, at an instant.

Nobody else asks for what ships. A process keeps what it parsed, and what was in force between two changes; whether
anybody decided something since is one look into an index.
"""

from __future__ import annotations

import logging
import threading
import uuid
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from store.database import Session
from store.template_versions import Edition, StoredWords, list_editions, newest_edition, stored_words
from templates.library import Library, TemplateVersion, bundled, parse
from wenhou.core.errors import TemplateError

log = logging.getLogger("wenhou.words")
_MOST_PARSED = 1_024
_MOST_TIMELINES = 8
_MOST_LIBRARIES = 16
_lock = threading.Lock()
_parsed: dict[uuid.UUID, TemplateVersion | None] = {}
"""Versions of stores, which never change, by their id; None: this release cannot read it."""
_timelines: dict[uuid.UUID, _Timeline] = {}
"""By the id of the newest decision, which no two stores share."""

Pair = tuple[str, str]
"""(key, locale)."""


def shipped() -> Library:
    """What ships, for where there is no store to ask: a file checked on a machine of its own."""
    return bundled()


def library_in_force(session: Session, at: datetime) -> Library:
    """Every template as it is in force at an instant. One small query; cheap enough for every chunk.

    A version that today's release cannot read takes its template away in every locale: nothing is planned with it, and
    no other words are sent in its place.
    """
    timeline = _timeline(session)
    return bundled() if timeline is None else timeline.library(session, at)


def changed_at(session: Session, at: datetime) -> datetime | None:
    """When the words in force last changed before an instant; None: never."""
    timeline = _timeline(session)
    if timeline is None:
        return None
    place = bisect_right(timeline.changes, at)
    return timeline.changes[place - 1] if place else None


def versions_in_force(session: Session, at: datetime) -> Mapping[Pair, uuid.UUID]:
    """The bank's own version in force by key and locale; where there is none, what ships counts."""
    timeline = _timeline(session)
    return {} if timeline is None else in_force_at(timeline.editions, at)


def in_force_at(editions: Iterable[Edition], at: datetime) -> dict[Pair, uuid.UUID]:
    """What these decisions put in force at an instant: of each template the one that came into force last.

    A version with an end gives way at it to what was in force before.
    """
    begun = [one for one in editions if one.effective_from <= at]
    gone: dict[uuid.UUID, int] = {
        one.withdrawn_id: one.number for one in begun if one.withdrawn_id is not None
    }
    found: dict[Pair, Edition] = {}
    for one in sorted(begun, key=lambda one: (one.effective_from, one.number)):
        is_over = one.effective_until is not None and at >= one.effective_until
        is_gone = one.version_id is not None and gone.get(one.version_id, 0) > one.number
        if one.decision != "withdrawn" and not is_over and not is_gone:
            found[one.key, one.locale] = one
    return {pair: one.version_id for pair, one in found.items() if one.version_id is not None}


def read_stored(words: StoredWords) -> TemplateVersion:
    """A version of the store as a value; its number is the store's. TemplateError: this release cannot read it."""
    found = _parsed.get(words.id)
    if found is None:
        file = f"{words.key} {words.locale} {words.number}"
        found = replace(parse(words.source, locale=words.locale, file=file), version=words.number)
    return found


@dataclass(slots=True, kw_only=True)
class _Timeline:
    """All decisions of a store up to the newest, and the libraries between two changes."""

    editions: Sequence[Edition]
    changes: Sequence[datetime]
    libraries: dict[int, Library] = field(default_factory=dict)

    def library(self, session: Session, at: datetime) -> Library:
        place = bisect_right(self.changes, at)
        found = self.libraries.get(place)
        if found is None:
            found = _overlaid(session, in_force_at(self.editions, at))
            with _lock:
                if len(self.libraries) >= _MOST_LIBRARIES:
                    self.libraries.clear()
                self.libraries[place] = found
        return found


def _timeline(session: Session) -> _Timeline | None:
    newest = newest_edition(session)
    if newest is None:
        return None
    found = _timelines.get(newest)
    if found is not None:
        return found
    editions = list_editions(session)
    instants = {one.effective_from for one in editions}
    instants |= {one.effective_until for one in editions if one.effective_until is not None}
    found = _Timeline(editions=editions, changes=sorted(instants))
    with _lock:
        while len(_timelines) >= _MOST_TIMELINES:
            _timelines.pop(next(iter(_timelines)))
        _timelines[newest] = found
    return found


def _overlaid(session: Session, own: Mapping[Pair, uuid.UUID]) -> Library:
    versions = dict(bundled().versions)
    read = _read(session, set(own.values()))
    for pair, version_id in own.items():
        version = read[version_id]
        if version is not None:
            versions[pair] = version
    broken = {pair[0] for pair, version_id in own.items() if read[version_id] is None}
    return Library(versions={pair: one for pair, one in versions.items() if pair[0] not in broken})


def _read(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, TemplateVersion | None]:
    # The answer is kept apart: making room below may throw out what this very call asks for.
    found = {one: _parsed[one] for one in ids if one in _parsed}
    for words in stored_words(session, ids - set(found)):
        try:
            version: TemplateVersion | None = read_stored(words)
        except TemplateError:
            log.exception("template_unreadable", extra={"template": words.key, "version": words.number})
            version = None
        found[words.id] = version
        with _lock:
            if len(_parsed) >= _MOST_PARSED:
                _parsed.clear()
            _parsed[words.id] = version
    return found
