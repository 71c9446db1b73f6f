"""How receipts and replies read, and how a push proves itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, IPvAnyNetwork, model_validator

from integrations.sms_http.parts import Body, Part
from wenhou.core.contact_quality import Cause
from wenhou.core.statuses import Receipt


class When(Part):
    """A section applies to an item whose value at `path` is one of these."""

    path: str
    equals: frozenset[str]


class Section(Part):
    """Where items stand, and how their times are written."""

    array: str | None = None
    when: When | None = None
    time_format: str = "%Y-%m-%d %H:%M:%S"


class ReportStatus(Part):
    """What a report's status word means. `cause`: why it did not arrive; `ours`: not the number's fault."""

    receipt: Receipt
    suppress: Literal["number_invalid", "opted_out", "address_invalid"] | None = None
    definite: bool = True
    cause: Cause | None = None


class Reports(Section):
    """Receipts: where they stand, which field is what, what the status words mean.

    A word that is not in the table is `undelivered`, not definite: the gateway says it did not deliver, and
    we do not know why. `bits`: the status is a number and the words are masks; the first whose bits are all set counts.
    `part`, `parts`: of long texts whose parts are reported one by one.
    """

    status: str
    phone: str | None = None
    reference: str | None = None
    message_id: str | None = None
    code: str | None = None
    at: str | None = None
    part: str | None = None
    parts: str | None = None
    bits: bool = False
    statuses: dict[str, ReportStatus]

    @model_validator(mode="after")
    def _can_be_matched(self) -> Reports:
        if self.reference is None and self.message_id is None:
            msg = "a report needs `reference` or `message_id`, or it belongs to no message"
            raise ValueError(msg)
        if self.bits and not all(word.isdecimal() and int(word) for word in self.statuses):
            msg = "with `bits` the words of `statuses` are numbers above 0"
            raise ValueError(msg)
        return self


class Replies(Section):
    """Customers' words. `ext`: the extension code, or the whole number they wrote to, of which `number` is the line's own.

    `text_charset`: the path of the field that names the charset of the raw bytes in `text` (Kannel's %C beside %b).
    """

    phone: str
    text: str
    ext: str | None = None
    number: str = Field(default="", pattern=r"^\d{0,20}$")
    at: str | None = None
    id: str | None = None
    text_charset: str | None = None


class HmacCheck(Part):
    """A header with an HMAC over an expression of `{body}` and `{ts}` (the header `timestamp`, epoch seconds)."""

    kind: Literal["hmac"] = "hmac"
    header: str
    key: str
    over: str = "{ts}{body}"
    timestamp: str | None = None
    algorithm: Literal["sha256", "sha1", "md5"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    fresh_seconds: int = Field(default=300, ge=1)

    @model_validator(mode="after")
    def _covers_the_body(self) -> HmacCheck:
        if "{body}" not in self.over or ("{ts}" in self.over) != (self.timestamp is not None):
            msg = "`over` must hold {body}, and {ts} exactly if `timestamp` names its header"
            raise ValueError(msg)
        return self


class TokenCheck(Part):
    """An unguessable token in the query, or as the last part of the path."""

    kind: Literal["token"] = "token"
    key: str
    query: str | None = None


class BasicCheck(Part):
    """HTTP basic authentication."""

    kind: Literal["basic"] = "basic"
    user: str
    key: str


class NetworkCheck(Part):
    """The caller's address is in one of these networks."""

    kind: Literal["network"] = "network"
    allow: tuple[IPvAnyNetwork, ...] = Field(min_length=1)


Check = Annotated[HmacCheck | TokenCheck | BasicCheck | NetworkCheck, Field(discriminator="kind")]


class Intake(Body):
    """What the gateway pushes to us. Every check must pass. `answer` is what it expects to read, verbatim."""

    checks: tuple[Check, ...] = Field(min_length=1)
    reports: Reports | None = None
    replies: Replies | None = None
    answer: str = '{"code":0}'
    answer_type: str = "application/json; charset=utf-8"
