"""Signed requests over HTTP: a time stamp and an HMAC-SHA256 over it and the body, both ways.

The MAC covers account, time stamp and body, each on a line of its own, so that a request to one account is
worth nothing at another, and an old one nothing at all. Replay inside the window is the store's business
(unique keys of events).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from wenhou.core.channels import RawCallback
from wenhou.core.errors import SignatureInvalid

TIMESTAMP_HEADER = "x-wenhou-timestamp"
SIGNATURE_HEADER = "x-wenhou-signature"
FRESH_FOR = timedelta(minutes=5)


def signature(secret: str, account: str, timestamp: str, body: bytes) -> str:
    """The hexadecimal HMAC-SHA256 of one request."""
    signed = f"{account}\n{timestamp}\n".encode("utf-8", "replace") + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(secret: str, account: str, at: datetime, body: bytes) -> dict[str, str]:
    """The two headers of a request signed at wall time `at`."""
    timestamp = str(int(at.timestamp()))
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature(secret, account, timestamp, body)}


def verify_signed(
    callback: RawCallback, secret: str, account: str, *, fresh_for: timedelta = FRESH_FOR
) -> None:
    """Raise SignatureInvalid unless the request was signed with `secret` for `account` not long ago."""
    timestamp = callback.headers.get(TIMESTAMP_HEADER, "")
    given = callback.headers.get(SIGNATURE_HEADER, "")
    expected = signature(secret, account, timestamp, callback.body)
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass")):
        msg = "the callback's signature is missing or does not fit its body"
        raise SignatureInvalid(msg)
    require_fresh(timestamp, callback.received_at, fresh_for)


def require_fresh(timestamp: str, received_at: datetime, fresh_for: timedelta) -> None:
    """Raise SignatureInvalid when a signed epoch second is too far from the time of receipt, either way."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        msg = "the callback's time stamp is no epoch second"
        raise SignatureInvalid(msg)
    if abs(received_at - datetime.fromtimestamp(int(timestamp), UTC)) > fresh_for:
        msg = "the callback's time stamp is stale"
        raise SignatureInvalid(msg)
