"""The calendar in force: what can be computed, corrected and completed by what the operator entered, as one value.

Everything dated that no rule knows stands here: workdays and 调休 of a notice, 小年 by region, a festival's day put
right, regional festivals, carriers' blackouts and crowded minutes, branch hours. A part of the bank is named by an
organisation's code; a rule for the nearest part above a customer counts before one for the whole bank.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from wenhou.core.calendars import carrier_times, festivals
from wenhou.core.calendars.carrier_times import Blackout, Congestion
from wenhou.core.calendars.festivals import FESTIVALS, FestivalDay
from wenhou.core.calendars.lunar import format_lunar
from wenhou.core.calendars.problems import CalendarError
from wenhou.core.calendars.regional import REGIONAL_FESTIVALS, DatedDay, DatedFestival
from wenhou.core.calendars.tables import LAST_YEAR
from wenhou.core.calendars.workdays import WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredDay:
    """A day the operator made a workday or a day off; `org`: only there (a region's own holiday)."""

    on: date
    is_work: bool
    org: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """How a part of the bank (None: all of it) keeps a festival that is kept in more than one way."""

    festival: str
    variant: str
    org: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The day of a computed festival of a year, by the operator's word."""

    festival: str
    year: int
    on: date
    org: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchHours:
    """The hours of a branch on one day; both None: closed."""

    org: str
    on: date
    opens: time | None = None
    closes: time | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nobody is there all day."""
        return self.opens is None


_Variants = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedCalendar:
    """What the operator entered, asked together with what is computed. `number` 0: nothing was entered.

    Paths of organisations look like `/HQ/WH/WH01/` (`orgs.path`); None is a customer without one. Reads only; safe
    to share between threads.
    """

    number: int = 0
    workdays: tuple[EnteredDay, ...] = ()
    complete_years: frozenset[int] = frozenset()
    customs: tuple[Custom, ...] = ()
    corrections: tuple[Correction, ...] = ()
    festivals: tuple[DatedFestival, ...] = ()
    blackouts: tuple[Blackout, ...] = ()
    congestion: tuple[Congestion, ...] = ()
    hours: tuple[BranchHours, ...] = ()
    _dated: Mapping[str, DatedFestival] = field(init=False, repr=False, compare=False)
    _variants: Mapping[str | None, _Variants] = field(init=False, repr=False, compare=False)
    _corrected: Mapping[tuple[str, int], Mapping[str | None, date]] = field(
        init=False, repr=False, compare=False
    )
    _hours: Mapping[tuple[str, date], BranchHours] = field(init=False, repr=False, compare=False)
    _works: Mapping[str | None, WorkCalendar] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort what was entered by how it is asked for."""
        variants: dict[str | None, dict[str, str]] = defaultdict(dict)
        for custom in self.customs:
            variants[custom.org][custom.festival] = custom.variant
        corrected: dict[tuple[str, int], dict[str | None, date]] = defaultdict(dict)
        for one in self.corrections:
            corrected[one.festival, one.year][one.org] = one.on
        entered = {festival.key: festival for festival in self.festivals}
        object.__setattr__(self, "_dated", {**REGIONAL_FESTIVALS, **entered})
        object.__setattr__(self, "_variants", dict(variants))
        object.__setattr__(self, "_corrected", dict(corrected))
        object.__setattr__(self, "_hours", {(one.org, one.on): one for one in self.hours})
        object.__setattr__(self, "_works", _work_calendars(self.workdays, self.complete_years))

    # --- workdays and hours -------------------------------------------------------------------------------------

    def work_calendar(self, org_path: str | None = None) -> WorkCalendar:
        """Workdays of the whole bank, or of one part of it with that region's own days off."""
        parts = [part for part in _parts(org_path) if part in self._works]
        return self._works[parts[0] if parts else None]

    def hours_of(self, org_path: str, day: date) -> BranchHours | None:
        """The hours entered for that day for the nearest of the branch and those above it; None: as always."""
        found = (self._hours.get((part, day)) for part in _parts(org_path))
        return next((hours for hours in found if hours is not None), None)

    # --- festivals ----------------------------------------------------------------------------------------------

    def known_festivals(self) -> tuple[str, ...]:
        """Every legal festival key: computed, known regional, and the operator's own."""
        return (*FESTIVALS, *self._dated)

    def is_chosen_only(self, key: str) -> bool:
        """Whether only customers who chose the festival are greeted; CalendarError for an unknown key."""
        dated = self._find_dated(key)
        return dated is not None and dated.chosen_only

    def names_of(self, key: str) -> tuple[str, str]:
        """(Chinese, English); CalendarError for an unknown key."""
        found = self._find_dated(key) or festivals.get_festival(key)
        return found.name_zh, found.name_en

    def variant_for(self, org_path: str | None) -> Mapping[str, str]:
        """Festival → the way it is kept in that part of the bank ({"xiaonian": "south"}); the nearest rule counts."""
        merged: dict[str, str] = {}
        for part in (None, *reversed(_parts(org_path))):
            merged.update(self._variants.get(part, {}))
        return merged

    def days_of_festival(self, key: str, year: int, org_path: str | None = None) -> tuple[date, ...]:
        """The days of a festival of a year there: usually one; none where it is not defined or not entered.

        CalendarError for an unknown key.
        """
        return tuple(day.on for day in self._of_year(key, year, org_path))

    def festival_on(self, key: str, day: date, org_path: str | None = None) -> FestivalDay | None:
        """The festival, if it falls on that day in that part of the bank; CalendarError for an unknown key."""
        for year in (day.year, day.year + 1, day.year - 1):
            for found in self._of_year(key, year, org_path):
                if found.on == day:
                    return found
        return None

    def festivals_on(self, day: date, org_path: str | None = None) -> tuple[FestivalDay, ...]:
        """Every festival of that day in that part of the bank, computed ones first."""
        found = (self.festival_on(key, day, org_path) for key in self._candidates(day, org_path))
        return tuple(festival for festival in found if festival is not None)

    def occurrences(self, key: str, day: date) -> tuple[FestivalDay, ...]:
        """The festival if it falls on that day in any part of the bank: usually none or one.

        Exact where `is_uniform(key)`; otherwise ask `festival_on` with each customer's path.
        """
        found: dict[str, FestivalDay] = {}
        for path in (None, *(f"/{part}/" for part in sorted(self._parts_about(key)))):
            festival = self.festival_on(key, day, path)
            if festival is not None:
                found.setdefault(festival.anchor, festival)
        return tuple(found.values())

    def is_uniform(self, key: str) -> bool:
        """Whether the festival falls on the same day in the whole bank."""
        return not self._parts_about(key)

    def days_in(self, year: int, org_path: str | None = None) -> list[tuple[FestivalDay, str | None]]:
        """Every festival of a solar year, in order of day, with the part of the bank it is for (None: all).

        With a path: as that part keeps them. Without: the whole bank's, and every region's that differ.
        """
        found: list[tuple[FestivalDay, str | None]] = []
        for key in dict.fromkeys((*FESTIVALS, *self._dated)):
            bank = self._in_solar_year(key, year, org_path)
            found += [(day, None) for day in bank]
            for part in sorted(self._parts_about(key)) if org_path is None else ():
                own = self._in_solar_year(key, year, f"/{part}/")
                found += [(day, part) for day in own if day not in bank]
        return sorted(found, key=lambda one: one[0].on)

    # --- carriers -----------------------------------------------------------------------------------------------

    def next_allowed(self, channel: str, instant: datetime, *, purpose: str | None = None) -> datetime:
        """The first instant at or after `instant` past the channel's blackouts and crowded minutes."""
        return carrier_times.next_allowed(
            instant,
            channel=channel,
            purpose=purpose,
            blackouts=self.blackouts,
            avoided=carrier_times.avoided_minutes(self.congestion, channel),
        )

    def find_blackout(
        self, channel: str, instant: datetime, *, purpose: str | None = None
    ) -> Blackout | None:
        """The blackout in force on a channel at an instant, with its reason; None: there is none."""
        return carrier_times.find_blackout(self.blackouts, channel, instant, purpose)

    # --- inside -------------------------------------------------------------------------------------------------

    def _find_dated(self, key: str) -> DatedFestival | None:
        dated = self._dated.get(key)
        if dated is None and key not in FESTIVALS:
            raise CalendarError(festivals.no_such_festival(key, self.known_festivals()))
        return dated

    def _of_year(self, key: str, year: int, org_path: str | None) -> tuple[FestivalDay, ...]:
        dated = self._find_dated(key)
        if dated is not None:
            return _entered_days(dated, year, _parts(org_path))
        corrected = self._corrected.get((key, year), {})
        for part in (*_parts(org_path), None):
            if part in corrected:
                return (festivals.festival_day(key, year, corrected[part]),)
        festival = FESTIVALS[key]
        if not festival.since <= year <= LAST_YEAR:
            return ()
        variant = self.variant_for(org_path).get(key) if self._variants and festival.variants else None
        return (festivals.festival_day(key, year, festivals.day_of(key, year, variant=variant)),)

    def _in_solar_year(self, key: str, year: int, org_path: str | None) -> list[FestivalDay]:
        if not festivals.FIRST_FESTIVAL_YEAR <= year <= LAST_YEAR:
            raise CalendarError(festivals.year_out_of_range(year))
        # 腊八 of a year may fall in the December before.
        named = (year - 1, year, year + 1)
        return [day for one in named for day in self._of_year(key, one, org_path) if day.on.year == year]

    def _candidates(self, day: date, org_path: str | None) -> Iterable[str]:
        """Keys that may fall on a day: the computed ones of it, and whatever was entered."""
        keys = [found.key for found in festivals.festivals_on(day, variants=self.variant_for(org_path))]
        keys += [one.festival for one in self.corrections if one.on == day]
        keys += [one.key for one in self.festivals if any(entered.on == day for entered in one.days)]
        return dict.fromkeys(keys)

    def _parts_about(self, key: str) -> set[str]:
        """The codes of the parts of the bank that have a rule of their own about a festival."""
        dated = self._find_dated(key)
        days = dated.days if dated is not None else ()
        rules = (
            *(one.org for one in self.customs if one.festival == key),
            *(one.org for one in self.corrections if one.festival == key),
            *(one.org for one in days),
        )
        return {org for org in rules if org is not None}


def _parts(org_path: str | None) -> tuple[str, ...]:
    """The codes of a path, the nearest first."""
    return tuple(reversed([part for part in (org_path or "").split("/") if part]))


def _entered_days(festival: DatedFestival, year: int, parts: tuple[str, ...]) -> tuple[FestivalDay, ...]:
    """The entered days of a year for the nearest part that has any."""
    of_year = [day for day in festival.days if day.year == year]
    for part in (*parts, None):
        found = [day for day in of_year if day.org == part]
        if found:
            return tuple(_as_festival_day(festival, day) for day in found)
    return ()


def _as_festival_day(festival: DatedFestival, day: DatedDay) -> FestivalDay:
    return FestivalDay(
        on=day.on,
        key=festival.key,
        name=festival.name_zh,
        name_en=festival.name_en,
        lunar=format_lunar(day.on, prefix=False),
        tone=festival.tone,
        year=day.year,
        lead_days=festival.lead_days,
        nth=day.nth,
    )


def _work_calendars(
    days: tuple[EnteredDay, ...], complete_years: frozenset[int]
) -> dict[str | None, WorkCalendar]:
    """One for the bank, and one for each part with days of its own, over the bank's."""
    bank = {day.on: day.is_work for day in days if day.org is None}
    own: dict[str, dict[date, bool]] = defaultdict(dict)
    for day in days:
        if day.org is not None:
            own[day.org][day.on] = day.is_work
    found: dict[str | None, WorkCalendar] = {None: WorkCalendar(bank, complete_years)}
    for part, table in own.items():
        found[part] = WorkCalendar({**bank, **table}, complete_years)
    return found


def numbered(calendar: DatedCalendar, number: int) -> DatedCalendar:
    """The same calendar under its number in the store."""
    return replace(calendar, number=number)


NOTHING_ENTERED = DatedCalendar()
"""The calendar before any file was applied."""
