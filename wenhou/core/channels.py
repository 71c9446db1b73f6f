"""The contract between the core and whoever carries a message: senders, outcomes, callbacks, provider events.

Adapters translate and nothing else: one batch into one call, each outcome into one of the five below, each callback
into provider events. They never retry, store or choose a status (ADR 0002). A channel is what the customer feels
(`sms`); a provider is who carries it (`sms_http`); an account is one set of credentials there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Protocol, runtime_checkable

from wenhou.core.errors import RetryHint
from wenhou.core.statuses import Receipt

WECHAT, WECOM, SMS, EMAIL = "wechat", "wecom", "sms", "email"
CHANNELS = (WECHAT, WECOM, SMS, EMAIL)
CHANNEL_NAMES = {
    WECHAT: ("微信", "WeChat"),
    WECOM: ("企业微信", "WeCom"),
    SMS: ("短信", "SMS"),
    EMAIL: ("邮件", "Email"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider's account can do and hear; the planner never plans what it cannot.

    `hears_replies`, `reports_delivery`, `reports_reads`: where False the fact is `unknown`, never `no` (DESIGN §7).
    `needs_tap`: hand-over makes a task that an advisor must confirm. `idempotent`: it honours our attempt id.
    `receipt_deadline_hours`: after it an open or unknown outcome is closed as unknown for good.
    `reply_window_hours`: so long after the customer's own words it takes free words; 0: at any time.
    `carries_filed_only`: the line sends nothing but texts filed with its provider; `allows_variables`: whether those may
    hold values of the customer's; `max_variable`: the longest value in characters, 0 where the line states none.
    `max_units` (UTF-16 units of an SMS), `max_parts`, `max_bytes` (UTF-8): the account's own lengths, 0 for those every
    line of its channel keeps to. `carries_images`: images ride in the message itself; a sender that is a MediaUploader
    is given them before. `quota_kinds`: limits of the platform whose figures the bank keeps (`wenhou quotas apply`).
    What each says to a person: `wenhou.core.channel_abilities`, which must know every field.
    """

    channel: str
    purposes: frozenset[str]
    batch_size: int = 1
    needs_tap: bool = False
    idempotent: bool = False
    hears_replies: bool = True
    reports_delivery: bool = True
    reports_reads: bool = False
    bounces_late: bool = False
    rate_per_second: float = 20.0
    calls_in_flight: int = 4
    receipt_deadline_hours: int = 72
    reply_window_hours: int = 0
    carries_filed_only: bool = False
    allows_variables: bool = True
    max_variable: int = 0
    max_units: int = 0
    max_parts: int = 0
    max_bytes: int = 0
    carries_images: bool = False
    quota_kinds: frozenset[str] = frozenset()
    hours: tuple[time, time] | None = None
    checks_signature: bool = False
    extension_digits: int = 0
    extension_ranges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the customer will read on one channel, complete: signature and opt-out line stand in `text`.

    `sender` is the signature of an SMS or the From display name of a mail. `parameters` belong to a provider's
    template or to the prepared mail skeleton named by `provider_template`. `media`: images that go with the words,
    each the digest of its bytes (`sha256:…`).
    """

    channel: str
    sender: str
    text: str
    subject: str | None = None
    html: str | None = None
    media: tuple[str, ...] = ()
    provider_template: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineImage:
    """An image that rides in the mail itself; the HTML names it `cid:<content_id>`."""

    digest: str
    mime: str
    body: bytes
    content_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """One message at the moment of hand-over.

    `attempt_id` is the idempotency key where a provider takes one. `reference` (≥ 80 random bits, base32) is what
    comes back in receipts and replies: Message-ID, VERP, `out_id`. `address` is E.164, a mail address or an openid.
    `media_ids`: what the provider calls each of the content's images, in their order, where it was given them before;
    `images`: the images themselves, where the message carries them. `extension`: the code after the line's number
    that replies to this very message come back to; empty where the line has none to give. `in_reply_to`: the id of the
    customer's mail that this one answers, without angle brackets (mail clients join the two); empty where there is none.
    """

    message_id: uuid.UUID
    attempt_id: uuid.UUID
    reference: str
    address: str
    display_name: str
    content: Content
    purpose: str
    deadline: datetime
    unsubscribe_url: str | None = None
    media_ids: tuple[str, ...] = ()
    images: tuple[InlineImage, ...] = ()
    extension: str = ""
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider took it. `provider_message_ids`: one per part where parts have their own."""

    provider_message_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCreated:
    """The provider made a task that a person must confirm; the message is not sent yet."""

    provider_task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transient:
    """Not accepted; may be tried again."""

    code: str
    retry: RetryHint = field(default_factory=RetryHint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permanent:
    """Not accepted, never will be. `suppress`: why the address must not be used again (`number_invalid`, `opted_out` …)."""

    code: str
    suppress: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFault:
    """The account is at fault, not the message: the account pauses with `reason`, the message stays."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The request left, no answer came or none that says anything of this message."""

    code: str = "no_answer"


Outcome = Accepted | TaskCreated | Transient | Permanent | ChannelFault | Unknown


class Sender(Protocol):
    """Hands messages over. An instance that exists is ready; thread-safe up to `capabilities.calls_in_flight`."""

    provider: str
    account: str
    capabilities: Capabilities

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        """One provider call for at most `capabilities.batch_size` messages: attempt id → outcome.

        An attempt missing in the answer counts as Unknown. Raises SendError when the call failed as a whole; any
        other exception counts as Unknown for the whole batch.
        """
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a look at an account found, without a word to any customer.

    `tried`: what was done, in operations' words (zh, en). `code`: of a fault, as in ChannelFault. `advice`: what to do
    about it (zh, en); empty where all is well.
    """

    ok: bool
    tried: tuple[str, str]
    code: str = ""
    advice: tuple[str, str] = ("", "")


@runtime_checkable
class Prober(Protocol):
    """A sender that can try its credentials and its way to the provider; `wenhou check` and paused accounts use it."""

    def probe(self) -> Probe:
        """One try with nothing sent to anybody; every failure is a Probe, nothing is raised."""
        ...


NOT_TRIED, PACED = "not_tried", "paced"
"""The codes of a Transient of which nothing was said to the provider: the call's time was over, or the recipient's
domain is written to no faster. Neither counts as a try; the hint says when."""
MEDIA_UNKNOWN = "media_unknown"
"""The code of a Transient whose provider no longer knows an image: it is given anew before the next try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedMedia:
    """What a provider calls an image it was given. `expires_at` None: for good."""

    provider_media_id: str
    expires_at: datetime | None = None


@runtime_checkable
class MediaUploader(Protocol):
    """A sender whose provider wants images before the messages that show them."""

    def upload(self, digest: str, mime: str, body: bytes) -> UploadedMedia:
        """Give the provider one image. Raises SendError; whatever it is, no message has left."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCallback:
    """A provider's request as it came. `headers` have lower-case names; `received_at` is wall time, UTC.

    `raw_query`: the query as it stood in the address, for values that are no UTF-8.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    remote: str
    received_at: datetime
    raw_query: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptEvent:
    """What became of a hand-over. Found by `reference` (ours) or `provider_message_id` (theirs).

    `definite`: the provider will not change its mind. `suppress`: as in Permanent; where the report is not definite
    (a code that may mean "no such number" as well as "switched off") it is a suspicion, believed on its second day.
    `cause`: why it did not arrive, a word of `wenhou.core.contact_quality.Cause`; None: the provider tells nothing.
    `part` of `parts`, from 1: where every part of a long text is reported by itself under one reference.
    """

    key: str
    receipt: Receipt
    at: datetime | None
    reference: str | None = None
    provider_message_id: str | None = None
    address: str | None = None
    code: str = ""
    definite: bool = True
    suppress: str | None = None
    cause: str | None = None
    part: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyEvent:
    """A customer's words. `reference` only where the channel can carry one (mail); `extension` is an SMS extension code.

    `note`: what stands beside the words (attachments, a signature); shown to people, never taken for words.
    """

    key: str
    address: str
    text: str
    at: datetime | None
    reference: str | None = None
    extension: str | None = None
    automatic: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutEvent:
    """The platform itself took the customer's refusal (blacklist, one-click): an opt-out with source `provider`."""

    key: str
    at: datetime | None
    address: str | None = None
    reference: str | None = None
    purposes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class TapEvent:
    """A person confirmed (or let go) a task: per customer address sent or not."""

    key: str
    provider_task_id: str
    sent: bool
    at: datetime | None


ProviderEvent = ReceiptEvent | ReplyEvent | OptOutEvent | TapEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAnswer:
    """What the provider expects to read when we have stored its words."""

    body: bytes = b"ok"
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200


class CallbackParser(Protocol):
    """Hears one account of one provider. Stateless and thread-safe; replay memory is the store's (unique keys)."""

    provider: str
    account: str
    channel: str

    def verify(self, callback: RawCallback) -> None:
        """Raise SignatureInvalid unless the provider made this request (constant time, fresh)."""
        ...

    def split(self, callback: RawCallback) -> Sequence[bytes]:
        """The items of a callback, raw, one each: stored one row an item. Raises PayloadInvalid."""
        ...

    def parse(self, item: bytes) -> Sequence[ProviderEvent]:
        """What one stored item says; empty for what is of no use to us. Raises PayloadInvalid."""
        ...

    def answer(self) -> CallbackAnswer:
        """Said after the raw items are stored."""
        ...


class Listener(Protocol):
    """Brings in what a provider does not push: a long session (IMAP IDLE), a server of ours (LMTP), or a poll.

    One at a time owns an account's lease; what it brings is read by the account's CallbackParser.
    """

    provider: str
    account: str

    def listen(self, deliver: Callable[[Sequence[bytes]], None], stop: Callable[[float], bool]) -> None:
        """Bring items until told to stop.

        `deliver` returns when the items are stored for good: only then may they be acknowledged or marked at the
        provider (a kill between the two brings them again, and the store knows them). `stop(seconds)` waits so long
        and says whether to stop, as `threading.Event.wait` does. Raises SendError when the session fails: the caller
        waits and begins anew.
        """
        ...
