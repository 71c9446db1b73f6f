"""The language in which a gateway is described: one account's block, whole and checked.

Everything is data, so that an unknown gateway is a settings block and no code. Zoneless times are read in
`zone`. The sections: `request_form.py`, `answer_form.py`, `intake_form.py`, `poll_form.py`, `line_form.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from integrations.settings import AccountSettings
from integrations.sms_http.answer_form import AnswerForm
from integrations.sms_http.intake_form import Intake, NetworkCheck, Replies
from integrations.sms_http.line_form import Extension, Hours, Probing, Words
from integrations.sms_http.poll_form import ACK_NAMES, POLL_NAMES, Poll
from integrations.sms_http.request_form import BATCH_NAMES, COMMON_NAMES, MESSAGE_NAMES, Call, Request
from wenhou.core.channels import Capabilities

_LONGEST_SECRET = 65_536


class SmsHttpSettings(AccountSettings):
    """One account of one gateway. `secrets` are named and used as `{secret:name}` or as keys of digests and checks.

    A secret's value may be a reference instead: `env:NAME` (a variable of the process) or `file:/path`.
    """

    provider: Literal["sms_http"] = "sms_http"
    channel: Literal["sms"] = "sms"
    secrets: dict[str, SecretStr] = Field(default_factory=dict)
    request: Request
    answer: AnswerForm
    intake: Intake | None = None
    poll: Poll | None = None
    probe: Probing | None = None
    words: Words = Words()
    hours: Hours | None = None
    extension: Extension | None = None
    checks_signature: bool = False
    zone: str = "Asia/Shanghai"
    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    connect_seconds: float = Field(default=4.0, gt=0)
    read_seconds: float = Field(default=10.0, gt=0)

    @field_validator("secrets", mode="before")
    @classmethod
    def _fetched(cls, value: object) -> object:
        """References become what they name; a missing one is a problem that names the reference, never a value."""
        if not isinstance(value, dict):
            return value
        return {name: _open_reference(one) if isinstance(one, str) else one for name, one in value.items()}

    @field_validator("ca_file", "client_certificate", "client_key")
    @classmethod
    def _is_there(cls, value: str | None) -> str | None:
        if value is None or Path(value).is_file():
            return value
        msg = "is no file that can be read"
        raise ValueError(msg)

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
        unknown: set[str] = set()
        keys = {
            check.key
            for check in (self.intake.checks if self.intake else ())
            if not isinstance(check, NetworkCheck)
        }
        for call, names in self._calls():
            own = {f"secret:{n}" for n in self.secrets} | {f"digest:{n}" for n in call.digests}
            unknown |= call.names() - COMMON_NAMES - names - own
            keys |= call.keys()
        missing = sorted(keys - set(self.secrets))
        if unknown or missing:
            msg = f"unknown names in expressions: {sorted(unknown)}; keys not in `secrets`: {missing}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _batches_can_be_read(self) -> SmsHttpSettings:
        batch = self.request.batch
        if batch is None:
            return self
        wanted = {"items"} if batch.form == "each" else {"phones"}
        if not wanted & self.request.names():
            msg = f"request.batch: `{{{wanted.pop()}}}` must stand in request.fields"
            raise ValueError(msg)
        if batch.form == "each" and not batch.item:
            msg = "request.batch: `item` must say how one message is written"
            raise ValueError(msg)
        if batch.form == "each" and self.answer.rows is None and not self.answer.id_covers_call:
            msg = (
                "answer.rows must say what became of each message, or `id_covers_call` that one id covers all"
            )
            raise ValueError(msg)
        return self

    def _calls(self) -> Iterator[tuple[Call, frozenset[str]]]:
        """Every call of the description and the names it may use beside the common ones."""
        yield self.request, MESSAGE_NAMES | (BATCH_NAMES if self.request.batch else frozenset())
        for fetch in self.poll.fetches() if self.poll else ():
            yield fetch, POLL_NAMES
            if fetch.ack is not None:
                yield fetch.ack, ACK_NAMES
        if self.probe is not None:
            yield self.probe, frozenset()

    @property
    def hears(self) -> bool:
        """See the base."""
        return self.intake is not None or self.poll is not None

    def endpoints(self) -> tuple[str, ...]:
        """Every address of the gateway."""
        return tuple(dict.fromkeys(call.url for call, _ in self._calls()))

    def replies_forms(self) -> tuple[Replies, ...]:
        """How replies read, pushed and fetched."""
        pushed = self.intake.replies if self.intake else None
        fetched = self.poll.replies.items if self.poll and self.poll.replies else None
        return tuple(one for one in (pushed, fetched) if one is not None)

    def capabilities(self) -> Capabilities:
        """No line reports reads or takes an idempotency key (SMS specification §0.3)."""
        reports = (self.intake and self.intake.reports) or (self.poll and self.poll.receipts)
        extension = self.extension
        return replace(
            super().capabilities(),
            batch_size=self.request.batch.size if self.request.batch else 1,
            hears_replies=bool(self.replies_forms()),
            reports_delivery=bool(reports),
            hours=(self.hours.opens, self.hours.closes) if self.hours else None,
            checks_signature=self.checks_signature,
            extension_digits=extension.digits if extension else 0,
            extension_ranges=extension.ranges if extension else (),
        )


def _open_reference(value: str) -> str:
    kind, _, place = value.partition(":")
    if kind == "env" and place:
        found = os.environ.get(place, "")
    elif kind == "file" and place.startswith("/"):
        try:
            found = Path(place).read_text(encoding="utf-8")[:_LONGEST_SECRET].strip()
        except (OSError, UnicodeError):
            found = ""
    else:
        return value
    if not found:
        msg = f"the reference {kind}:{place} leads to nothing that can be read"
        raise ValueError(msg)
    return found
