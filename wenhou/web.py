"""The web side as one WSGI application: the console, what others call, the simulated phones where they are used.

What providers and customers call is an application of its own: no session, no CSRF token, nothing of the console.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, jsonify
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from console.app import create_console
from console.settings import ConsoleSettings, DemoAccount, ExtraLink
from store.database import is_alive
from webhooks.blueprint import make_blueprint
from wenhou.core.errors import WenhouError
from wenhou.services.context import Context
from wenhou.services.intake import Parsers
from wenhou.settings import Settings

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_LARGEST_BODY = 1024 * 1024
PUBLIC = ("hooks", "p", "f", "c", "healthz", "readyz")
"""First parts of the paths that need no sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What a demo adds to the console: people to sign in as with one click, links, pages."""

    accounts: tuple[DemoAccount, ...] = ()
    links: tuple[ExtraLink, ...] = ()
    blueprints: tuple[Blueprint, ...] = ()
    is_preparing: bool = False


def build_web(
    context: Context,
    parsers: Parsers,
    settings: Settings,
    *,
    additions: Additions | None = None,
    mounted: Mapping[str, WSGI] | None = None,
) -> WSGI:
    """`additions`: what the demo adds to the console. `mounted`: applications by prefix, which they do not see."""
    public: WSGI = make_public(context, parsers).wsgi_app
    console = create_console(context, console_settings(context, settings, additions or Additions()))
    routed = Router(console.wsgi_app, dict.fromkeys(PUBLIC, public))
    return DispatcherMiddleware(routed, dict(mounted or {})) if mounted else routed


def console_settings(context: Context, settings: Settings, additions: Additions) -> ConsoleSettings:
    """Sessions are signed with a key of the store's own; over https their cookie stays there."""
    return ConsoleSettings(
        secret_key=hmac.digest(context.vault.token_key, b"wenhou console sessions", "sha256"),
        secure_cookies=settings.links_url.startswith("https://"),
        demo_accounts=() if settings.is_production else additions.accounts,
        extra_links=additions.links,
        extra_blueprints=additions.blueprints,
        bank_name=settings.bank_name,
        is_preparing=additions.is_preparing and not settings.is_production,
    )


def make_public(context: Context, parsers: Parsers) -> Flask:
    """Callbacks, customers' pages, and whether we are alive and ready."""
    app = Flask("webhooks")
    app.url_map.merge_slashes = False  # a provider is never sent elsewhere: an address is right or unknown
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.register_blueprint(make_blueprint(parsers, context))

    @app.get("/healthz")
    def is_up() -> Response:
        return jsonify({"status": "ok"})

    @app.get("/readyz")
    def is_ready() -> tuple[Response, int]:
        return _readiness(context)

    return app


class Router:
    """Chooses an application by the first part of the path; the path stays whole."""

    def __init__(self, default: WSGI, parts: Mapping[str, WSGI]) -> None:
        self._default = default
        self._parts = dict(parts)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        first = str(environ.get("PATH_INFO", "/")).split("/", 2)[1:2]
        app = self._parts.get(first[0], self._default) if first else self._default
        return app(environ, start_response)


def _readiness(context: Context) -> tuple[Response, int]:
    try:
        ready = is_alive(context.db)
    except (WenhouError, OSError):
        ready = False
    except Exception:  # noqa: BLE001 - a driver's error of any kind means: not ready
        ready = False
    return jsonify({"status": "ready" if ready else "not ready"}), 200 if ready else 503
