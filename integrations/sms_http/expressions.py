"""Expressions of a gateway profile: texts with `{name}`, values found by dotted paths, digests and times."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

_MAINLAND = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
_NAME = re.compile(r"\{([a-z_0-9]+(?::[A-Za-z_0-9]+)?)\}")


def names_in(values: Iterable[JsonValue | dict[str, str]]) -> set[str]:
    """Every name that the expressions in these (nested) values use."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, str):
            found |= set(_NAME.findall(value))
        elif isinstance(value, dict):
            found |= names_in(list(value.values()))
        elif isinstance(value, list):
            found |= names_in(value)
    return found


def expand(expression: str, look_up: Callable[[str], str]) -> str:
    """The text with every `{name}` replaced once; what a value contains is never expanded again."""
    return _NAME.sub(lambda match: look_up(match[1]), expression)


def expand_all(value: JsonValue, look_up: Callable[[str], JsonValue]) -> JsonValue:
    """The same for every text inside nested lists and mappings; a text that is one name alone becomes its very value."""
    if isinstance(value, str):
        only = _NAME.fullmatch(value)
        return look_up(only[1]) if only else expand(value, lambda name: plain(look_up(name)))
    if isinstance(value, list):
        return [expand_all(item, look_up) for item in value]
    if isinstance(value, dict):
        return {key: expand_all(item, look_up) for key, item in value.items()}
    return value


def find_path(document: JsonValue, path: str) -> JsonValue:
    """The value at a dotted path (`data.0.code`), or None; the empty path is the document itself."""
    for step in path.split(".") if path else ():
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        elif step == "0" and isinstance(document, dict):
            continue  # XML tells a list of one as the one itself
        else:
            return None
    return document


def as_text(value: JsonValue) -> str | None:
    """A scalar as text (`0`, `true`), None for nothing and for what has parts."""
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def plain(value: JsonValue) -> str:
    """Any value as text: scalars as `as_text` says, what has parts as compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return as_text(value) or ""


def digest(algorithm: str, data: bytes, encoding: str, key: bytes | None = None) -> str:
    """The digest, or with a key the HMAC, in `hex`, `HEX` or `base64`."""
    name = algorithm.removeprefix("hmac-")
    raw = hashlib.new(name, data).digest() if key is None else hmac.new(key, data, name).digest()
    if encoding == "base64":
        return base64.b64encode(raw).decode()
    return raw.hex().upper() if encoding == "HEX" else raw.hex()


def write_time(at: datetime, form: str, zone: ZoneInfo) -> str:
    """An instant as a gateway wants it: `epoch`, `epoch_ms`, `iso` or a strftime form in `zone`."""
    if form == "epoch":
        return str(int(at.timestamp()))
    if form == "epoch_ms":
        return str(int(at.timestamp() * 1000))
    local = at.astimezone(zone)
    return local.isoformat() if form == "iso" else local.strftime(form)


def read_time(value: str, form: str, zone: ZoneInfo) -> datetime:
    """The instant, aware UTC, zoneless times in `zone`; raises ValueError for what does not fit."""
    if form in {"epoch", "epoch_ms"}:
        return datetime.fromtimestamp(int(value) / (1000 if form == "epoch_ms" else 1), UTC)
    read = datetime.fromisoformat(value) if form == "iso" else datetime.strptime(value, form)  # noqa: DTZ007 - below
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def to_e164(phone: str) -> str:
    """A mainland mobile in any of the spellings gateways use as +86…; any other number as given."""
    match = _MAINLAND.fullmatch(phone.strip())
    return f"+86{match[1]}" if match else phone.strip()


def spell(phone: str, form: str) -> str:
    """E.164, without the plus (`86…`), or a mainland number in its national form (others keep the country code)."""
    if form == "e164":
        return phone
    if form == "national" and phone.startswith("+86"):
        return phone.removeprefix("+86")
    return phone.removeprefix("+")
