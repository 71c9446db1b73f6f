"""Service hours: several periods a day, workdays with 调休; when a promise of so many of them falls due. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_LONGEST_DAYS = 60
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHours:
    """When the complaint desk works, in the bank's zone. Periods are in order and do not cross midnight."""

    zone: ZoneInfo
    periods: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13, 30), time(17, 30)))

    def due(self, start: datetime, promised: timedelta, is_workday: Callable[[date], bool]) -> datetime:
        """The instant at which `promised` service time has passed since `start`, in `start`'s own zone.

        Ends at the close of a period rather than at the opening of the next. Raises ValueError when two months hold
        not enough service time: the hours or the table of workdays are wrong.
        """
        local = start.astimezone(self.zone)
        left = promised
        day = local.date()
        for _ in range(_LONGEST_DAYS):
            if is_workday(day):
                for opens, closes in self.periods:
                    begins = max(datetime.combine(day, opens, self.zone), local)
                    ends = datetime.combine(day, closes, self.zone)
                    if begins >= ends:
                        continue
                    if left <= ends - begins:
                        return (begins + left).astimezone(start.tzinfo)
                    left -= ends - begins
            day += _ONE_DAY
        msg = "two months hold too little service time: look at the service hours and the table of workdays"
        raise ValueError(msg)
