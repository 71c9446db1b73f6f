"""The language in which a gateway is described: request, answer, and what it pushes back.

Everything is data, so that an unknown gateway is a settings block and no code. Zoneless times are read in
`zone`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    JsonValue,
    SecretStr,
    field_validator,
    model_validator,
)

from integrations.settings import AccountSettings
from integrations.sms_http.expressions import names_in
from wenhou.core.channels import Capabilities
from wenhou.core.statuses import Receipt

_NAMES = frozenset(
    "phone text sender reference attempt_id ext ts nonce body template parameters".split()
)  # template: the filed text's code; parameters: its variables as a JSON object


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Digest(_Part):
    """A signature over an expression, used as `{digest:name}`; the hmac kinds take their key from `secrets`."""

    algorithm: Literal["md5", "sha1", "sha256", "hmac-md5", "hmac-sha1", "hmac-sha256"]
    over: str
    key: str | None = None
    encoding: Literal["hex", "HEX", "base64"] = "hex"

    @model_validator(mode="after")
    def _has_key(self) -> Digest:
        if self.algorithm.startswith("hmac") and self.key is None:
            msg = "an hmac digest needs `key`, a name in `secrets`"
            raise ValueError(msg)
        return self


class Request(_Part):
    """How one message becomes one request. `fields` may be nested for JSON; its texts are expressions."""

    method: Literal["POST", "GET", "PUT"] = "POST"
    url: str = Field(pattern=r"^https?://[^{}#]+$")
    body: Literal["form", "json", "query"] = "form"
    fields: dict[str, JsonValue]
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    charset: Literal["utf-8", "gb18030"] = "utf-8"
    phone: Literal["e164", "national", "86"] = "national"
    signature: Literal["in_text", "stripped"] = "in_text"
    ext: str = ""
    ts: str = "epoch"
    digests: dict[str, Digest] = {}


class CodeMeaning(_Part):
    """What an answer's code means for the message. `reason` is why a channel fault pauses the account."""

    outcome: Literal["accepted", "transient", "permanent", "channel_fault", "unknown"]
    suppress: str | None = None
    reason: str | None = None
    retry_after_seconds: int | None = Field(default=None, ge=0)


class AnswerForm(_Part):
    """How the answer is read: JSON by dotted paths, or text by a pattern with groups `code` and perhaps `id`.

    A code that is neither success nor in the table is permanent and logged: never an endless retry.
    """

    pattern: str | None = None
    code: str = "code"
    id: str | None = None
    success: frozenset[str]
    codes: dict[str, CodeMeaning] = {}

    @field_validator("pattern")
    @classmethod
    def _has_a_code(cls, value: str | None) -> str | None:
        try:
            usable = value is None or "code" in re.compile(value).groupindex
        except re.error:
            usable = False
        if usable:
            return value
        msg = "must be a regular expression with a group named code"
        raise ValueError(msg)


class When(_Part):
    """A section applies to an item whose value at `path` is one of these."""

    path: str
    equals: frozenset[str]


class _Section(_Part):
    array: str | None = None
    when: When | None = None
    time_format: str = "%Y-%m-%d %H:%M:%S"


class ReportStatus(_Part):
    """What a report's status word means."""

    receipt: Receipt
    suppress: str | None = None
    definite: bool = True


class Reports(_Section):
    """Pushed receipts: where they stand, which field is what, what the status words mean.

    A word that is not in the table is `undelivered`, not definite: the gateway says it did not deliver, and
    we do not know why.
    """

    status: str
    phone: str | None = None
    reference: str | None = None
    message_id: str | None = None
    code: str | None = None
    at: str | None = None
    statuses: dict[str, ReportStatus]

    @model_validator(mode="after")
    def _can_be_matched(self) -> Reports:
        if self.reference is None and self.message_id is None:
            msg = "a report needs `reference` or `message_id`, or it belongs to no message"
            raise ValueError(msg)
        return self


class Replies(_Section):
    """Pushed customers' words."""

    phone: str
    text: str
    ext: str | None = None
    at: str | None = None
    id: str | None = None


class HmacCheck(_Part):
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


class TokenCheck(_Part):
    """An unguessable token in the query, or as the last part of the path."""

    kind: Literal["token"] = "token"
    key: str
    query: str | None = None


class BasicCheck(_Part):
    """HTTP basic authentication."""

    kind: Literal["basic"] = "basic"
    user: str
    key: str


class NetworkCheck(_Part):
    """The caller's address is in one of these networks."""

    kind: Literal["network"] = "network"
    allow: tuple[IPvAnyNetwork, ...] = Field(min_length=1)


Check = Annotated[HmacCheck | TokenCheck | BasicCheck | NetworkCheck, Field(discriminator="kind")]


class Intake(_Part):
    """What the gateway pushes to us. Every check must pass. `answer` is what it expects to read, verbatim."""

    checks: tuple[Check, ...] = Field(min_length=1)
    format: Literal["json", "form", "query"] = "json"
    charset: Literal["utf-8", "gb18030"] = "utf-8"
    reports: Reports | None = None
    replies: Replies | None = None
    answer: str = '{"code":0}'
    answer_type: str = "application/json; charset=utf-8"


class SmsHttpSettings(AccountSettings):
    """One account of one gateway. `secrets` are named and used as `{secret:name}` or as keys of digests."""

    provider: Literal["sms_http"] = "sms_http"
    channel: Literal["sms"] = "sms"
    secrets: dict[str, SecretStr] = Field(default_factory=dict)
    request: Request
    answer: AnswerForm
    intake: Intake | None = None
    zone: str = "Asia/Shanghai"
    ca_file: str | None = None
    connect_seconds: float = Field(default=4.0, gt=0)
    read_seconds: float = Field(default=10.0, gt=0)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError):
            pass
        else:
            return value
        msg = "is no time zone; right would be Asia/Shanghai"
        raise ValueError(msg)

    @model_validator(mode="after")
    def _names_are_known(self) -> SmsHttpSettings:
        known = _NAMES | {f"secret:{n}" for n in self.secrets} | {f"digest:{n}" for n in self.request.digests}
        used = names_in([self.request.fields, self.request.query, self.request.headers])
        used |= names_in([digest.over for digest in self.request.digests.values()])
        unknown = sorted(used - known)
        keys = {digest.key for digest in self.request.digests.values() if digest.key}
        keys |= {
            check.key
            for check in (self.intake.checks if self.intake else ())
            if not isinstance(check, NetworkCheck)
        }
        missing = sorted(keys - set(self.secrets))
        if unknown or missing:
            msg = f"unknown names in expressions: {unknown}; keys that are not in `secrets`: {missing}"
            raise ValueError(msg)
        return self

    @property
    def hears(self) -> bool:
        """See the base."""
        return self.intake is not None

    def endpoints(self) -> tuple[str, ...]:
        """The gateway's address."""
        return (self.request.url,)

    def capabilities(self) -> Capabilities:
        """No line reports reads or takes an idempotency key (SMS specification §0.3)."""
        return Capabilities(
            channel=self.channel,
            purposes=frozenset(self.purposes),
            hears_replies=self.intake is not None and self.intake.replies is not None,
            reports_delivery=self.intake is not None and self.intake.reports is not None,
            rate_per_second=self.rate_per_second,
            calls_in_flight=self.calls_in_flight,
            receipt_deadline_hours=self.receipt_deadline_hours,
            carries_filed_only=self.carries_filed_only,
            allows_variables=self.allows_variables,
            max_variable=self.max_variable,
            max_units=self.max_units,
            max_parts=self.max_parts,
            quota_kinds=self.quota_kinds,
        )
