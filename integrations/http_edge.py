"""The one way HTTP leaves Wenhou: pooled, timed, without redirects, proxies or talkative exceptions.

What matters most is to know whether a request may have left. A failure while connecting is certain (nothing
was sent: TransientSendError); any later one is not (UnknownOutcomeError). `requests` raises the same
exceptions for both, so the connection classes below mark the first kind themselves.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from wenhou.core.errors import (
    ChannelFaultError,
    RetryHint,
    SendError,
    TransientSendError,
    UnknownOutcomeError,
)

MAX_ANSWER_BYTES = 1 << 20
HTTP_TOO_MANY, HTTP_UNAVAILABLE = 429, 503

# urllib3 writes every path with its query at DEBUG: numbers, tokens and digests would stand in the log.
logging.getLogger("urllib3").setLevel(logging.WARNING)


class _NotSentError(Exception):
    """Connecting failed, so no byte of the request left; not an OSError, so that urllib3 lets it pass unchanged."""


class _Connection(HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:
            raise _NotSentError from error


class _TlsConnection(HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:
            raise _NotSentError from error


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    """No retries of any kind: adapters never retry (ADR 0002)."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **extra: Any) -> None:  # noqa: FBT001, FBT002 - the overridden signature
        super().init_poolmanager(connections, maxsize, block, **extra)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; `headers` have lower-case names. Its repr tells nothing of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Answer(status={self.status}, {len(self.body)} bytes)"


class HttpEdge:
    """A pool of connections to a provider; thread-safe; both time-outs are mandatory, in seconds."""

    def __init__(
        self,
        *,
        connect_seconds: float,
        read_seconds: float,
        pool_size: int,
        verify: bool | str = True,
        certificate: tuple[str, str] | None = None,
    ) -> None:
        if not all(0 < seconds < float("inf") for seconds in (connect_seconds, read_seconds)):
            msg = "connect_seconds and read_seconds are finite numbers of seconds above 0"
            raise ValueError(msg)
        self._timeout = (connect_seconds, read_seconds)
        self._verify = verify
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cert = certificate
        self._session.headers.clear()
        adapter = _Adapter(pool_connections=4, pool_maxsize=pool_size, max_retries=0, pool_block=False)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def call(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """One request. Raises TransientSendError (never left), ChannelFaultError (certificate), UnknownOutcomeError."""
        answer = self._attempt(method, url, headers, body)
        if isinstance(answer, SendError):
            raise answer  # outside any `except`: the library's exception, which holds the address, is not attached
        return answer

    def _attempt(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer | SendError:
        deadline = time.monotonic() + sum(self._timeout)
        try:
            with self._session.request(
                method,
                url,
                headers={"User-Agent": "wenhou", **headers},
                data=body,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
                verify=self._verify,
            ) as response:
                read = _read(response, deadline)
                if read is None:
                    return UnknownOutcomeError(
                        "the provider's answer did not end in time", provider_code="timeout"
                    )
                lower = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status_code, headers=lower, body=read)
        except _NotSentError as error:
            return _not_sent(error.__cause__)
        except requests.exceptions.Timeout:
            return UnknownOutcomeError("the provider did not answer in time", provider_code="timeout")
        except (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidHeader,
            requests.exceptions.MissingSchema,
        ):
            return ChannelFaultError(
                "the request could not be built from the settings", provider_code="bad_request"
            )
        except (requests.exceptions.RequestException, OSError, ValueError):
            return UnknownOutcomeError(
                "the connection broke before an answer came", provider_code="no_answer"
            )

    def close(self) -> None:
        """Give back every connection."""
        self._session.close()


def _read(response: requests.Response, deadline: float) -> bytes | None:
    """The body up to MAX_ANSWER_BYTES, or None when it drips beyond the deadline."""
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(65_536):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            break
        if time.monotonic() > deadline:
            return None
    return b"".join(chunks)[:MAX_ANSWER_BYTES]


def _not_sent(cause: BaseException | None) -> SendError:
    """A certificate that does not verify is a fault of the account's settings; everything else may pass by itself."""
    seen: BaseException | None = cause
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return ChannelFaultError("the provider's certificate does not verify", provider_code="tls")
        seen = seen.__cause__ or seen.__context__
    return TransientSendError("the provider cannot be reached", provider_code="unreachable")


def retry_hint(answer: Answer) -> RetryHint:
    """What `Retry-After` says: seconds or an HTTP date; empty when it says nothing usable."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return RetryHint(after=timedelta(seconds=min(int(value), 86_400)))
    try:
        at = parsedate_to_datetime(value) if value else None
    except (ValueError, TypeError, OverflowError):
        at = None
    if at is None:
        return RetryHint()
    return RetryHint(at=at if at.tzinfo else at.replace(tzinfo=UTC))  # "-0000" says UTC, and nothing of where
