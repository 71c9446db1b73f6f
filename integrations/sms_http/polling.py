"""Fetches receipts and replies from a gateway that does not push: page by page, stored before they are confirmed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from integrations.http_edge import HTTP_TOO_MANY, HTTP_UNAVAILABLE, Answer, retry_hint
from integrations.sms_http.documents import read_document
from integrations.sms_http.expressions import as_text, find_path, plain, write_time
from integrations.sms_http.parser import FETCHED_REPLY, FETCHED_REPORT, items_of
from integrations.sms_http.poll_form import Fetch, FetchReceipts, FetchReplies, PollAnswer
from integrations.sms_http.profile import SmsHttpSettings
from integrations.sms_http.sender import open_edge
from integrations.sms_http.writing import CallWriter
from wenhou.core.clock import Clock, SystemClock
from wenhou.core.errors import ChannelFaultError, TransientSendError

Deliver = Callable[[Sequence[bytes]], None]

MOST_PAGES: Final = 1000
"""Pages fetched in one go: a gateway that says "more" for ever is looked at again after the pause."""
_REFUSES_ACCOUNT: Final = frozenset({401, 403, 404, 405, 407})
_SUCCESS: Final = range(200, 300)

log = logging.getLogger(__name__)


class SmsHttpPoll:
    """See `wenhou.core.channels.Listener`. A queue that deletes on read is stored page by page before anything else."""

    provider = "sms_http"

    def __init__(self, settings: SmsHttpSettings, *, clock: Clock | None = None) -> None:
        if settings.poll is None:
            msg = "the account has no poll"
            raise ValueError(msg)
        self.account = settings.account
        self._poll = settings.poll
        self._edge = open_edge(settings)
        clock = clock or SystemClock()
        self._fetches = [_Fetching(fetch, settings, clock) for fetch in settings.poll.fetches()]

    def listen(self, deliver: Deliver, stop: Callable[[float], bool]) -> None:
        """Fetch until told to stop; raises SendError when the gateway does not answer as described."""
        while True:
            for fetching in self._fetches:
                for _ in range(MOST_PAGES):
                    if not fetching.fetch_page(self._edge.call, deliver) or stop(0):
                        break
            if stop(self._poll.every_seconds):
                return

    def close(self) -> None:
        """Give back connections."""
        self._edge.close()


class _Fetching:
    """One kind of thing that is fetched, and where it stands."""

    def __init__(self, fetch: Fetch, settings: SmsHttpSettings, clock: Clock) -> None:
        if settings.poll is None or not isinstance(fetch, FetchReceipts | FetchReplies):
            msg = "a poll fetches receipts or replies"
            raise TypeError(msg)
        self._fetch = fetch
        self._kind = FETCHED_REPORT if isinstance(fetch, FetchReceipts) else FETCHED_REPLY
        self._account = settings.account
        self._page = settings.poll.page
        self._clock = clock
        self._writer = CallWriter(fetch, settings.secrets, settings.zone)
        self._ack = CallWriter(fetch.ack, settings.secrets, settings.zone) if fetch.ack else None
        self._cursor = fetch.cursor.start if fetch.cursor else ""
        self._since: datetime | None = None

    def fetch_page(self, call: Callable[..., Answer], deliver: Deliver) -> bool:
        """One page: asked for, stored, confirmed, and only then the cursor moved. Whether more may be there."""
        began = self._clock.real()
        values = self._values(began)
        written = self._writer.write(values, began)
        answer = call(written.method, written.url, headers=written.headers, body=written.body)
        document = _read(answer, self._fetch.answer, self._fetch.charset)
        items = items_of(self._kind, self._fetch.items, document) if document is not None else []
        if items:
            deliver(items)
        self._confirm(call, values, document)
        moved = self._move(document)
        is_full = len(items) >= self._page
        if self._fetch.cursor is None and self._asks_by_time():
            if (
                is_full
            ):  # what did not fit into it would be passed over: the span stays, and operations are told
                log.error("sms_http.poll_page_full", extra={"account": self._account})
            else:
                self._since = began
            return False
        if not (is_full and moved):
            self._since = began
        # A page that came again although we asked on from its end is no further page.
        return is_full and (self._fetch.cursor is None or moved)

    def _asks_by_time(self) -> bool:
        return bool(self._fetch.names() & {"since", "until"})

    def _values(self, now: datetime) -> dict[str, JsonValue]:
        overlap = timedelta(minutes=self._fetch.overlap_minutes)
        first = now - timedelta(hours=self._fetch.look_back_hours)
        since = first if self._since is None else self._since - overlap
        return {
            "page": self._page,
            "cursor": self._cursor,
            "since": write_time(since, self._fetch.ts, self._writer.zone),
            "until": write_time(now, self._fetch.ts, self._writer.zone),
        }

    def _found(self, document: JsonValue) -> list[JsonValue]:
        array = self._fetch.items.array
        found = document if array is None else find_path(document, array)
        return found if isinstance(found, list) else [] if found in (None, "") else [found]

    def _confirm(
        self, call: Callable[..., Answer], values: dict[str, JsonValue], document: JsonValue
    ) -> None:
        """Tell the gateway what is stored. What it does not hear it tells again, and the store knows it."""
        form = self._fetch.ack
        if form is None or self._ack is None or document is None:
            return
        ids = [found for item in self._found(document) if (found := as_text(find_path(item, form.id)))]
        if not ids:
            return
        listed: JsonValue = list(ids) if form.body == "json" else form.separator.join(ids)
        written = self._ack.write({**values, "ids": listed}, self._clock.real())
        answer = call(written.method, written.url, headers=written.headers, body=written.body)
        if answer.status not in _SUCCESS:
            raise _refusal(answer)

    def _move(self, document: JsonValue) -> bool:
        """Go on from where this page ended; whether the cursor changed."""
        cursor = self._fetch.cursor
        if cursor is None or document is None:
            return False
        at: JsonValue = document
        if cursor.of == "item":
            found = self._found(document)
            at = found[-1] if found else None
        value = plain(find_path(at, cursor.path))
        if not value or value == self._cursor:
            return False
        self._cursor = value
        return True


def _read(answer: Answer, form: PollAnswer, charset: str) -> JsonValue:
    """What was fetched, None where the gateway says that nothing is there; raises SendError."""
    if answer.status not in _SUCCESS:
        raise _refusal(answer)
    if not answer.body.strip():
        return None
    try:
        document = read_document(answer.body, form, charset)
    except ValueError:
        msg = "the gateway's answer to a poll cannot be read"
        raise TransientSendError(msg, provider_code="answer_invalid") from None
    code = as_text(find_path(document, form.code))
    if code is not None and code in form.empty:
        return None
    if not form.success or code in form.success:
        return document
    meaning = form.codes.get(code or "")
    if meaning is not None and meaning.outcome == "channel_fault":
        raise ChannelFaultError(meaning.reason or "gateway_refuses_account", provider_code=code or "")
    msg = "the gateway refused a poll"
    raise TransientSendError(msg, provider_code=(code or "answer_invalid")[:80])


def _refusal(answer: Answer) -> TransientSendError | ChannelFaultError:
    code = f"http_{answer.status}"
    if answer.status in _REFUSES_ACCOUNT:
        return ChannelFaultError("gateway_refuses_account", provider_code=code)
    hint = retry_hint(answer) if answer.status in {HTTP_TOO_MANY, HTTP_UNAVAILABLE} else None
    return TransientSendError("the gateway refused a poll", provider_code=code, retry=hint)


def open_polls(settings: SmsHttpSettings) -> Sequence[SmsHttpPoll]:
    """The account's polls: one thread asks for everything, in turn; none where all is pushed."""
    return (SmsHttpPoll(settings),) if settings.poll is not None else ()
