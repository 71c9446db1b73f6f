"""Festivals as data: what they are called, by which rule they come, in which tone one writes about them.

A festival's **year** is the one people name it by: 腊八, 小年 and 除夕 of 2027 are those before Spring
Festival 2027, wherever 31 December falls (腊八 of 2023 was on 30 December 2022). It is the anchor of dedupe
keys such as `laba:2023/1`.
"""

from __future__ import annotations

import calendar
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from wenhou.core.calendars.lunar import LunarDate, format_lunar, to_solar
from wenhou.core.calendars.problems import CalendarError, DateProblem
from wenhou.core.calendars.tables import LAST_YEAR
from wenhou.core.calendars.terms import day_of_term

# 腊八 of 1900 lies in lunar year 1899, of which the table knows nothing.
FIRST_FESTIVAL_YEAR: Final = 1901
_TWELFTH: Final = 12
_NTH: Final = "abc"


class Tone(StrEnum):
    """Festive: congratulate. Warm: wish well. Solemn: no festive word (清明 is not "happy")."""

    FESTIVE = "festive"
    WARM = "warm"
    SOLEMN = "solemn"


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarDay:
    """The same solar date each year."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """Its day in a solar year."""
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class LunarDay:
    """The same date of the ordinary lunar month each lunar year (never of the leap month)."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """Its day; one of the twelfth month is of the winter that ends in Spring Festival of `year`."""
        lunar_year = year - 1 if self.month == _TWELFTH else year
        return to_solar(LunarDate(year=lunar_year, month=self.month, day=self.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDayOfLunarYear:
    """除夕: the day before Spring Festival, 腊月廿九 or 三十."""

    def in_year(self, year: int) -> date:
        """The day before Spring Festival of `year`."""
        return to_solar(LunarDate(year=year, month=1, day=1)) - timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermDay:
    """The day a solar term begins."""

    term: str

    def in_year(self, year: int) -> date:
        """The term's day in a solar year."""
        return day_of_term(self.term, year)


@dataclass(frozen=True, slots=True, kw_only=True)
class NthWeekday:
    """The n-th weekday of a month; weekday as in `date.weekday()` (Sunday is 6), nth from 1."""

    month: int
    weekday: int
    nth: int

    def in_year(self, year: int) -> date:
        """Its day in a solar year."""
        first = date(year, self.month, 1)
        return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))


Rule = SolarDay | LunarDay | LastDayOfLunarYear | TermDay | NthWeekday


@dataclass(frozen=True, slots=True, kw_only=True)
class Festival:
    """One festival.

    `lead_days`: how many days before it a greeting is due unless a campaign says otherwise. `since`: first
    year it is defined for. `variants`: other rules by region, named (小年 of the south is 廿四).
    """

    key: str
    name_zh: str
    name_en: str
    rule: Rule
    tone: Tone
    lead_days: int = 0
    since: int = FIRST_FESTIVAL_YEAR
    variants: Mapping[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FestivalDay:
    """One festival on one day; `year` is the year it is named by (see the module), `lunar` reads 正月初一.

    `nth`: 2 where an entered festival comes a second time in the year it is named by (开斋节 in 2033).
    """

    on: date
    key: str
    name: str
    name_en: str
    lunar: str
    tone: Tone
    year: int
    lead_days: int
    nth: int = 1

    @property
    def anchor(self) -> str:
        """The year it is named by, for dedupe keys: 2033, and 2033b where an entered festival comes twice."""
        return str(self.year) if self.nth == 1 else f"{self.year}{_NTH[self.nth - 1]}"

    def as_json(self) -> dict[str, str | int]:
        """The shape of DESIGN §15 `calendar`, with the English name and the naming year added."""
        return {
            "on": self.on.isoformat(),
            "key": self.key,
            "name": self.name,
            "lunar": self.lunar,
            "tone": self.tone.value,
            "name_en": self.name_en,
            "year": self.year,
        }


def _festival(
    key: str,
    name_zh: str,
    name_en: str,
    rule: Rule,
    tone: Tone,
    *,
    lead_days: int = 0,
    since: int = FIRST_FESTIVAL_YEAR,
) -> Festival:
    return Festival(
        key=key, name_zh=name_zh, name_en=name_en, rule=rule, tone=tone, lead_days=lead_days, since=since
    )


_SUNDAY: Final = calendar.SUNDAY
_XIAONIAN: Final = Festival(
    key="xiaonian",
    name_zh="小年",
    name_en="Little New Year",
    rule=LunarDay(month=12, day=23),
    tone=Tone.FESTIVE,
    variants={"north": LunarDay(month=12, day=23), "south": LunarDay(month=12, day=24)},
)
_ALL: Final = (
    _festival("new_year", "元旦", "New Year's Day", SolarDay(month=1, day=1), Tone.FESTIVE),
    _festival("laba", "腊八节", "Laba Festival", LunarDay(month=12, day=8), Tone.WARM),
    _XIAONIAN,
    _festival("new_years_eve", "除夕", "Lunar New Year's Eve", LastDayOfLunarYear(), Tone.FESTIVE),
    _festival(
        "spring_festival", "春节", "Spring Festival", LunarDay(month=1, day=1), Tone.FESTIVE, lead_days=1
    ),
    _festival("lantern", "元宵节", "Lantern Festival", LunarDay(month=1, day=15), Tone.FESTIVE),
    _festival("longtaitou", "龙抬头", "Dragon Raises Its Head", LunarDay(month=2, day=2), Tone.WARM),
    _festival("womens_day", "妇女节", "Women's Day", SolarDay(month=3, day=8), Tone.WARM, since=1924),
    _festival("qingming", "清明节", "Tomb-Sweeping Day", TermDay(term="清明"), Tone.SOLEMN),
    _festival("labour_day", "劳动节", "Labour Day", SolarDay(month=5, day=1), Tone.FESTIVE, since=1920),
    _festival("youth_day", "青年节", "Youth Day", SolarDay(month=5, day=4), Tone.WARM, since=1950),
    _festival(
        "mothers_day",
        "母亲节",
        "Mother's Day",
        NthWeekday(month=5, weekday=_SUNDAY, nth=2),
        Tone.WARM,
        since=1914,
    ),
    _festival(
        "childrens_day", "儿童节", "Children's Day", SolarDay(month=6, day=1), Tone.FESTIVE, since=1950
    ),
    _festival("dragon_boat", "端午节", "Dragon Boat Festival", LunarDay(month=5, day=5), Tone.WARM),
    _festival(
        "fathers_day",
        "父亲节",
        "Father's Day",
        NthWeekday(month=6, weekday=_SUNDAY, nth=3),
        Tone.WARM,
        since=1972,
    ),
    _festival("qixi", "七夕节", "Qixi Festival", LunarDay(month=7, day=7), Tone.WARM),
    _festival("zhongyuan", "中元节", "Zhongyuan Festival", LunarDay(month=7, day=15), Tone.SOLEMN),
    _festival("teachers_day", "教师节", "Teachers' Day", SolarDay(month=9, day=10), Tone.WARM, since=1985),
    _festival(
        "mid_autumn", "中秋节", "Mid-Autumn Festival", LunarDay(month=8, day=15), Tone.FESTIVE, lead_days=1
    ),
    _festival("national_day", "国庆节", "National Day", SolarDay(month=10, day=1), Tone.FESTIVE, since=1950),
    _festival("double_ninth", "重阳节", "Double Ninth Festival", LunarDay(month=9, day=9), Tone.WARM),
    _festival("dongzhi", "冬至", "Winter Solstice", TermDay(term="冬至"), Tone.WARM),
)
FESTIVALS: Final[Mapping[str, Festival]] = {festival.key: festival for festival in _ALL}


def get_festival(key: str) -> Festival:
    """The festival of that key; CalendarError (`no_such_festival`) lists the legal keys."""
    festival = FESTIVALS.get(key)
    if festival is None:
        raise CalendarError(no_such_festival(key, FESTIVALS))
    return festival


def no_such_festival(key: str, legal: Iterable[str]) -> DateProblem:
    """What to say about an unknown key: the nearest legal one, and all of them."""
    words = list(legal)
    near = difflib.get_close_matches(key, words, n=1)
    zh, en = (f"，是否为 {near[0]}？", f"; did you mean {near[0]}?") if near else ("，", ".")
    return DateProblem(
        code="no_such_festival",
        zh=f"没有节日“{key}”{zh}可用的有：{'、'.join(words)}",
        en=f"there is no festival {key!r}{en} Legal keys: {', '.join(words)}",
    )


def day_of(key: str, year: int, *, variant: str | None = None) -> date:
    """The day of a festival of `year`; CalendarError for an unknown key, variant or undefined year."""
    festival = get_festival(key)
    if not festival.since <= year <= LAST_YEAR:
        raise CalendarError(
            DateProblem(
                code="festival_not_defined",
                zh=f"{festival.name_zh}只在 {festival.since} 至 {LAST_YEAR} 年有定义，而不是 {year} 年",
                en=f"{festival.name_en} is defined from {festival.since} to {LAST_YEAR}, not for {year}",
            )
        )
    return _rule(festival, variant).in_year(year)


def _rule(festival: Festival, variant: str | None) -> Rule:
    if variant is None:
        return festival.rule
    rule = festival.variants.get(variant)
    if rule is None:
        legal = ", ".join(festival.variants) or "-"
        raise CalendarError(
            DateProblem(
                code="no_such_variant",
                zh=f"{festival.name_zh}没有“{variant}”的过法，可用的有：{legal}",
                en=f"{festival.key} has no variant {variant!r}; legal: {legal}",
            )
        )
    return rule


def days_in(year: int, *, variants: Mapping[str, str] | None = None) -> list[FestivalDay]:
    """The festivals whose day lies in a solar year (FIRST_FESTIVAL_YEAR … 2100), in order of day.

    `variants`: festival key → regional variant to use, such as {"xiaonian": "south"}. A year can hold two
    腊八, or none.
    """
    return list(_days_in(year, tuple(sorted((variants or {}).items()))))


@lru_cache(maxsize=512)
def _days_in(year: int, variants: tuple[tuple[str, str], ...]) -> tuple[FestivalDay, ...]:
    if not FIRST_FESTIVAL_YEAR <= year <= LAST_YEAR:
        raise CalendarError(year_out_of_range(year))
    chosen = dict(variants)
    for key in chosen:
        get_festival(key)
    days = [
        festival_day(festival.key, named, on)
        for festival in FESTIVALS.values()
        # Next year's 腊八 may fall on one of this year's last two days.
        for named in (year, year + 1)
        if _may_ask(festival, named)
        and (on := _rule(festival, chosen.get(festival.key)).in_year(named)).year == year
    ]
    return tuple(sorted(days, key=lambda day: day.on))


def year_out_of_range(year: int) -> DateProblem:
    """What to say about a year outside the table."""
    return DateProblem(
        code="year_out_of_range",
        zh=f"节日只支持 {FIRST_FESTIVAL_YEAR} 至 {LAST_YEAR} 年，而不是 {year} 年",
        en=f"festivals are known from {FIRST_FESTIVAL_YEAR} to {LAST_YEAR}, not for {year}",
    )


def _may_ask(festival: Festival, named: int) -> bool:
    """Whether a festival is computed for the year it is named by: 腊八 of 2101 still lies in lunar 2100."""
    if named < festival.since:
        return False
    return named <= LAST_YEAR or (isinstance(festival.rule, LunarDay) and festival.rule.month == _TWELFTH)


def festival_day(key: str, year: int, on: date) -> FestivalDay:
    """The festival of `year` as falling on `on`, whoever says so; CalendarError for an unknown key."""
    festival = get_festival(key)
    return FestivalDay(
        on=on,
        key=festival.key,
        name=festival.name_zh,
        name_en=festival.name_en,
        lunar=format_lunar(on, prefix=False),
        tone=festival.tone,
        year=year,
        lead_days=festival.lead_days,
    )


def festivals_on(day: date, *, variants: Mapping[str, str] | None = None) -> tuple[FestivalDay, ...]:
    """The festivals of one day, usually none; CalendarError outside FIRST_FESTIVAL_YEAR … 2100."""
    return tuple(
        festival
        for festival in _days_in(day.year, tuple(sorted((variants or {}).items())))
        if festival.on == day
    )
