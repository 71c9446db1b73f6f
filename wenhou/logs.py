"""Logging: one structured line an event on the error output; ids only, and one redactor that trusts nobody.

Our code logs stable event names with ids. Should a number or an address slip into a line all the same, by an
exception's text for one, the redactor takes it out.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
from structlog.types import EventDict, Processor

_PRIVATE = (
    re.compile(r"(?<![0-9A-Za-z-])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"),  # mobile numbers
    re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),  # mail addresses
    re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"),  # identity card numbers
    re.compile(r"\bo[\w-]{27}\b"),  # openids
    re.compile(r"(?s)DETAIL:.*?(?=\n\[SQL|\n\n|\Z)"),  # PostgreSQL quotes the row that failed, names and all
)
_MASK = "***"
_QUIET = ("apscheduler", "waitress.queue", "urllib3", "alembic", "werkzeug")


def set_up_logging(level: str = "WARNING", form: str = "auto") -> None:
    """Send structlog and the standard library's loggers to the error output in one form (json, text, auto)."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    last: Processor = (
        structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Take out of a log line whatever looks like a number or an address of a person."""
    return {name: _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        for pattern in _PRIVATE:
            value = pattern.sub(_MASK, value)
        return value
    if isinstance(value, dict):
        return {name: _clean(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value
