"""The book of a forecast: what stands in the store, and beside it everything that was foreseen so far. Writes nothing.

Memory grows with the customers spoken to, not with the messages: of each customer the contacts that caps still look at
(shared tuples), of the day that is foreseen its messages, of birthdays their keys. The rest is counted and forgotten.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from scheduler.book import PROMOTIONAL, GivenTask, StoreBook
from scheduler.judged import Considered, Judged, Terms
from scheduler.places import Places
from store.beside import Beside
from store.candidates import CHUNK, Audience, Candidate, Rival, Standing, members_of
from store.database import Session
from store.facts_contacts import Contact
from wenhou.core.campaigns import PersonalDateTrigger
from wenhou.core.dedupe import task_row_key
from wenhou.core.policy.gates import SKIP
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING, Status

_NOBODY = uuid.UUID(int=0)
"""Foreseen contacts are older than every message that is judged after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an occasion's key; shared by all customers of whom it is true."""

    key: str
    on_day: date
    status: str
    reason: str | None
    expires_at: datetime
    campaign_id: uuid.UUID
    purpose: str
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Met(Rival):
    """A rival with its customer. `is_foreseen`: not in the store."""

    customer_id: uuid.UUID
    is_foreseen: bool


@dataclass(frozen=True, slots=True)
class _Given:
    """A task that was foreseen."""

    customer_id: uuid.UUID
    id: uuid.UUID
    key: str
    at: datetime
    calendar: str | None


_T = TypeVar("_T")
Heard = Callable[[Judged, Terms, Outcome], None]
Lost = Callable[[Met], None]


class ForecastBook(StoreBook):
    """`heard` and `lost` are told of each message foreseen or pushed out."""

    def __init__(
        self,
        *,
        now: datetime,
        longest_cap: int,
        places: Places,
        heard: Heard,
        lost: Lost,
    ) -> None:
        self._now, self._longest_cap = now, longest_cap
        self._heard, self._lost, self._places = heard, lost, places
        self._day = date.min
        self._of_day: dict[int, tuple[Outcome, ...]] = {}
        self._kept: dict[int, tuple[Outcome, ...]] = {}
        self._contacts: dict[int, tuple[Contact, ...]] = {}
        self._addresses: dict[tuple[uuid.UUID, date], list[Contact]] = defaultdict(list)
        self._tasks: dict[GivenTask, list[_Given]] = defaultdict(list)
        self._task_keys: set[str] = set()
        self._gone: set[uuid.UUID] = set()
        self._displaced: set[uuid.UUID] = set()
        self._same: dict[tuple[object, ...], tuple[object, ...]] = {}
        self.rejudged: set[uuid.UUID] = set()

    # --- what stands ----------------------------------------------------------------------------------------------

    @property
    def beside(self) -> Beside:
        """What the gates' facts lack."""
        return self

    @property
    def feeds_at(self) -> datetime | None:
        """Data that is late now stays late; what is to come is thought to come in time."""
        return self._now

    def standing(
        self, session: Session, pairs: Sequence[tuple[uuid.UUID, str]]
    ) -> dict[tuple[uuid.UUID, str], Standing]:
        """Messages of the store and foreseen ones; what is foreseen is newer."""
        found = {
            pair: replace(one, status=Status.SKIPPED, reason="more_important_message", stale=False)
            if one.id in self._displaced
            else one
            for pair, one in super().standing(session, pairs).items()
        }
        for customer_id, key in pairs:
            outcome = next((one for one in self._outcomes(customer_id) if one.key == key), None)
            if outcome is not None:
                stored = found.get((customer_id, key))
                found[customer_id, key] = Standing(
                    id=stored.id if stored else _id_of(customer_id, key),
                    customer_id=customer_id,
                    dedupe_key=key,
                    status=outcome.status,
                    reason=outcome.reason,
                    expires_at=outcome.expires_at,
                    content_hash=None,
                    stale=False,
                    campaign_id=outcome.campaign_id,
                )
        return found

    def tasks(self, session: Session, keys: Sequence[str]) -> set[str]:
        """Tasks of the store and foreseen ones."""
        return super().tasks(session, keys) | {key for key in keys if key in self._task_keys}

    def rivals(
        self, session: Session, ids: Sequence[uuid.UUID], day: date
    ) -> Mapping[uuid.UUID, Sequence[Rival]]:
        """Promotional campaign messages of these customers on a day that were not pushed out."""
        found: dict[uuid.UUID, list[Rival]] = {}
        for customer_id, rows in super().rivals(session, ids, day).items():
            found[customer_id] = [
                self._stored_rival(customer_id, one) for one in rows if one.id not in self._gone
            ]
        for customer_id in ids:
            for one in self._of_day.get(customer_id.int, ()):
                if one.on_day == day and one.purpose in PROMOTIONAL and one.status in PENDING:
                    found.setdefault(customer_id, []).append(_foreseen_rival(customer_id, one))
        return found

    def greetings(
        self, session: Session, ids: Sequence[uuid.UUID], prefix: str, since: date, before: date
    ) -> Mapping[uuid.UUID, Sequence[str]]:
        """Greetings of the store and foreseen ones."""
        found = {
            customer: list(keys)
            for customer, keys in super().greetings(session, ids, prefix, since, before).items()
        }
        for customer_id in ids:
            for one in self._kept.get(customer_id.int, ()):
                if one.key.startswith(prefix) and since <= one.on_day <= before and one.status in PENDING:
                    found.setdefault(customer_id, []).append(one.key)
        return found

    def given(
        self, session: Session, task: GivenTask, audience: Audience, after: Candidate | None
    ) -> list[Candidate]:
        """The next chunk of tasks, those of the store and foreseen ones merged in the order of customers."""
        stored = super().given(session, task, audience, after)
        since = (after.customer_id, after.previous_id or _NOBODY) if after else (_NOBODY, _NOBODY)
        ahead = sorted(
            (one for one in self._tasks.get(task, ()) if (one.customer_id, one.id) > since),
            key=lambda one: (one.customer_id, one.id),
        )
        foreseen: list[Candidate] = []
        for start in range(0, len(ahead), CHUNK):
            part = ahead[start : start + CHUNK]
            inside = members_of(session, audience, [one.customer_id for one in part])
            foreseen += [_candidate(one) for one in part if one.customer_id in inside]
            if len(foreseen) >= CHUNK:
                break
        merged = sorted([*stored, *foreseen], key=lambda one: (one.customer_id, one.previous_id or _NOBODY))
        return merged[:CHUNK]

    # --- beside the facts -----------------------------------------------------------------------------------------

    def contacts(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Contact]]:
        """Foreseen contacts of customers."""
        return {one: self._contacts[one.int] for one in ids if one.int in self._contacts}

    def greetings_to(
        self, points: Collection[uuid.UUID], first: date, last: date
    ) -> Mapping[tuple[uuid.UUID, date], Sequence[Contact]]:
        """Foreseen greetings to shared addresses."""
        if not self._addresses:
            return {}
        days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
        return {
            (point, day): self._addresses[point, day]
            for point in points
            for day in days
            if (point, day) in self._addresses
        }

    def is_gone(self, message_id: uuid.UUID) -> bool:
        """Whether a message of the store would have been pushed out or written anew."""
        return message_id in self._gone

    def uses(self) -> Mapping[uuid.UUID, Mapping[date, int]]:
        """Foreseen places under platforms' limits."""
        return self._places.given

    # --- what is foreseen -----------------------------------------------------------------------------------------

    def note(self, found: Considered, terms: Terms) -> None:
        """Keep what a chunk came to, as far as later days look back on it."""
        if terms.occasion.on_day > self._day:
            self._turn_to(terms.occasion.on_day)
        for one in found.displaced:
            if isinstance(one, Met):
                self._lose(one)
        for judged in found.judged:
            self._keep(judged, terms)

    def _turn_to(self, day: date) -> None:
        """Forget what no later day looks at."""
        self._day = day
        self._of_day.clear()
        oldest = day - timedelta(days=self._longest_cap)
        for customer, contacts in list(self._contacts.items()):
            if contacts[0].on_day < oldest:
                left = tuple(one for one in contacts if one.on_day >= oldest)
                if left:
                    self._contacts[customer] = self._shared(left)
                else:
                    del self._contacts[customer]
        for key in [key for key in self._addresses if key[1] < day]:
            del self._addresses[key]

    def _keep(self, judged: Judged, terms: Terms) -> None:
        decision, customer_id = judged.decision, judged.person.id
        skipped = decision.verdict == SKIP
        if skipped and judged.standing is not None and judged.standing.status == Status.SKIPPED:
            return  # its row stays as it is
        if judged.standing is not None:  # it waits and is written anew, or was skipped and may go
            self._gone.add(judged.standing.id)
            self.rejudged.add(judged.standing.id)
        if judged.words is None:
            status = "skipped" if skipped else "task"
        else:
            goes = Status.PROPOSED if terms.level_of(judged.words, self._now) else Status.SCHEDULED
            status = Status.SKIPPED if skipped else goes
        outcome = self._interned(
            Outcome(
                key=judged.key,
                on_day=terms.occasion.on_day,
                status=status,
                reason=decision.reason,
                expires_at=terms.expires_at,
                campaign_id=terms.row.id,
                purpose=terms.occasion.campaign.purpose,
                channel=None if skipped else decision.channel,
            )
        )
        self._heard(judged, terms, outcome)
        if judged.words is None:
            if not skipped:
                self._keep_task(judged, terms)
            return
        number = customer_id.int
        self._of_day[number] = self._shared((*self._of_day.get(number, ()), outcome))
        if isinstance(terms.occasion.campaign.trigger, PersonalDateTrigger):
            self._kept[number] = self._shared((*self._kept.get(number, ()), outcome))
        if not skipped:
            self._count(judged, outcome)

    def _keep_task(self, judged: Judged, terms: Terms) -> None:
        key = task_row_key(judged.key, judged.person.id)
        self._task_keys.add(key)
        given = GivenTask(terms.row.id, terms.occasion.step.key, terms.occasion.on_day)
        self._tasks[given].append(
            _Given(judged.person.id, judged.message_id, key, terms.due_at, judged.candidate.calendar)
        )

    def _count(self, judged: Judged, outcome: Outcome) -> None:
        """The contact in caps, on a shared address, and under the platform's limits."""
        contact = self._interned_contact(outcome)
        number = judged.person.id.int
        self._contacts[number] = self._shared((*self._contacts.get(number, ()), contact))
        route = judged.decision.route
        if route is None:
            return
        if route.shared_by > 1 and route.contact_point_id is not None and outcome.purpose == Purpose.CARE:
            self._addresses[route.contact_point_id, outcome.on_day].append(contact)
        self._places.give(route.channel, outcome.purpose, judged.decision.send_at)

    def _lose(self, met: Met) -> None:
        """A message of the store that a better one of the day takes the place of.

        A foreseen one never does: the campaigns of a day are foreseen in the order of their importance.
        """
        if not met.is_foreseen:
            self._gone.add(met.id)
            self._displaced.add(met.id)
            self._lost(met)

    # --- small things ---------------------------------------------------------------------------------------------

    def _outcomes(self, customer_id: uuid.UUID) -> tuple[Outcome, ...]:
        """Of today and of birthdays, the newest last word first."""
        number = customer_id.int
        return (*reversed(self._of_day.get(number, ())), *reversed(self._kept.get(number, ())))

    def _stored_rival(self, customer_id: uuid.UUID, one: Rival) -> Met:
        return Met(
            id=one.id,
            campaign_id=one.campaign_id,
            status=one.status,
            dedupe_key=one.dedupe_key,
            customer_id=customer_id,
            purpose=one.purpose,
            is_foreseen=False,
        )

    def _shared(self, value: tuple[_T, ...]) -> tuple[_T, ...]:
        """One tuple for all customers of whom the same is true."""
        return self._same.setdefault((*map(id, value), len(value)), value)  # type: ignore[return-value]

    def _interned(self, outcome: Outcome) -> Outcome:
        return self._same.setdefault(("outcome", outcome), (outcome,))[0]  # type: ignore[return-value]

    def _interned_contact(self, one: Outcome) -> Contact:
        key = ("contact", one.on_day, one.purpose, one.channel)
        made = (Contact(_NOBODY, one.on_day, one.purpose, one.channel, False),)
        return self._same.setdefault(key, made)[0]  # type: ignore[return-value]


def _candidate(one: _Given) -> Candidate:
    return Candidate(
        customer_id=one.customer_id,
        calendar=one.calendar,
        previous_id=one.id,
        previous_key=one.key,
        previous_at=one.at,
    )


def _foreseen_rival(customer_id: uuid.UUID, one: Outcome) -> Met:
    return Met(
        id=_id_of(customer_id, one.key),
        campaign_id=one.campaign_id,
        status=one.status,
        dedupe_key=one.key,
        customer_id=customer_id,
        purpose=one.purpose,
        is_foreseen=True,
    )


def _id_of(customer_id: uuid.UUID, key: str) -> uuid.UUID:
    """The id a foreseen message is told apart by; the same whenever it is asked for."""
    return uuid.uuid5(customer_id, key)
