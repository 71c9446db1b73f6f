"""Signed links for customers: they name a customer or a message and nothing else, and open nothing when altered."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from store.vault import Vault
from wenhou.core.purposes import Purpose
from wenhou.services.context import Context

_PREFERENCES, _RATING = "wenhou.preferences", "wenhou.rating"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesLink:
    """Whose preferences a link opens; `purpose` is what one click stops (a mail's own), None: all but service."""

    customer_id: uuid.UUID
    purpose: Purpose | None


def preferences_url(context: Context, customer_id: uuid.UUID, purpose: Purpose | None = None) -> str:
    """`/p/<token>`: the preferences page, and the RFC 8058 target of a mail's List-Unsubscribe."""
    value = [_short(customer_id), purpose.value if purpose else ""]
    return f"{context.bank.public_url}/p/{_serializer(context.vault, _PREFERENCES).dumps(value)}"


def rating_url(context: Context, message_id: uuid.UUID) -> str:
    """`/f/<token>`: rating in one tap what a message asked."""
    return f"{context.bank.public_url}/f/{_serializer(context.vault, _RATING).dumps(_short(message_id))}"


def read_preferences(vault: Vault, token: str) -> PreferencesLink | None:
    """What a preferences token says; None when we did not make it."""
    try:
        short, purpose = _serializer(vault, _PREFERENCES).loads(token)
        return PreferencesLink(customer_id=_long(short), purpose=Purpose(purpose) if purpose else None)
    except (BadSignature, ValueError, TypeError):
        return None


def read_rating(vault: Vault, token: str) -> uuid.UUID | None:
    """The message a rating token names; None when we did not make it."""
    try:
        return _long(_serializer(vault, _RATING).loads(token))
    except (BadSignature, ValueError, TypeError):
        return None


def _serializer(vault: Vault, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(vault.token_key, salt=salt)


def _short(identifier: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(identifier.bytes).decode().rstrip("=")


def _long(short: str) -> uuid.UUID:
    return uuid.UUID(bytes=base64.urlsafe_b64decode(short + "=="))
