"""The web side for a WSGI server of the bank's own: `wenhou.wsgi:make_app()`. The scheduler runs beside it."""

from __future__ import annotations

from wenhou.logs import set_up_logging
from wenhou.running import open_parts
from wenhou.settings import load_settings
from wenhou.web import WSGI, build_web


def make_app() -> WSGI:
    """Console, callbacks and customers' pages; raises ConfigurationError with every problem of the settings."""
    settings = load_settings()
    set_up_logging(settings.log_level, settings.log_format)
    parts = open_parts(settings)
    return build_web(parts.context, parts.parsers, settings)
