"""Signing in: CRAM-MD5, PLAIN, LOGIN, XOAUTH2, each as one exchange of lines."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from typing import Final, Literal

from integrations.email_smtp.wire import Reply, WireLostError

Mechanism = Literal["plain", "login", "cram-md5", "xoauth2"]
Wanted = Literal["auto", "plain", "login", "cram-md5", "xoauth2"]
_BY_PREFERENCE: Final[tuple[Mechanism, ...]] = ("plain", "login", "cram-md5")
"""PLAIN first: the line is encrypted, and one exchange is enough. XOAUTH2 is asked for by name only."""
_CHALLENGE = 334
Ask = Callable[[bytes], Reply]


def choose(wanted: Wanted, offered: str) -> Mechanism | None:
    """The mechanism to use among those that the server names; None: there is none in common."""
    names = {name.lower() for name in offered.split()}
    if wanted != "auto":
        return wanted if wanted in names else None
    return next((name for name in _BY_PREFERENCE if name in names), None)


def say(mechanism: Mechanism, ask: Ask, user: str, secret: str) -> Reply:
    """The server's last word. Raises WireLostError when it does not keep to the mechanism."""
    match mechanism:
        case "plain":
            return ask(b"AUTH PLAIN " + _code(f"\0{user}\0{secret}"))
        case "login":
            reply = ask(b"AUTH LOGIN")
            for word in (user, secret):
                if reply.code != _CHALLENGE:
                    break
                reply = ask(_code(word))
            return reply
        case "cram-md5":
            reply = ask(b"AUTH CRAM-MD5")
            if reply.code != _CHALLENGE:
                return reply
            digest = hmac.new(secret.encode(), _decoded(reply.text), "md5").hexdigest()
            return ask(_code(f"{user} {digest}"))
        case "xoauth2":
            reply = ask(b"AUTH XOAUTH2 " + _code(f"user={user}\x01auth=Bearer {secret}\x01\x01"))
            return ask(b"") if reply.code == _CHALLENGE else reply  # the error, which an empty line answers


def _code(text: str) -> bytes:
    return base64.b64encode(text.encode())


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        raise WireLostError("garbled") from None
