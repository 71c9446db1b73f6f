"""Writes calls to a gateway as its description says: expressions filled in, digests made, headers signed."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from pydantic import JsonValue, SecretStr

from integrations.sms_http.expressions import digest, expand, expand_all, names_in, plain, write_time
from integrations.sms_http.request_form import BasicAuth, Call

_CONTENT_TYPES: Final = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
_CANONICAL: Final = "fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A call ready to be made. Its repr tells nothing: address, headers and body hold secrets and numbers."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None

    def __repr__(self) -> str:
        return f"Written({self.method})"


class CallWriter:
    """Writes one kind of call of one account; thread-safe."""

    def __init__(self, form: Call, keys: Mapping[str, SecretStr], zone: str) -> None:
        self.form = form
        self._keys = keys
        self.zone = ZoneInfo(zone)
        # A field whose expression holds a digest stands outside what the digest is made over.
        self._signed = {
            name: value
            for name, value in form.fields.items()
            if not any(used.startswith("digest:") for used in names_in([value]))
        }

    def write(self, values: Mapping[str, JsonValue], at: datetime) -> Written:
        """The call with these values at this instant; raises UnicodeError for what its charset does not hold."""
        return _Call(self, values, at).written()

    def now(self, at: datetime) -> dict[str, JsonValue]:
        """The values every call has."""
        form = self.form
        split = urlsplit(form.url)
        return {
            "ts": write_time(at, form.ts, self.zone),
            "nonce": secrets.token_hex(8),
            "date": format_datetime(at.astimezone(UTC), usegmt=True),
            "method": form.method,
            "path": split.path or "/",
            "body": "",
            "query": "",
        }

    def key(self, name: str) -> str:
        """A secret in clear."""
        return self._keys[name].get_secret_value()

    @property
    def signed(self) -> Mapping[str, JsonValue]:
        """The fields that canonical forms are made of."""
        return self._signed


class _Call:
    """One call on its way. The body is built before the query, and both before the headers, which may sign them."""

    def __init__(self, writer: CallWriter, values: Mapping[str, JsonValue], at: datetime) -> None:
        self._writer = writer
        self._form = writer.form
        self._values: dict[str, JsonValue] = {**writer.now(at), **values}

    def written(self) -> Written:
        form = self._form
        body = self._body()
        self._values["body"] = (body or b"").decode(form.charset)
        query = {name: expand(value, self._text) for name, value in form.query.items()}
        if form.body == "query":
            query |= {name: plain(expand_all(value, self._value)) for name, value in form.fields.items()}
        encoded = urlencode(query, encoding=form.charset, quote_via=quote)
        self._values["query"] = encoded
        joint = "&" if "?" in form.url else "?"
        url = form.url + (joint + encoded if encoded else "")
        return Written(method=form.method, url=url, headers=self._headers(), body=body)

    def _headers(self) -> dict[str, str]:
        form = self._form
        kind = _CONTENT_TYPES.get(form.body)
        headers = {"Content-Type": f"{kind}; charset={form.charset}"} if kind else {}
        if isinstance(form.auth, BasicAuth):
            pair = f"{form.auth.user}:{self._writer.key(form.auth.key)}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        elif form.auth is not None:
            headers[form.auth.header] = form.auth.scheme + self._writer.key(form.auth.key)
        return headers | {name: expand(value, self._text) for name, value in form.headers.items()}

    def _body(self) -> bytes | None:
        form = self._form
        if form.body == "query":
            return None
        fields = expand_all(form.fields, self._value)
        if form.body == "json":
            return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode(form.charset)
        flat = {name: plain(value) for name, value in fields.items()} if isinstance(fields, dict) else {}
        return urlencode(flat, encoding=form.charset).encode("ascii")

    def _text(self, name: str) -> str:
        return plain(self._value(name))

    def _value(self, name: str) -> JsonValue:
        kind, _, which = name.partition(":")
        if kind == "secret":
            return self._writer.key(which)
        if kind == "digest":
            return self._digest(which)
        if kind == _CANONICAL and which:
            return self._canonical(which)
        return self._values[name]

    def _digest(self, which: str) -> str:
        recipe = self._form.digests[which]
        key = (self._writer.key(recipe.key) + recipe.key_suffix).encode() if recipe.key else None
        data = expand(recipe.over, self._text).encode(self._form.charset)
        return digest(recipe.algorithm, data, recipe.encoding, key)

    def _canonical(self, which: str) -> str:
        """The signed fields in the order of their names: `k=v&k=v` bare or percent-encoded, `kvkv`, or the values."""
        pairs = sorted(
            (name, plain(expand_all(value, self._value))) for name, value in self._writer.signed.items()
        )
        match which:
            case "sorted":
                return "&".join(f"{name}={value}" for name, value in pairs)
            case "encoded":
                return urlencode(pairs, safe="-_.~", encoding=self._form.charset, quote_via=quote)
            case "joined":
                return "".join(f"{name}{value}" for name, value in pairs)
            case _:
                return "".join(value for _, value in pairs)
