"""The simulated phones of an installation that uses the simulator; made through the composition root."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wenhou.bootstrap import make_simulator, simulated_accounts
from wenhou.core.clock import Clock
from wenhou.settings import Settings
from wenhou.web import WSGI


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """The application to mount, and what ends its reports."""

    app: WSGI
    close: Callable[[], None]


def open_phones(
    settings: Settings,
    clock: Clock,
    people: Callable[[], Sequence[tuple[str, dict[str, str]]]] = tuple,
) -> Phones | None:
    """None in production and where no account is simulated here. `people`: name and address by channel."""
    secrets = simulated_accounts(settings)
    if settings.is_production or not secrets:
        return None
    app, close = make_simulator(settings, clock, secrets, people)
    return Phones(app=app, close=close)
