"""How what is not pushed is fetched: the calls of a poll, their cursors, and what confirms an item."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from integrations.sms_http.intake_form import Replies, Reports
from integrations.sms_http.parts import Body, Meaning, Part
from integrations.sms_http.request_form import Call

POLL_NAMES = frozenset({"page", "cursor", "since", "until"})
ACK_NAMES = POLL_NAMES | {"ids"}


class PollAnswer(Body):
    """How a poll's answer is read. `success` empty: what reads is right. `empty`: codes that say nothing is there.

    `codes`: as of a message's answer; what is in no table is a fault that passes.
    """

    code: str = "code"
    success: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    codes: dict[str, Meaning] = Field(default_factory=dict)


class Cursor(Part):
    """Where the next call goes on: the value at `path` of an answer, or of its last item (`of = "item"`).

    Kept while the process runs; after a start the poll begins at `start`, and what it brings again is known.
    """

    path: str
    of: Literal["answer", "item"] = "answer"
    start: str = "0"


class Ack(Call):
    """The call that tells the gateway what we have stored: `{ids}` are the values at `id` of the items."""

    id: str
    separator: str = ","


class Fetch(Call):
    """One kind of thing that is fetched. `array`, `when` and the rest of how an item reads stand in its section.

    `overlap_minutes`: how far before the last call `{since}` lies, for platforms that ask for a span of time;
    `look_back_hours`: how far back the first call after a start looks.
    `deletes_on_read`: the gateway forgets what it has told, so what a kill takes before it is stored is lost.
    """

    answer: PollAnswer = PollAnswer()
    cursor: Cursor | None = None
    ack: Ack | None = None
    overlap_minutes: int = Field(default=10, ge=0, le=1440)
    look_back_hours: int = Field(default=24, ge=1, le=168)
    deletes_on_read: bool = False


class FetchReceipts(Fetch):
    """Receipts that are fetched."""

    items: Reports


class FetchReplies(Fetch):
    """Replies that are fetched."""

    items: Replies


class Poll(Part):
    """What is fetched, how often, how many at a time (`{page}`); a full page is followed by the next at once."""

    receipts: FetchReceipts | None = None
    replies: FetchReplies | None = None
    every_seconds: float = Field(default=30, ge=0.05, le=3600)
    page: int = Field(default=200, ge=1, le=10_000)

    @model_validator(mode="after")
    def _fetches_something(self) -> Poll:
        if self.receipts is None and self.replies is None:
            msg = "a poll fetches `receipts`, `replies` or both"
            raise ValueError(msg)
        return self

    def fetches(self) -> tuple[Fetch, ...]:
        """Those that are described."""
        return tuple(one for one in (self.receipts, self.replies) if one is not None)
