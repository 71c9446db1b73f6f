"""The bank's dated rules as values, with sane defaults; read from and written to documents in `documents.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wenhou.core.calendars.carrier_times import Blackout, Congestion
from wenhou.core.policy.windows import LineHours, Window
from wenhou.core.purposes import Purpose

_DAY = timedelta(days=1)
_LONGEST = {"day": 1, "week": 7, "month": 31, "quarter": 92}
PERIODS = tuple(_LONGEST)


def period_of(day: date, period: str) -> tuple[date, date]:
    """(first, last) day of the calendar day, week (from Monday), month or quarter that holds `day`."""
    if period == "day":
        return day, day
    if period == "week":
        first = day - day.weekday() * _DAY
        return first, first + 6 * _DAY
    months = 3 if period == "quarter" else 1
    begin = day.month - (day.month - 1) % months
    first = date(day.year, begin, 1)
    after = begin + months
    following = date(day.year + after // 13, after if after <= 12 else after - 12, 1)
    return first, following - _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most `most` contacts of these purposes in any `days` days in a row, or in the calendar `period`.

    `period`: `day`, `week` (from Monday), `month` or `quarter`; None: rolling, by `days`.
    """

    name: str
    purposes: frozenset[str]
    most: int
    days: int = 1
    period: str | None = None

    @property
    def reach(self) -> int:
        """How many days before and after a day can matter for it."""
        return _LONGEST[self.period] if self.period else self.days


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRatio:
    """Before each sales contact within `days` days there must have been `non_sales` others (DESIGN §7, gate 12)."""

    days: int = 90
    non_sales: int = 3


PROMOTIONAL = frozenset({Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING})


def _default_windows() -> dict[Purpose, Window]:
    return {
        Purpose.SERVICE: Window(opens=time(7, 0), closes=time(22, 0)),
        Purpose.CARE: Window(opens=time(8, 0), closes=time(20, 0)),
        Purpose.INFORMATION: Window(opens=time(9, 0), closes=time(20, 0)),
        Purpose.MARKETING: Window(opens=time(9, 0), closes=time(20, 0)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One dated edition of the rules; `number` is what a decision remembers.

    `zone_windows`: windows of their own for customers of a time zone. `care_ratio` None: not asked.
    `case_rest_days`: after a complaint is closed nothing but service for so long. `care_after_cure_days`: how long the
    restriction of an overdue customer outlasts the cure; whoever takes the cure in writes it. `ask_calendar_until`: of
    whoever was born in this year or before a certificate's date is asked about: solar or lunar? `senior_max_risk`: the
    highest R level offered to customers of 65 and older. `never_held_out_tiers`: in no holdout. `congestion`: crowded
    minutes kept clear of by promotional words; `spread_minutes`: over how long they then leave.
    `campaigns_need_opinion`: marketing and information need an opinion of consumer protection outside production too.

    From the operator's calendar, not from the document: `days_off`, `blackouts` and the windows' `closed_on`. From the
    accounts' settings: `line_hours`, by channel.
    """

    number: int = 0
    windows: Mapping[Purpose, Window] = field(default_factory=_default_windows)
    zone_windows: Mapping[str, Mapping[Purpose, Window]] = field(default_factory=dict)
    caps: tuple[Cap, ...] = (
        Cap(name="day", purposes=PROMOTIONAL, days=1, most=1),
        Cap(name="week", purposes=PROMOTIONAL, days=7, most=3),
        Cap(name="month", purposes=PROMOTIONAL, days=30, most=8),
        Cap(name="marketing_month", purposes=frozenset({Purpose.MARKETING}), days=30, most=2),
    )
    care_per_address_and_day: int = 1
    care_ratio: CareRatio | None = CareRatio()
    case_rest_days: int = 3
    care_after_cure_days: int = 7
    ask_calendar_until: int = 1970
    senior_max_risk: int = 2
    never_held_out_tiers: frozenset[str] = frozenset({"VIP"})
    congestion: tuple[Congestion, ...] = ()
    spread_minutes: int = 10
    campaigns_need_opinion: bool = False
    days_off: frozenset[date] = frozenset()
    blackouts: tuple[Blackout, ...] = ()
    line_hours: Mapping[str, LineHours] = field(default_factory=dict)

    @property
    def longest_cap(self) -> int:
        """How many days back and ahead the ledger must be read for the caps."""
        return max((cap.reach for cap in self.caps), default=1)

    def window_for(self, purpose: Purpose, zone: ZoneInfo) -> Window:
        """The window that counts for a customer of this zone."""
        if self.zone_windows:
            own = self.zone_windows.get(zone.key)
            if own is not None and purpose in own:
                return own[purpose]
        return self.windows[purpose]

    def blackout_end(self, channel: str, purpose: Purpose, at: datetime) -> datetime | None:
        """When the blackout ends that stops this channel and purpose now; None: there is none."""
        if not self.blackouts:
            return None
        ends = [one.ends_at for one in self.blackouts if one.stops(channel, at, purpose)]
        return max(ends, default=None)

    def is_crowded(self, channel: str, at: datetime) -> bool:
        """Whether this minute of the hour is one to keep clear of on the channel."""
        minute = at.minute
        return any(one.channel in {None, channel} and minute in one.avoided for one in self.congestion)
