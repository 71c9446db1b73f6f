"""Festivals that come by no rule of ours: each year's day is data the operator enters, and only who chose it is met.

Whether a month has begun is declared by people (a moon seen, a monastery's almanac, a prefecture's notice), so no day
is computed here, and no day is known in a year without an entry. Nobody is taken for somebody who keeps one of them
by name, identity number or place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from wenhou.core.calendars.festivals import FESTIVALS, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedDay:
    """One entered day. `year`: the one it is named by. `org`: only in that part of the bank, by its code."""

    on: date
    year: int
    nth: int = 1
    org: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedFestival:
    """A festival with entered days. `chosen_only`: greeted only where the customer chose it."""

    key: str
    name_zh: str
    name_en: str
    tone: Tone
    lead_days: int = 0
    chosen_only: bool = True
    days: tuple[DatedDay, ...] = ()


def _known(key: str, name_zh: str, name_en: str, tone: Tone) -> DatedFestival:
    return DatedFestival(key=key, name_zh=name_zh, name_en=name_en, tone=tone)


_ALL: Final = (
    _known("eid_al_fitr", "开斋节", "Eid al-Fitr", Tone.WARM),
    _known("eid_al_adha", "古尔邦节", "Eid al-Adha", Tone.WARM),
    _known("losar", "藏历新年", "Losar", Tone.FESTIVE),
    _known("shoton", "雪顿节", "Shoton Festival", Tone.WARM),
    _known("water_splashing", "泼水节", "Water-Splashing Festival", Tone.FESTIVE),
    _known("sanyuesan", "三月三", "Sanyuesan Festival", Tone.FESTIVE),
    _known("torch_festival", "火把节", "Torch Festival", Tone.FESTIVE),
    _known("naadam", "那达慕", "Naadam", Tone.FESTIVE),
    _known("miao_new_year", "苗年", "Miao New Year", Tone.FESTIVE),
    _known("yi_new_year", "彝族年", "Yi New Year", Tone.FESTIVE),
)
REGIONAL_FESTIVALS: Final[Mapping[str, DatedFestival]] = {festival.key: festival for festival in _ALL}


def known_festivals() -> tuple[str, ...]:
    """Every festival key the product knows by itself: the computed ones, then those whose days are entered."""
    return (*FESTIVALS, *REGIONAL_FESTIVALS)
