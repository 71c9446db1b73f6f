"""`/hooks/<provider>/<account>`: verify, store raw, acknowledge in milliseconds; applying is somebody else's turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import structlog
from flask import Blueprint, Response, request

from store.callbacks import Arrival
from wenhou.core.channels import CallbackAnswer, CallbackParser, RawCallback
from wenhou.core.errors import PayloadInvalid, SignatureInvalid
from wenhou.services import intake
from wenhou.services.context import Context
from wenhou.services.intake import Parsers

LARGEST_BODY = 1024 * 1024
_TEXT = "text/plain; charset=utf-8"

log = structlog.get_logger(__name__)


@runtime_checkable
class Greeting(Protocol):
    """A parser whose platform first asks whether we are who it thinks (WeChat's echostr), by a verified GET."""

    def greet(self, callback: RawCallback) -> CallbackAnswer:
        """What proves that we hold the account's secret."""
        ...


class HookCounts:
    """How callbacks were answered, by (provider, account, answer): for metrics. Thread-safe enough for counting."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str, int]] = Counter()

    def note(self, parser: CallbackParser, status: int) -> None:
        """Count one answer."""
        self.answers[parser.provider, parser.account, status] += 1


def make_hooks(parsers: Parsers, context: Context, counts: HookCounts | None = None) -> Blueprint:
    """The blueprint of all accounts' hooks. Exempt it from CSRF protection: callers prove themselves by signature."""
    blueprint = Blueprint("hooks", __name__)
    kept = counts or HookCounts()

    def take(provider: str, account: str, token: str = "") -> Response:  # noqa: ARG001 - the parser reads the path
        parser = parsers.get((provider, account))
        if parser is None:
            return _plain("not found", 404)
        request.max_content_length = getattr(parser, "largest_body", LARGEST_BODY)
        answer = _take(parser, context)
        kept.note(parser, answer.status_code)
        return answer

    blueprint.add_url_rule("/hooks/<provider>/<account>", "take", take, methods=["GET", "POST"])
    # Gateways that cannot sign prove themselves by an unguessable last part of the path.
    blueprint.add_url_rule("/hooks/<provider>/<account>/<token>", "take", take, methods=["GET", "POST"])
    return blueprint


def _take(parser: CallbackParser, context: Context) -> Response:
    callback = _read(context.clock.real())
    try:
        parser.verify(callback)
    except SignatureInvalid:
        # Nothing of it is stored: who cannot sign must not be able to fill the disk either.
        log.warning(
            "callback_refused", provider=parser.provider, account=parser.account, size=len(callback.body)
        )
        return _plain("signature invalid", 401)
    if callback.method == "GET" and isinstance(parser, Greeting):
        return _said(parser.greet(callback))
    try:
        items: Sequence[bytes] = parser.split(callback)
    except PayloadInvalid as error:
        _store(parser, context, callback, [callback.body], failed_because=error.code)
        return _plain("payload invalid", 400)
    if _store(parser, context, callback, items):
        context.submit("callbacks")
    return _said(parser.answer())


def _store(
    parser: CallbackParser,
    context: Context,
    callback: RawCallback,
    items: Sequence[bytes],
    failed_because: str | None = None,
) -> int:
    arrival = Arrival(
        provider=parser.provider,
        account=parser.account,
        received_at=callback.received_at,
        failed_because=failed_because,
    )
    return intake.take_in(context, arrival, items) if items else 0


def _read(at: datetime) -> RawCallback:
    return RawCallback(
        method=request.method,
        path=request.path,
        query=request.args.to_dict(),
        headers={name.lower(): value for name, value in request.headers},
        body=request.get_data(cache=False),
        remote=request.remote_addr or "",
        received_at=at,
        raw_query=request.query_string,
    )


def _said(answer: CallbackAnswer) -> Response:
    return Response(answer.body, status=answer.status, content_type=answer.content_type)


def _plain(words: str, status: int) -> Response:
    return Response(words, status=status, content_type=_TEXT)
