"""The bank's rules as a document: read from YAML with file and line, written back so that it reads the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, available_timezones

from wenhou.core.calendars.carrier_times import Congestion
from wenhou.core.calendars.festivals import FESTIVALS
from wenhou.core.calendars.regional import REGIONAL_FESTIVALS
from wenhou.core.errors import InputError
from wenhou.core.policy.rules import PERIODS, Cap, CareRatio, Policy
from wenhou.core.policy.windows import Window
from wenhou.core.purposes import Purpose
from wenhou.services.text_files import read_text
from wenhou.services.yaml_reading import YamlReader, load_documents, plain

FIELDS = (
    "windows",
    "zones",
    "caps",
    "care_per_address_and_day",
    "care_ratio",
    "case_rest_days",
    "care_after_cure_days",
    "ask_calendar_until",
    "senior_max_risk",
    "never_held_out_tiers",
    "congestion",
    "campaigns_need_opinion",
)
_WINDOW = ("opens", "closes", "workdays_only", "not_on")
_CAP = ("name", "purposes", "days", "period", "most")
_PURPOSES = tuple(str(purpose) for purpose in Purpose)
_HOUR = 60


class _Reader(YamlReader):
    """Names the place inside the document in each complaint: line numbers are lost once it is stored."""

    place = ""

    def fail(self, parent: Any, name: Any, sentence: str) -> NoReturn:
        super().fail(parent, name, f"{self.place}: {sentence}" if self.place else sentence)


def read_policy(path: Path) -> dict[str, Any]:
    """A policy document (YAML), checked; InputError names file, line, field and what would be right."""
    documents = load_documents(read_text(path), str(path))
    if len(documents) != 1 or not isinstance(documents[0], Mapping) or not documents[0]:
        raise InputError("one document that starts with `windows:` or `caps:`", file=str(path))
    policy_from_document(documents[0], file=str(path))
    found: dict[str, Any] = plain(documents[0])
    return found


def policy_from_document(document: Mapping[str, Any], *, number: int = 0, file: str = "policy") -> Policy:
    """The rules a document stands for; what it leaves out is as shipped. InputError says what is wrong."""
    reader, default = _Reader(file), Policy()
    reader.known(document, FIELDS)
    minutes, spread = _congestion(reader, document)
    return Policy(
        number=number,
        windows={**default.windows, **_windows(reader, document, "windows")},
        zone_windows=_zones(reader, document),
        caps=(_caps(reader, document) if "caps" in document else ()) or default.caps,
        care_per_address_and_day=reader.number(
            document, "care_per_address_and_day", default.care_per_address_and_day, least=0, most=100
        ),
        care_ratio=_ratio(reader, document, default.care_ratio),
        case_rest_days=reader.number(document, "case_rest_days", default.case_rest_days, least=0, most=365),
        care_after_cure_days=reader.number(
            document, "care_after_cure_days", default.care_after_cure_days, least=0, most=3650
        ),
        ask_calendar_until=reader.number(
            document, "ask_calendar_until", default.ask_calendar_until, least=1900, most=2100
        ),
        senior_max_risk=reader.number(document, "senior_max_risk", default.senior_max_risk, least=0, most=5),
        never_held_out_tiers=_tiers(reader, document, default.never_held_out_tiers),
        congestion=minutes,
        spread_minutes=default.spread_minutes if spread is None else spread,
        campaigns_need_opinion=reader.truth(
            document, "campaigns_need_opinion", default=default.campaigns_need_opinion
        ),
    )


def document_of(policy: Policy) -> dict[str, Any]:
    """The document that stands for these rules: `policy_from_document` gives them back."""
    return {
        "windows": {str(purpose): _window_document(one) for purpose, one in policy.windows.items()},
        "zones": {
            zone: {str(purpose): _window_document(one) for purpose, one in windows.items()}
            for zone, windows in policy.zone_windows.items()
        },
        "caps": [_cap_document(cap) for cap in policy.caps],
        "care_per_address_and_day": policy.care_per_address_and_day,
        "care_ratio": (
            {"days": policy.care_ratio.days, "non_sales": policy.care_ratio.non_sales}
            if policy.care_ratio
            else False
        ),
        "case_rest_days": policy.case_rest_days,
        "care_after_cure_days": policy.care_after_cure_days,
        "ask_calendar_until": policy.ask_calendar_until,
        "senior_max_risk": policy.senior_max_risk,
        "never_held_out_tiers": sorted(policy.never_held_out_tiers),
        "congestion": {
            "minutes": sorted({minute for one in policy.congestion for minute in one.minutes}),
            "width": max((one.width for one in policy.congestion), default=0),
            "spread_minutes": policy.spread_minutes,
        },
        "campaigns_need_opinion": policy.campaigns_need_opinion,
    }


def _windows(reader: _Reader, top: Mapping[str, Any], name: str) -> dict[Purpose, Window]:
    if name not in top:
        return {}
    reader.place = ""
    block = reader.mapping(top[name], name, parent=top, name=name)
    reader.known(block, _PURPOSES, f"{name}.")
    found = {Purpose(purpose): _window(reader, block, name, purpose) for purpose in block}
    reader.place = ""
    return found


def _window(reader: _Reader, block: Mapping[str, Any], name: str, purpose: str) -> Window:
    reader.place = f"{name}.{purpose}"
    spec = reader.mapping(block[purpose], purpose, parent=block, name=purpose)
    reader.known(spec, _WINDOW)
    not_on: tuple[str, ...] = ()
    if spec.get("not_on"):
        not_on = reader.words(spec, "not_on", (*FESTIVALS, *REGIONAL_FESTIVALS))
    return Window(
        opens=reader.time(spec, "opens"),
        closes=reader.time(spec, "closes"),
        workdays_only=reader.truth(spec, "workdays_only", default=False),
        not_on=not_on,
    )


def _zones(reader: _Reader, top: Mapping[str, Any]) -> dict[str, dict[Purpose, Window]]:
    if not top.get("zones"):
        return {}
    block = reader.mapping(top["zones"], "zones", parent=top, name="zones")
    reader.known(block, sorted(available_timezones()), "zones.")
    found: dict[str, dict[Purpose, Window]] = {}
    for zone in block:
        ZoneInfo(zone)
        found[zone] = _windows(reader, block, zone)
    return found


def _caps(reader: _Reader, top: Mapping[str, Any]) -> tuple[Cap, ...]:
    specs = top["caps"]
    if not isinstance(specs, list):
        reader.fail(top, "caps", "caps: give a list of {name, purposes, days or period, most}")
    caps = tuple(_cap(reader, specs, index) for index in range(len(specs)))
    reader.place = ""
    names = [cap.name for cap in caps]
    for index, name in enumerate(names):
        if name in names[:index]:
            reader.fail(specs, index, f"caps[{index}]: two caps are called {name}")
    return caps


def _cap(reader: _Reader, specs: Any, index: int) -> Cap:
    reader.place = f"caps[{index}]"
    spec = reader.mapping(specs[index], "a cap", parent=specs, name=index)
    reader.known(spec, _CAP)
    if ("days" in spec) == ("period" in spec):
        reader.fail(specs, index, f"give either days (rolling) or period ({', '.join(PERIODS)})")
    purposes = frozenset(Purpose(word) for word in reader.words(spec, "purposes", _PURPOSES))
    return Cap(
        name=reader.text(spec, "name", f"cap_{index + 1}"),
        purposes=purposes,
        days=reader.number(spec, "days", 1, least=1, most=366),
        period=reader.word(spec, "period", PERIODS) if "period" in spec else None,
        most=reader.number(spec, "most", least=0, most=1000),
    )


def _ratio(reader: _Reader, top: Mapping[str, Any], default: CareRatio | None) -> CareRatio | None:
    if "care_ratio" not in top:
        return default
    if top["care_ratio"] in (False, None):
        return None
    spec = reader.mapping(top["care_ratio"], "care_ratio", parent=top, name="care_ratio")
    reader.known(spec, ("days", "non_sales"), "care_ratio.")
    return CareRatio(
        days=reader.number(spec, "days", 90, least=1, most=366),
        non_sales=reader.number(spec, "non_sales", 3, least=0, most=100),
    )


def _tiers(reader: _Reader, top: Mapping[str, Any], default: frozenset[str]) -> frozenset[str]:
    if "never_held_out_tiers" not in top:
        return default
    words = top["never_held_out_tiers"]
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        reader.fail(
            top, "never_held_out_tiers", "never_held_out_tiers: give a list of the bank's tiers, or []"
        )
    return frozenset(words)


def _congestion(reader: _Reader, top: Mapping[str, Any]) -> tuple[tuple[Congestion, ...], int | None]:
    if not top.get("congestion"):
        return (), None
    spec = reader.mapping(top["congestion"], "congestion", parent=top, name="congestion")
    reader.known(spec, ("minutes", "width", "spread_minutes"), "congestion.")
    minutes = spec.get("minutes", [])
    if not isinstance(minutes, list) or not all(isinstance(one, int) and 0 <= one < _HOUR for one in minutes):
        reader.fail(spec, "minutes", "congestion.minutes: give a list of minutes from 0 to 59, or []")
    width = reader.number(spec, "width", 0, least=0, most=10)
    spread = reader.number(spec, "spread_minutes", 10, least=0, most=120)
    if not minutes:
        return (), spread
    crowd = Congestion(minutes=tuple(minutes), width=width)
    if len(crowd.avoided) >= _HOUR:
        reader.fail(spec, "minutes", "congestion: no minute of the hour is left")
    return (crowd,), spread


def _window_document(window: Window) -> dict[str, Any]:
    return {
        "opens": f"{window.opens:%H:%M}",
        "closes": f"{window.closes:%H:%M}",
        "workdays_only": window.workdays_only,
        **({"not_on": list(window.not_on)} if window.not_on else {}),
    }


def _cap_document(cap: Cap) -> dict[str, Any]:
    return {
        "name": cap.name,
        "purposes": sorted(str(purpose) for purpose in cap.purposes),
        **({"period": cap.period} if cap.period else {"days": cap.days}),
        "most": cap.most,
    }
