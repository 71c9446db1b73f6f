"""Service hours: lunch, nights, weekends, 调休 and Spring Festival."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.service_hours import ServiceHours

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = ServiceHours(zone=ZONE)
WORKDAYS = WorkCalendar()


def due(start: datetime, hours: float) -> datetime:
    return HOURS.due(start.replace(tzinfo=ZONE), timedelta(hours=hours), WORKDAYS.is_workday).replace(
        tzinfo=None
    )


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (datetime(2026, 3, 4, 9, 30), 2, datetime(2026, 3, 4, 11, 30)),  # noqa: DTZ001 - the bank's zone
        (datetime(2026, 3, 4, 11, 0), 2, datetime(2026, 3, 4, 14, 30)),  # noqa: DTZ001 - over lunch
        (datetime(2026, 3, 4, 12, 30), 2, datetime(2026, 3, 4, 15, 30)),  # noqa: DTZ001 - in the lunch hour
        (datetime(2026, 3, 4, 20, 0), 2, datetime(2026, 3, 5, 11, 0)),  # noqa: DTZ001 - at night
        (datetime(2026, 3, 6, 17, 0), 2, datetime(2026, 3, 9, 10, 30)),  # noqa: DTZ001 - over a weekend
        (datetime(2026, 3, 4, 10, 0), 2, datetime(2026, 3, 4, 12, 0)),  # noqa: DTZ001 - ends with the period
    ],
)
def test_a_promise_falls_due_in_service_time(start: datetime, hours: float, expected: datetime) -> None:
    assert due(start, hours) == expected


def test_spring_festival_does_not_count_and_a_make_up_day_does() -> None:
    # 2026: off from Sunday 15 to Monday 23 February; Saturday 14 and Saturday 28 are worked.
    assert due(datetime(2026, 2, 14, 17, 0), 2) == datetime(2026, 2, 24, 10, 30)  # noqa: DTZ001 - the bank's zone


def test_a_bank_that_never_works_is_an_error() -> None:
    with pytest.raises(ValueError, match="too little service time"):
        HOURS.due(datetime(2026, 3, 4, tzinfo=ZONE), timedelta(hours=2), lambda _: False)
