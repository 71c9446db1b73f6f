"""Everything providers and customers call, as one blueprint for the composition root to register."""

from __future__ import annotations

from flask import Blueprint

from webhooks.calendar_feed import make_calendar
from webhooks.customer_pages import make_pages
from webhooks.hooks import HookCounts, make_hooks
from wenhou.services.context import Context
from wenhou.services.intake import Parsers


def make_blueprint(parsers: Parsers, context: Context, *, counts: HookCounts | None = None) -> Blueprint:
    """`/hooks/…`, `/p/<token>` and `/f/<token>`. Exempt it from CSRF protection: signatures and tokens stand there."""
    blueprint = Blueprint("webhooks", __name__)
    blueprint.register_blueprint(make_hooks(parsers, context, counts))
    blueprint.register_blueprint(make_pages(context))
    blueprint.register_blueprint(make_calendar(context))
    return blueprint
