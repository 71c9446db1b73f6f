"""What the composition root tells the console: secret, cookies, and what a demo or an extension adds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import Blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """Somebody a visitor of the demo signs in as with one click. Never given in production."""

    user_id: uuid.UUID
    name: str
    role_zh: str
    role_en: str
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraLink:
    """A further entry of the navigation; `icon` names one of console/pages/_icons.html."""

    href: str
    zh: str
    en: str
    icon: str = "spark"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ConsoleSettings:
    """`secret_key` signs sessions; `secure_cookies` False only over plain HTTP on loopback."""

    secret_key: bytes
    secure_cookies: bool = True
    demo_accounts: tuple[DemoAccount, ...] = ()
    extra_links: tuple[ExtraLink, ...] = ()
    extra_blueprints: tuple[Blueprint, ...] = ()
    bank_name: str = "江城银行"
    is_preparing: bool = False
    """The demo's people are still being made: the sign-in says so and looks again by itself."""
