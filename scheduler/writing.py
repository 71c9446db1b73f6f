"""The words of an occasion, customer by customer: which template, which wording, on what channels, in what tone."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from scheduler.book import PROMOTIONAL
from scheduler.drafting import Draft, FiledChoice, draft, version_for
from scheduler.filed_lines import Asked, Line, look
from scheduler.filling import Desk, Filling, voice_of
from scheduler.meeting import Meeting
from scheduler.neighbours import Neighbours
from scheduler.occasions import Occasion
from store.campaigns import LiveCampaign
from store.candidates import Candidate, Person, Standing
from store.database import Session
from store.mourning import Mourning, rests_until
from templates.library import TemplateVersion
from templates.wordings import Wording, Wordings, choose
from wenhou.core.calendars.festivals import Tone
from wenhou.core.campaigns import PersonalDateTrigger
from wenhou.core.policy.facts import Facts
from wenhou.services.context import Context

_MOST_TRIED = 12
"""Filed texts tried for one customer whose name is too long for the first."""


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes for the customers of one occasion; remembers who read what, and each region's tone."""

    context: Context
    row: LiveCampaign
    meeting: Meeting
    desk: Desk
    mournings: Sequence[Mourning]
    neighbours: Neighbours = field(init=False)
    digests: frozenset[bytes] = field(init=False)
    """Of the words in force that the step may use, in every locale."""
    _tones: dict[str | None, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        step = self.occasion.step
        templates = {step.template, step.alternative.template} if step.alternative else {step.template}
        self.digests = frozenset(
            bytes.fromhex(version.digest)
            for (key, _), version in self.desk.library.versions.items()
            if key in templates
        )
        self.neighbours = Neighbours(campaign_id=self.row.id, day=self.occasion.on_day, templates=templates)

    @property
    def occasion(self) -> Occasion:
        """What is greeted."""
        return self.meeting.occasion

    def look_around(self, session: Session, ids: Sequence[uuid.UUID], standing: Sequence[Standing]) -> None:
        """Read who reads what around these customers. What answers a customer's own business may read alike."""
        if self.occasion.step.task is not None:
            return
        self.neighbours.know(session, standing)
        if self.occasion.campaign.purpose in PROMOTIONAL:
            self.neighbours.look(session, ids)

    def words(
        self,
        candidate: Candidate,
        person: Person,
        facts: Facts,
        message_id: uuid.UUID,
        *,
        years: int | None,
        standing: Standing | None,
    ) -> Draft | None:
        """What one customer would read; None for a step that a person does."""
        if self.occasion.step.task is not None:
            return None
        version = version_for(self.desk.library, self.occasion, person)
        tone = self._tone(self.desk.path_of(person.org_id))
        filling = Filling(
            context=self.context,
            desk=self.desk,
            occasion=self.occasion,
            person=person,
            candidate=candidate,
            message_id=message_id,
            locale=version.locale,
            years=years,
            tone=tone,
            template=version.key,
        )
        reachable = [route.channel for route in facts.routes if route.contact_point_id is not None]
        channels = reachable or self.occasion.step.channels[-1:]
        among = self._among(version, person, tone)
        lines = self._filed(filling, version, channels) if self.desk.filed else {}
        first = next((lines.get(one) for one in channels if not isinstance(lines.get(one), str)), None)
        leads = first.pool if isinstance(first, Line) else among
        wording = self.neighbours.wording_for(person, version, leads, self.occasion.anchor_day.year, standing)
        if not lines:
            return replace(draft(filling, version, wording, channels=channels, tone=tone), among=leads)
        filed = {
            channel: line if isinstance(line, str) else self._choice(person, line, wording)
            for channel, line in lines.items()
        }
        # What leads may be a wording without a name: a channel that carries any words says the customer's.
        free = wording if leads is among else self._fixed(person, among, wording)
        made = draft(filling, version, free, channels=channels, tone=tone, filed=filed)
        return replace(made, among=leads)

    def _filed(
        self, filling: Filling, version: TemplateVersion, channels: Sequence[str]
    ) -> dict[str, Line | str]:
        """What the lines among these that carry filed texts only may say to a customer, or why nothing."""
        org = filling.org
        asked = Asked(
            version=version,
            org_path=org.path if org else "",
            signature=(org.signature if org else None) or self.context.bank.signature,
            tone=filling.tone or "",
            tier=filling.person.tier or "",
            voice=voice_of(self.desk, filling.person.advisor_id),
        )
        return {one: look(self.desk.filed[one], asked) for one in channels if one in self.desk.filed}

    def _choice(self, person: Person, line: Line, wished: Wording) -> FiledChoice:
        first = self._fixed(person, line.pool, wished)
        others = [one for one in (*line.spare, *line.pool) if one.id != first.id]
        return FiledChoice(wordings=(first, *others[:_MOST_TRIED]), texts=line.texts)

    def _fixed(self, person: Person, among: Wordings, wished: Wording) -> Wording:
        """The wished wording where it is among these; else one that follows from the customer alone.

        Only the first channel's wording is kept with the message: another's must come out the same without it.
        """
        if any(one.id == wished.id for one in among):
            return wished
        advisor = person.advisor_id.hex if person.advisor_id else ""
        year = self.occasion.anchor_day.year
        return choose(among, customer=person.external_ref, advisor=advisor, year=year)

    def note(self, person: Person, words: Draft | None) -> None:
        """What this run gives to one, the next near them does not read."""
        if words is not None:
            among = words.among or self._among(words.version, person, words.tone)
            self.neighbours.note(person.id, person.advisor_id, words.version, among, words.variant)

    def _among(self, version: TemplateVersion, person: Person, tone: str) -> Wordings:
        """The wordings to choose from: for the day, the customer's tier and the advisor's voice."""
        return version.wordings_for(
            tone, tier=person.tier or "", voice=voice_of(self.desk, person.advisor_id)
        )

    def wants_years(self, people: Iterable[Person]) -> bool:
        """Whether any words hold a count of years: the year is sealed and opened only where it is needed."""
        if not isinstance(self.occasion.campaign.trigger, PersonalDateTrigger) or self.occasion.step.task:
            return False
        locales = {person.locale: person for person in people}
        return any(
            placeholder.source in ("occasion.years", "occasion.age")
            for person in locales.values()
            for placeholder in version_for(self.desk.library, self.occasion, person).placeholders.values()
        )

    def _tone(self, path: str | None) -> str:
        """Solemn when the words arrive on a solemn day of the customer's region, or while it mourns."""
        if path not in self._tones:
            day = self.occasion.on_day
            days = self.meeting.dated.festivals_on(day, path)
            solemn = any(one.tone is Tone.SOLEMN for one in days) or rests_until(self.mournings, path, day)
            self._tones[path] = "solemn" if solemn else ""
        return self._tones[path]
