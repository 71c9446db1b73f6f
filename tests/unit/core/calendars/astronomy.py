"""New moons and the Sun from first principles: a third word on the lunar calendar that shares no code with any package.

J. Meeus, Astronomical Algorithms (2nd ed.): chapter 49 (new moons, good to some ten seconds), chapter 25 (the Sun, to
0.01°, a quarter of an hour). ΔT: Espenak and Meeus, Five Millennium Canon (2006); after 2020 it is a forecast, off by
a minute or more towards 2100, which is why a moon near midnight there is nobody's certainty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)  # JD 2451545.0
_EPOCH_JD = 2451545.0
MONTHS_A_CENTURY = 1236.85

# Beijing's own mean time until 1928, the zone of 120° E after (the calendar office's rule).
BEIJING_BEFORE_1929 = timedelta(hours=7, minutes=45, seconds=40)
BEIJING = timedelta(hours=8)

# amplitude (days), power of E, multiples of M, M', F
_PERIODIC = (
    (-0.40720, 0, 0, 1, 0),
    (0.17241, 1, 1, 0, 0),
    (0.01608, 0, 0, 2, 0),
    (0.01039, 0, 0, 0, 2),
    (0.00739, 1, -1, 1, 0),
    (-0.00514, 1, 1, 1, 0),
    (0.00208, 2, 2, 0, 0),
    (-0.00111, 0, 0, 1, -2),
    (-0.00057, 0, 0, 1, 2),
    (0.00056, 1, 1, 2, 0),
    (-0.00042, 0, 0, 3, 0),
    (0.00042, 1, 1, 0, 2),
    (0.00038, 1, 1, 0, -2),
    (-0.00024, 1, -1, 2, 0),
    (-0.00007, 0, 2, 1, 0),
    (0.00004, 0, 0, 2, -2),
    (0.00004, 0, 3, 0, 0),
    (0.00003, 0, 1, 1, -2),
    (0.00003, 0, 0, 2, 2),
    (-0.00003, 0, 1, 1, 2),
    (0.00003, 0, -1, 1, 2),
    (-0.00002, 0, -1, 1, -2),
    (-0.00002, 0, 1, 3, 0),
    (0.00002, 0, 0, 4, 0),
)
# start (degrees), degrees a month, amplitude (days)
_PLANETS = (
    (299.77, 0.107408, 0.000325),
    (251.88, 0.016321, 0.000165),
    (251.83, 26.651886, 0.000164),
    (349.42, 36.412478, 0.000126),
    (84.66, 18.206239, 0.000110),
    (141.74, 53.303771, 0.000062),
    (207.14, 2.453732, 0.000060),
    (154.84, 7.306860, 0.000056),
    (34.52, 27.261239, 0.000047),
    (207.19, 0.121824, 0.000042),
    (291.34, 1.844379, 0.000040),
    (161.72, 24.198154, 0.000037),
    (239.56, 25.513099, 0.000035),
    (331.55, 3.592518, 0.000023),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMoon:
    """A new moon by Beijing's clock: its day, and how far from midnight it fell."""

    at: datetime

    @property
    def on(self) -> date:
        """The day that begins a lunar month."""
        return self.at.date()

    @property
    def from_midnight(self) -> timedelta:
        """The distance to the nearer midnight: below a minute or so nobody can be certain."""
        since = self.at - self.at.replace(hour=0, minute=0, second=0, microsecond=0)
        return min(since, timedelta(days=1) - since)


def new_moon(number: int) -> NewMoon:
    """The new moon of a lunation; 0 is that of 6 January 2000."""
    k = float(number)
    t = k / MONTHS_A_CENTURY
    jde = 2451550.09766 + 29.530588861 * k + 0.00015437 * t**2 - 0.000000150 * t**3 + 0.00000000073 * t**4
    e = 1 - 0.002516 * t - 0.0000074 * t**2
    sun = 2.5534 + 29.10535670 * k - 0.0000014 * t**2 - 0.00000011 * t**3
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t**2 + 0.00001238 * t**3 - 0.000000058 * t**4
    node = 160.7108 + 390.67050284 * k - 0.0016118 * t**2 - 0.00000227 * t**3 + 0.000000011 * t**4
    omega = 124.7746 - 1.56375588 * k + 0.0020672 * t**2 + 0.00000215 * t**3
    for size, power, by_sun, by_moon, by_node in _PERIODIC:
        jde += size * e**power * _sin(by_sun * sun + by_moon * moon + by_node * node)
    jde -= 0.00017 * _sin(omega)
    for index, (start, step, size) in enumerate(_PLANETS):
        jde += size * _sin(start + step * k - (0.009173 * t**2 if index == 0 else 0))
    return NewMoon(at=_beijing(jde))


def sun_longitude(at: datetime) -> float:
    """The Sun's apparent longitude in degrees at an instant (UTC)."""
    jde = _EPOCH_JD + (at - _EPOCH) / timedelta(days=1) + _delta_t(at.year + at.month / 12) / 86400
    t = (jde - _EPOCH_JD) / 36525
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t**2
    anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t**2
    centre = (
        (1.914602 - 0.004817 * t - 0.000014 * t**2) * _sin(anomaly)
        + (0.019993 - 0.000101 * t) * _sin(2 * anomaly)
        + 0.000289 * _sin(3 * anomaly)
    )
    return (mean + centre - 0.00569 - 0.00478 * _sin(125.04 - 1934.136 * t)) % 360


def midnight(day: date) -> datetime:
    """The instant (UTC) at which a day begins in Beijing."""
    offset = BEIJING if day.year >= 1929 else BEIJING_BEFORE_1929
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - offset


def _beijing(jde: float) -> datetime:
    terrestrial = _EPOCH + timedelta(days=jde - _EPOCH_JD)
    universal = terrestrial - timedelta(seconds=_delta_t(terrestrial.year + (terrestrial.month - 0.5) / 12))
    return universal + (BEIJING if universal.year >= 1929 else BEIJING_BEFORE_1929)


def _sin(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _delta_t(year: float) -> float:
    """Seconds that clocks by the atoms run before clocks by the Earth."""
    eras: tuple[tuple[float, float, tuple[float, ...]], ...] = (
        (1920, 1900, (-2.79, 1.494119, -0.0598939, 0.0061966, -0.000197)),
        (1941, 1920, (21.20, 0.84493, -0.076100, 0.0020936)),
        (1961, 1950, (29.07, 0.407, -1 / 233, 1 / 2547)),
        (1986, 1975, (45.45, 1.067, -1 / 260, -1 / 718)),
        (2005, 2000, (63.86, 0.3345, -0.060374, 0.0017275, 0.000651814, 0.00002373599)),
        (2050, 2000, (62.92, 0.32217, 0.005589)),
    )
    for until, origin, series in eras:
        if year < until:
            return sum(term * (year - origin) ** power for power, term in enumerate(series))
    return -20 + 32 * ((year - 1820) / 100) ** 2 - 0.5628 * (2150 - year)
