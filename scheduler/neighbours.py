"""Who reads what around a customer, so that no two people who compare their phones read the same.

Remembered over the chunks of one occasion: what the store cannot know yet, because it is not written. A wording of an
older edition of the template is compared by what it says, not by its id.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from store.candidates import Person, Standing
from store.database import Session
from store.wordings import (
    BookRow,
    ReadWording,
    book_of_run,
    people_near,
    version_ids,
    wordings_between,
)
from store.words import template_source
from templates.library import TemplateVersion, parse
from templates.wordings import NOBODY, Nearby, Wording, Wordings, choose, same_words
from wenhou.core.errors import TemplateError

YEARS = 2
"""For how long a customer does not read the same again."""
_SLACK_DAYS = 45
"""Lunar days move by up to a month against the year before last."""
_NEXT_TO_IT_DAYS = 20
"""What lies nearer than this is the same occasion, not last year's."""


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """The neighbourhood of the customers of one occasion. `templates`: the keys its words may come from."""

    campaign_id: uuid.UUID
    day: date
    templates: Collection[str]
    _near: Mapping[uuid.UUID, frozenset[uuid.UUID]] = field(default_factory=dict)
    _own: Mapping[uuid.UUID, set[ReadWording]] = field(default_factory=dict)
    _today: Mapping[uuid.UUID, set[ReadWording]] = field(default_factory=dict)
    _given: dict[uuid.UUID, tuple[str, str]] = field(default_factory=dict)
    """Customer → (template digest, wording) of this run; only of those who have somebody near."""
    _books: dict[tuple[uuid.UUID, Wordings], Counter[str]] = field(default_factory=dict)
    _rows: dict[uuid.UUID, list[BookRow]] | None = None
    _versions: dict[uuid.UUID, TemplateVersion | None] = field(default_factory=dict)

    def know(self, session: Session, standing: Sequence[Standing]) -> None:
        """Read the editions that messages of the next chunk stand in: also where nobody's neighbours matter."""
        self._know(
            session, {one.template_version_id for one in standing if one.template_version_id is not None}
        )

    def look(self, session: Session, ids: Sequence[uuid.UUID]) -> None:
        """Read the neighbourhood of the next chunk."""
        versions = version_ids(session, sorted(self.templates))
        self._near = people_near(session, ids)
        around = sorted({one for others in self._near.values() for one in others})
        self._own = wordings_between(
            session,
            ids,
            versions,
            since=date.fromordinal(self.day.toordinal() - 365 * YEARS - _SLACK_DAYS),
            until=date.fromordinal(self.day.toordinal() - _NEXT_TO_IT_DAYS),
        )
        self._today = wordings_between(session, around, versions, since=self.day, until=self.day)
        if self._rows is None:
            self._rows = defaultdict(list)
            for row in book_of_run(session, self.campaign_id, self.day):
                self._rows[row.advisor_id].append(row)
            self._know(session, {row.read.version_id for rows in self._rows.values() for row in rows})
        read = [*self._own.values(), *self._today.values()]
        self._know(session, {one.version_id for some in read for one in some})

    def wording_for(
        self, person: Person, version: TemplateVersion, among: Wordings, year: int, standing: Standing | None
    ) -> Wording:
        """The wording a customer reads; a message that stands already keeps its own while there is such a one."""
        if standing is not None and standing.template_version_id is not None and standing.variant is not None:
            read = ReadWording(standing.template_version_id, standing.variant)
            kept = self._ids([read], version) & among.ids
            if kept:
                return version.get_wording(min(kept))
        return choose(
            among,
            customer=person.external_ref,
            advisor=person.advisor_id.hex if person.advisor_id else "",
            year=year,
            nearby=self.nearby(person.id, person.advisor_id, version, among),
        )

    def nearby(
        self, customer_id: uuid.UUID, advisor_id: uuid.UUID | None, version: TemplateVersion, among: Wordings
    ) -> Nearby:
        """What is read around a customer, as ids of the wordings of `version` to choose from."""
        own = self._ids(self._own.get(customer_id, ()), version)
        near = self._near.get(customer_id, frozenset())
        close = {one for other in near for one in self._ids(self._today.get(other, ()), version)}
        given = (self._given[other] for other in near if other in self._given)
        close |= {wording for digest, wording in given if digest == version.digest}
        book = self._book(advisor_id, version, among) if advisor_id is not None else None
        if not (own or close or book):
            return NOBODY
        return Nearby(own=own, close=close, book=book or {}, total=book.total() if book else 0)

    def note(
        self,
        customer_id: uuid.UUID,
        advisor_id: uuid.UUID | None,
        version: TemplateVersion,
        among: Wordings,
        wording: str,
    ) -> None:
        """Remember what a customer of this run will read."""
        if customer_id in self._near:
            self._given[customer_id] = (version.digest, wording)
        if advisor_id is not None:
            self._book(advisor_id, version, among)[wording] += 1

    def _book(self, advisor_id: uuid.UUID, version: TemplateVersion, among: Wordings) -> Counter[str]:
        book = self._books.get((advisor_id, among))
        if book is None:
            book = self._books[advisor_id, among] = Counter()
            for row in (self._rows or {}).get(advisor_id, ()):
                book.update(dict.fromkeys(among.ids & self._ids([row.read], version), row.times))
        return book

    def _know(self, session: Session, wanted: Collection[uuid.UUID]) -> None:
        for version_id in wanted:
            if version_id not in self._versions:
                self._versions[version_id] = _read(session, version_id)

    def _ids(self, read: Collection[ReadWording], version: TemplateVersion) -> set[str]:
        found: set[str] = set()
        for version_id, wording in read:
            old = self._versions[version_id]
            if old is not None and old.locale == version.locale:
                same = old.digest == version.digest
                found |= {wording} if same else same_words(old, wording, version)
        return found


def _read(session: Session, version_id: uuid.UUID) -> TemplateVersion | None:
    """An edition, read once a process: it never changes, and reading one takes a fifth of a second."""
    known = _EDITIONS.get(version_id)
    if known is not None:
        return known[0]
    source, locale = template_source(session, version_id)
    try:
        found = parse(source, locale=locale)
    except TemplateError:  # of a release that could say what this one cannot: nothing to compare
        found = None
    if len(_EDITIONS) >= _MOST_EDITIONS:
        _EDITIONS.clear()
    _EDITIONS[version_id] = (found,)
    return found


_EDITIONS: dict[uuid.UUID, tuple[TemplateVersion | None]] = {}
_MOST_EDITIONS = 256
