"""The sections of a calendar file, each read into the values of the calendar, with what contradicts what."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from wenhou.core.calendars.carrier_times import Blackout, Congestion, avoided_minutes
from wenhou.core.calendars.dated import BranchHours, Correction, Custom, DatedCalendar, EnteredDay
from wenhou.core.calendars.festivals import FESTIVALS, Tone, day_of
from wenhou.core.calendars.regional import REGIONAL_FESTIVALS, DatedDay, DatedFestival
from wenhou.core.calendars.tables import LAST_YEAR
from wenhou.core.channels import CHANNELS
from wenhou.core.errors import InputError
from wenhou.core.purposes import Purpose
from wenhou.services.yaml_blocks import Block, nearest

FIRST_YEAR: Final = 1950
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{1,38}\Z")
_ALL: Final = "all"
# A correction by more than a month names another festival's day, or a wrong year.
_FARTHEST_CORRECTION: Final = timedelta(days=31)
_LONGEST_BLACKOUT: Final = timedelta(days=93)
_FESTIVALS_A_YEAR: Final = 3
# Half of an hour must stay free, or what is due in it would never be gone within it.
_MOST_AVOIDED: Final = 30
_WIDEST: Final = 10
_FEW: Final = 20
_HOUR: Final = 60
VARIANT_WORDS: Final[Mapping[str, str]] = {
    "north": "north",
    "south": "south",
    "北": "north",
    "南": "south",
    "廿三": "north",
    "廿四": "south",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a file may name. `orgs`: the bank's codes; None: they were checked when the entry was stored."""

    orgs: tuple[str, ...] | None


class Faults:
    """Every fault of a file, so that a person mends it once."""

    def __init__(self) -> None:
        self._found: list[InputError] = []

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Keep a fault of the block and go on after it."""
        try:
            yield
        except InputError as error:
            self._found.append(error)

    def raise_all(self) -> None:
        """One InputError with a line for each fault, at the place of the first; nothing where there is none."""
        if not self._found:
            return
        first, *others = sorted(self._found, key=lambda error: (error.line or 0, str(error.column)))
        sentence = "\n".join([first.sentence, *(str(other) for other in others)])
        raise InputError(sentence, file=first.file, line=first.line, column=first.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What has been read so far."""

    known: Known
    workdays: dict[tuple[date, str | None], EnteredDay] = field(default_factory=dict)
    complete_years: set[int] = field(default_factory=set)
    customs: list[Custom] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    festivals: list[DatedFestival] = field(default_factory=list)
    blackouts: list[Blackout] = field(default_factory=list)
    congestion: list[Congestion] = field(default_factory=list)
    hours: list[BranchHours] = field(default_factory=list)
    seen: dict[Hashable, int] = field(default_factory=dict)

    def once(self, block: Block, name: str, what: Hashable, said: str) -> None:
        """Refuse a second word about the same thing."""
        if what in self.seen:
            block.fail(name, f"{said} stands twice in this file; keep one")
        self.seen[what] = 1

    def org(self, block: Block) -> str | None:
        """The code of the part of the bank an entry is for; None: all of it."""
        if not block.has("org"):
            return None
        code = block.text("org")
        if self.known.orgs is not None and code not in self.known.orgs:
            block.fail(
                "org", f"org: there is no organisation {code!r}; {_nearest_org(code, self.known.orgs)}"
            )
        return code


def read_sections(block: Block, known: Known, faults: Faults) -> DatedCalendar:
    """Every section of a file; faults are gathered, what is broken is left out."""
    reading = _Reading(known=known)
    for section, read in SECTIONS.items():
        entries: list[Block] = []
        with faults.gather():
            entries = block.blocks(section)
        for entry in entries:
            with faults.gather():
                read(reading, entry)
    return DatedCalendar(
        workdays=tuple(reading.workdays.values()),
        complete_years=frozenset(reading.complete_years),
        customs=tuple(reading.customs),
        corrections=tuple(reading.corrections),
        festivals=tuple(reading.festivals),
        blackouts=tuple(reading.blackouts),
        congestion=tuple(reading.congestion),
        hours=tuple(reading.hours),
    )


def _workdays(reading: _Reading, block: Block) -> None:
    block.only("year", "complete", "off", "work", "org", "source")
    year = _year(block)
    org = reading.org(block)
    if block.truth("complete", default=False):
        if org is not None:
            block.fail(
                "complete", "complete: only the notice for the whole country can be complete; leave out org"
            )
        reading.complete_years.add(year)
    if not any(block.has(name) for name in ("off", "work", "complete")):
        block.fail(None, "give the days under off: or work:")
    for name in ("off", "work"):
        for day in block.days(name):
            # New Year's holiday of a notice may begin in the December before.
            if day.year != year and (day.year, day.month) != (year - 1, 12):
                block.fail(name, f"{name}: {day} does not lie in {year}")
            entered = EnteredDay(on=day, is_work=name == "work", org=org)
            before = reading.workdays.setdefault((day, org), entered)
            if before != entered:
                block.fail(name, f"{name}: {day} is a workday and a day off in this file; keep one")


def _customs(reading: _Reading, block: Block) -> None:
    block.only("festival", "variant", "org", "source")
    festival = block.word("festival", [key for key, one in FESTIVALS.items() if one.variants])
    word = block.word("variant", VARIANT_WORDS)
    org = reading.org(block)
    reading.once(block, "festival", ("custom", festival, org), f"{festival} for {org or 'the whole bank'}")
    reading.customs.append(Custom(festival=festival, variant=VARIANT_WORDS[word], org=org))


def _corrections(reading: _Reading, block: Block) -> None:
    block.only("festival", "year", "on", "org", "source")
    key = block.word("festival", FESTIVALS)
    year, on, org = _year(block), block.day("on"), reading.org(block)
    since = FESTIVALS[key].since
    if year < since:
        block.fail("year", f"year: {key} is defined from {since}, not for {year}")
    computed = day_of(key, year)
    if abs(on - computed) > _FARTHEST_CORRECTION:
        block.fail(
            "on", f"on: {on} is more than a month from {computed}, the computed day; check year and day"
        )
    reading.once(
        block, "festival", ("correction", key, year, org), f"{key} of {year} for {org or 'the whole bank'}"
    )
    reading.corrections.append(Correction(festival=key, year=year, on=on, org=org))


def _festivals(reading: _Reading, block: Block) -> None:
    block.only("key", "name", "tone", "lead_days", "chosen_only", "days", "source")
    key = block.text("key")
    if key in FESTIVALS:
        block.fail("key", f"key: {key} is computed; to change its day, write it under corrections:")
    if not _KEY.match(key):
        block.fail("key", f"{key!r} is no key: use lower-case letters, digits and _, e.g. eid_al_fitr")
    reading.once(block, "key", ("festival", key), key)
    known = REGIONAL_FESTIVALS.get(key)
    name_zh, name_en = _names(block, known)
    tone = block.word("tone", [tone.value for tone in Tone], known.tone.value if known else None)
    reading.festivals.append(
        DatedFestival(
            key=key,
            name_zh=name_zh,
            name_en=name_en,
            tone=Tone(tone),
            lead_days=block.number("lead_days", 0, 60, 0),
            chosen_only=block.truth("chosen_only", default=True),
            days=_festival_days(reading, block, key),
        )
    )


def _names(block: Block, known: DatedFestival | None) -> tuple[str, str]:
    name = block.spec.get("name")
    if name is None and known is not None:
        return known.name_zh, known.name_en
    if not isinstance(name, Mapping):
        near = nearest(block.text("key"), REGIONAL_FESTIVALS)
        block.fail(
            "name", f"name: a key of your own needs `zh-CN:` and `en:` below it; a known one does not: {near}"
        )
    names = Block(spec=name, file=block.file)
    names.only("zh-CN", "en")
    return names.text("zh-CN"), names.text("en")


def _festival_days(reading: _Reading, block: Block, key: str) -> tuple[DatedDay, ...]:
    items = block.items("days")
    counts: dict[tuple[int, str | None], int] = defaultdict(int)
    found: list[DatedDay] = []
    for index in range(len(items)):
        on, year, org = _festival_day(reading, block, items, index)
        counts[year, org] += 1
        if counts[year, org] > _FESTIVALS_A_YEAR:
            block.fail_at(
                items, index, f"days: more than {_FESTIVALS_A_YEAR} days of {key} in {year}", "days"
            )
        if any(day.on == on and day.org == org for day in found):
            block.fail_at(items, index, f"days: {on} stands twice; keep one", "days")
        found.append(DatedDay(on=on, year=year, nth=counts[year, org], org=org))
    return tuple(sorted(found, key=lambda day: day.on))


def _festival_day(
    reading: _Reading, block: Block, items: list[Any], index: int
) -> tuple[date, int, str | None]:
    """Day, year it is named by, part of the bank: an item is a day alone or a block."""
    item = items[index]
    if not isinstance(item, Mapping):
        on = block.day_of_item(items, index, "days")
        return on, on.year, None
    entry = Block(spec=item, file=block.file)
    entry.only("on", "year", "org", "source")
    on = entry.day("on")
    return on, entry.number("year", on.year - 1, on.year + 1, on.year), reading.org(entry)


def _blackouts(reading: _Reading, block: Block) -> None:
    block.only("channel", "from", "until", "reason", "purposes", "source")
    channel = block.word("channel", (*CHANNELS, _ALL))
    starts_at, ends_at = block.instant("from"), block.instant("until")
    if ends_at <= starts_at:
        block.fail("until", f"until: {ends_at:%Y-%m-%d %H:%M} is not after from: {starts_at:%Y-%m-%d %H:%M}")
    if ends_at - starts_at > _LONGEST_BLACKOUT:
        block.fail("until", f"until: a blackout lasts {_LONGEST_BLACKOUT.days} days at most; check the year")
    reading.blackouts.append(
        Blackout(
            starts_at=starts_at,
            ends_at=ends_at,
            reason=block.text("reason"),
            channel=None if channel == _ALL else channel,
            purposes=frozenset(block.words("purposes", [purpose.value for purpose in Purpose])),
        )
    )


def _congestion(reading: _Reading, block: Block) -> None:
    block.only("channel", "minutes", "width", "source")
    channel = block.word("channel", (*CHANNELS, _ALL), _ALL)
    minutes = block.items("minutes")
    if not minutes or not all(
        isinstance(one, int) and not isinstance(one, bool) and 0 <= one < _HOUR for one in minutes
    ):
        block.fail("minutes", "minutes: give minutes of the hour from 0 to 59, e.g. [0, 30]")
    one = Congestion(
        minutes=tuple(minutes),
        width=block.number("width", 0, _WIDEST, 0),
        channel=None if channel == _ALL else channel,
    )
    for name in CHANNELS:
        if len(avoided_minutes([*reading.congestion, one], name)) > _MOST_AVOIDED:
            block.fail(
                "minutes", f"minutes: at most {_MOST_AVOIDED} minutes of an hour may be avoided on {name}"
            )
    reading.congestion.append(one)


def _branch_hours(reading: _Reading, block: Block) -> None:
    block.only("org", "on", "opens", "closes", "closed", "source")
    org = reading.org(block)
    if org is None:
        block.fail("org", "org is missing: the code of a branch")
    days = block.days("on")
    if not days:
        block.fail("on", "on is missing: a day like 2027-02-06, or a span 2027-02-06..2027-02-08")
    closed = block.truth("closed", default=False)
    if closed and (block.has("opens") or block.has("closes")):
        block.fail("closed", "closed contradicts opens and closes; keep one")
    opens, closes = (None, None) if closed else (block.time("opens"), block.time("closes"))
    if opens is not None and closes is not None and closes <= opens:
        block.fail("closes", f"closes: {closes:%H:%M} is not after opens {opens:%H:%M}")
    for day in days:
        reading.once(block, "on", ("hours", org, day), f"{org} on {day}")
        reading.hours.append(BranchHours(org=org, on=day, opens=opens, closes=closes))


def _year(block: Block) -> int:
    return block.number("year", FIRST_YEAR, LAST_YEAR)


def _nearest_org(code: str, orgs: tuple[str, ...]) -> str:
    said = nearest(code, orgs)
    # A bank has thousands of branches: no list of them in a sentence.
    return said if said.startswith("did") or len(orgs) <= _FEW else f"none of the {len(orgs)} is spelt so"


SECTIONS: Final[Mapping[str, Callable[[_Reading, Block], Any]]] = {
    "workdays": _workdays,
    "customs": _customs,
    "corrections": _corrections,
    "festivals": _festivals,
    "blackouts": _blackouts,
    "congestion": _congestion,
    "branch_hours": _branch_hours,
}
"""The sections of a file, in the order they are written."""
