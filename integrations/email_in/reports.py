"""Reports: what became of a mail (RFC 3464, RFC 8098), who complains of it (RFC 5965), and bounces of no standard.

A report is believed only by our own reference in it, which nobody can guess: a stranger's says nothing about a customer.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Final

from flufl.bounce import all_failures

from integrations.email_in import signals
from integrations.email_in.charsets import address_in, addresses_in, clean, header_text, raw_header
from integrations.email_in.mime import ODD, bytes_of, kind_of, param_of, parts_of, text_of
from integrations.email_in.reasons import INVALID, LONGEST_DIAGNOSTIC, Reason, classify, status_of
from wenhou.core.channels import ReceiptEvent
from wenhou.core.statuses import Receipt

# The library tells its log what it trips over, with the mail's own words.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

_MOST_RECIPIENTS: Final = 50
_RECEIPTS: Final = {
    "failed": Receipt.UNDELIVERED, "delivered": Receipt.DELIVERED, "relayed": Receipt.ACCEPTED,
}  # fmt: skip
"""`delayed` and `expanded` change nothing."""
COMPLAINTS: Final = frozenset(
    {"abuse", "fraud", "other", "complaint", "opt-out", "opt-out-list", "miscategorized"}
)
_RETURNED: Final = re.compile(
    r"(?im)^[> ]{0,4}(?:-{2,}.{0,60}(?:original|原始|below this line|message header|returned).{0,60}"
    r"|included is a copy.{0,200}"
    r"|return-path:.{0,200}|received: from .{0,200})$"
)
_NOTED: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A report's fields: those of the whole, and those of each recipient."""

    about: Message
    recipients: tuple[Message, ...] = ()


def delivery_status(mail: Message) -> Fields | None:
    """The fields of a delivery report; None when the mail is none."""
    for part in parts_of(mail):
        if kind_of(part) != "message/delivery-status":
            continue
        payload = part.get_payload()
        blocks = [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
        if blocks:
            return Fields(about=blocks[0], recipients=tuple(blocks[1 : 1 + _MOST_RECIPIENTS]))
    return None


def single_report(mail: Message, kind: str) -> Message | None:
    """The fields of a report that speaks of one mail (`message/feedback-report`, `message/disposition-notification`)."""
    for part in parts_of(mail):
        if kind_of(part) == kind:
            payload = part.get_payload()
            if isinstance(payload, list) and payload and isinstance(payload[0], Message):
                return payload[0]
    return None


def report_type(mail: Message) -> str:
    """`delivery-status`, `feedback-report` …; "" for what is no report."""
    return param_of(mail, "report-type").lower() if kind_of(mail) == "multipart/report" else ""


def receipts_of(fields: Fields, reference: str) -> list[ReceiptEvent]:
    """A receipt for each recipient whose fate is told; none for a mere delay."""
    arrival = header_text(fields.about, "arrival-date")
    events = [_receipt(reference, block, arrival) for block in fields.recipients]
    return [event for event in events if event is not None]


def _receipt(reference: str, block: Message, arrival: str) -> ReceiptEvent | None:
    action = header_text(block, "action").split(" ")[0].lower()
    receipt = _RECEIPTS.get(action)
    if receipt is None:
        return None
    recipient = _recipient(header_text(block, "final-recipient")) or _recipient(
        header_text(block, "original-recipient")
    )
    diagnostic = header_text(block, "diagnostic-code")[:LONGEST_DIAGNOSTIC]
    status = status_of(header_text(block, "status"), diagnostic)
    at = instant(header_text(block, "last-attempt-date") or arrival)
    key = f"dsn:{reference}:{recipient}:{action}"
    if receipt is not Receipt.UNDELIVERED:
        return ReceiptEvent(
            key=key, receipt=receipt, at=at, reference=reference, address=recipient or None, code=status
        )
    return failure(key, reference, recipient, status, classify(status, diagnostic), at=at)


def failure(
    key: str, reference: str, recipient: str, status: str, reason: Reason, *, at: datetime | None
) -> ReceiptEvent:
    """What a reason makes of an address."""
    return ReceiptEvent(
        key=key,
        receipt=Receipt.UNDELIVERED,
        at=at,
        reference=reference,
        address=recipient or None,
        code=f"{status} {reason.name}".strip(),
        definite=reason.is_hard,
        suppress=INVALID if reason.is_hard else None,
        cause=reason.cause,
    )


def _recipient(value: str) -> str:
    """`rfc822; a@b` or a bare address."""
    return address_in(value.rpartition(";")[2]) if "@" in value else ""


def odd_bounce(mail: Message) -> tuple[str, ...]:
    """Evidence that a mail is a bounce of no standard: two of sender, subject and text, or none at all.

    A mail that answers and comes from a person's address is never one, whatever it says.
    """
    failed = raw_header(mail, "x-failed-recipients")
    sender = signals.BOUNCE_SENDER.search(header_text(mail, "from")) is not None
    found = ["sender"] if sender else []
    if signals.BOUNCE_SUBJECT.search(header_text(mail, "subject")):
        found.append("subject")
    if failed or signals.BOUNCE_TEXT.search(_words(mail)):
        found.append("text")
    author = address_in(raw_header(mail, "from"))
    is_personal = not sender and (signals.is_answer(mail) or author in addresses_in(failed))
    return tuple(found) if len(found) > 1 and not is_personal else ()


def odd_failure(mail: Message, reference: str) -> ReceiptEvent:
    """What a bounce of no standard says; its class by our own table, never by a library's."""
    words = _words(mail)
    recipient = next(iter(addresses_in(raw_header(mail, "x-failed-recipients"))), "") or _found_recipient(
        mail
    )
    status = status_of("", words)
    reason = classify(status, words)
    key = f"dsn:{reference}:{recipient}:failed"
    return failure(key, reference, recipient, status, reason, at=instant(header_text(mail, "date")))


def _words(mail: Message) -> str:
    """The report's own words, without the mail that it returns."""
    for part in parts_of(mail):
        if kind_of(part) in {"text/plain", "text/html"}:
            text = text_of(part)[:_NOTED]
            match = _RETURNED.search(text)
            return text[: match.start()] if match else text
    return ""


def _found_recipient(mail: Message) -> str:
    """By a library that knows many servers' layouts; its opinion of the class is wrong too often to be heard (§0.3)."""
    size = sum(len(bytes_of(part)) for part in parts_of(mail))
    if size > _NOTED:
        return ""
    try:
        temporary, permanent = all_failures(mail)
    except (*ODD, OSError):
        return ""
    found = sorted({*temporary, *permanent})
    return clean(found[0].decode("utf-8", "replace")).lower()[:254] if found else ""


def instant(value: str) -> datetime | None:
    """A date header as an instant, None where it says none."""
    try:
        at = parsedate_to_datetime(value[:200])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except ODD:
        return None
