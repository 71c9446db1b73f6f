"""Hears the bank's mail server: each inbound mail is pushed raw, in a request signed by us both.

Bounces are looked for first (a bounce is also Auto-Submitted), then automatic answers, then words of a
person.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from integrations.email_smtp.bounces import find_reports
from integrations.email_smtp.replies import extract_reply, header_text, is_automatic
from integrations.email_smtp.settings import SmtpSettings
from integrations.signing import verify_signed
from wenhou.core.channels import EMAIL, CallbackAnswer, ProviderEvent, RawCallback, ReplyEvent
from wenhou.core.errors import ConfigurationError, PayloadInvalid

MAX_MAIL_BYTES = 25 << 20
_IDS = re.compile(r"<([^<>@\s]+)@([^<>@\s]+)>")


class SmtpParser:
    """See `wenhou.core.channels.CallbackParser`."""

    provider = "email_smtp"
    channel = EMAIL
    largest_body = MAX_MAIL_BYTES
    """A mail with the bounced original inside is larger than any other provider's callback."""

    def __init__(self, settings: SmtpSettings) -> None:
        if settings.inbound_secret is None:
            problem = f"account {settings.account}: inbound_secret: is needed to hear mails"
            raise ConfigurationError(problem)
        self.account = settings.account
        self._secret = settings.inbound_secret
        self._domain = settings.domain.lower()
        locals_ = f"{re.escape(settings.bounce_local)}|{re.escape(settings.reply_local)}"
        tag = f"(?:{locals_}){re.escape(settings.separator)}([a-z0-9]{{10,64}})@{re.escape(self._domain)}"
        self._tag = re.compile(tag, re.IGNORECASE)

    def verify(self, callback: RawCallback) -> None:
        """Raise SignatureInvalid unless signed with the account's inbound secret, within five minutes."""
        verify_signed(callback, self._secret.get_secret_value(), self.account)

    def split(self, callback: RawCallback) -> Sequence[bytes]:
        """The mail is the item."""
        if len(callback.body) > MAX_MAIL_BYTES:
            msg = "the mail is too big"
            raise PayloadInvalid(msg)
        _read(callback.body)
        return [callback.body]

    def parse(self, item: bytes) -> Sequence[ProviderEvent]:
        """A receipt for each recipient of a bounce, or one reply."""
        mail = _read(item)
        reference = self._reference(mail)
        reports = find_reports(mail, reference, self._own_reference)
        if reports is not None:
            return reports
        address = parseaddr(header_text(mail, "from"))[1].lower()
        if "@" not in address:
            msg = "the mail has no sender"
            raise PayloadInvalid(msg)
        return [
            ReplyEvent(
                key=_key(mail, item, reference),
                address=address,
                text=extract_reply(mail),
                at=_date(mail),
                reference=reference,
                automatic=is_automatic(mail),
            )
        ]

    def _reference(self, mail: Message) -> str | None:
        """Ours, from the tagged recipient (the strongest), else from what it answers, the last first."""
        for name in ("x-original-to", "delivered-to", "to", "cc"):
            for value in mail.get_all(name, []):
                match = self._tag.search(str(value))
                if match:
                    return match[1].lower()
        for name in ("in-reply-to", "references"):
            found = self._own_reference(header_text(mail, name))
            if found:
                return found
        return None

    def _own_reference(self, ids: str) -> str | None:
        """The local part of the last Message-ID in the text that has our domain."""
        own = [local for local, domain in _IDS.findall(ids) if domain.lower() == self._domain]
        return own[-1].lower() if own else None

    def answer(self) -> CallbackAnswer:
        """The mail server reads nothing but the status."""
        return CallbackAnswer()


def _read(raw: bytes) -> Message:
    """compat32, because the modern policy garbles adjacent encoded words (mail specification §8)."""
    mail = message_from_bytes(raw)
    if not mail.keys() or not ({"from", "return-path"} & {name.lower() for name in mail}):
        msg = "the body is no mail"
        raise PayloadInvalid(msg)
    return mail


def _key(mail: Message, raw: bytes, reference: str | None) -> str:
    """Message-ID and our reference; one mail may reach us by two ways. Without an id, its bytes."""
    message_id = header_text(mail, "message-id")
    return f"mail:{message_id}:{reference}" if message_id else "mail:" + hashlib.sha256(raw).hexdigest()


def _date(mail: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(header_text(mail, "date"))
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
