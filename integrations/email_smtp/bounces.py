"""Delivery reports (RFC 3464): which message, what became of it, and whether the address is to blame.

"Action: failed" is not "bad address": greylisting and full mailboxes fail so too (mail specification §0.2).
An address is suppressed for what the words and codes say of it, never for the word failed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from integrations.email_smtp.outcomes import INVALID
from integrations.email_smtp.replies import header_text
from wenhou.core.channels import ReceiptEvent
from wenhou.core.statuses import Receipt

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a mail came back: by words and by status code; `suppress` when the address is gone for good."""

    name: str
    words: str
    status: str = r"(?!)"
    suppress: str | None = None


REASONS: tuple[Reason, ...] = (
    Reason(
        name="rate",
        words="frequency limited|too many|rate limit|try again later|HL:I[FC]C|MI:SFQ|connection denied|频率"
        "|mailbox unavailable or access denied",
    ),
    Reason(
        name="blocked",
        words=r"blacklist|blocklist|\brbl\b|spamhaus|blocked using|poor reputation|HL:(IPB|REP)",
    ),
    Reason(name="auth", words="spf|dkim|dmarc|unauthenticated|reverse dns", status=r"5\.7\.2\d"),
    Reason(name="spam", words="spam|content (denied|rejected)|垃圾邮件|内容违规"),
    Reason(name="mailbox_full", words="quota|mailbox full|storage|邮箱已满|容量满", status=r"[45]\.2\.2"),
    Reason(name="suspended", words="suspend|inactive|frozen|locked|冻结|禁用", status=r"5\.2\.1"),
    Reason(
        name="user_unknown",
        words="user unknown|no such user|unknown user|invalid (recipient|mailbox|user)|mailbox not found"
        "|user not exist|does not exist|no mailbox|unknown or illegal alias|account .*(disabled|closed)"
        "|收件人(地址)?不存在|用户不存在|无此用户|邮箱不存在|帐号不存在",
        status=r"5\.1\.([0-36]|10)",
        suppress=INVALID,
    ),
    Reason(
        name="host_unknown",
        words="host (unknown|not found)|domain not found|nxdomain|域名不存在",
        status=r"5\.4\.4",
    ),
    Reason(name="expired", words="expired|timed out|could not be delivered for", status=r"4\.\d+\.\d+"),
    Reason(name="policy", words=r"", status=r"5\.\d+\.\d+"),
)
"""First row that fits; the last fits all."""


def find_reports(
    mail: Message, reference: str | None, reference_in: Callable[[str], str | None]
) -> list[ReceiptEvent] | None:
    """The receipts of a delivery report, empty for a mere delay, None when the mail is no report."""
    if mail.get_content_type() != "multipart/report" or mail.get_param("report-type") != "delivery-status":
        return None
    blocks = _status_blocks(mail)
    if not blocks:
        return None
    about = blocks[0]
    envelope_id = header_text(about, "original-envelope-id").lower()
    # The tag in the bounce address is the strongest key; ENVID and the returned Message-ID come after it.
    found = reference or envelope_id or reference_in(_returned_id(mail))
    events = [_event(found, block, header_text(about, "arrival-date")) for block in blocks[1:]]
    return [event for event in events if event is not None]


def _status_blocks(mail: Message) -> list[Message]:
    """Per-message fields first, then one block a recipient; the library parses the part into a list."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            return (
                [block for block in payload if isinstance(block, Message)]
                if isinstance(payload, list)
                else []
            )
    return []


def _returned_id(mail: Message) -> str:
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            raw = part.get_payload(decode=True)
            text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
            match = re.search(r"(?im)^message-id:\s*(<[^>]+>)", text)
            return match[1] if match else ""
        if kind == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            return header_text(inner, "message-id") if isinstance(inner, Message) else ""
    return ""


def _event(reference: str | None, block: Message, arrival: str) -> ReceiptEvent | None:
    action = header_text(block, "action").lower()
    recipient = header_text(block, "final-recipient").partition(";")[2].strip().lower()
    diagnostic = header_text(block, "diagnostic-code")
    status = _status(header_text(block, "status"), diagnostic)
    receipts = {"failed": Receipt.UNDELIVERED, "delivered": Receipt.DELIVERED, "relayed": Receipt.ACCEPTED}
    receipt = receipts.get(action)
    if receipt is None or (reference is None and not recipient):
        return None  # delayed and expanded change nothing
    reason = classify(status, diagnostic) if receipt is Receipt.UNDELIVERED else None
    return ReceiptEvent(
        key=f"dsn:{reference}:{recipient}:{action}",
        receipt=receipt,
        at=_instant(header_text(block, "last-attempt-date") or arrival),
        reference=reference,
        address=recipient or None,
        code=f"{status} {reason.name}".strip() if reason else status,
        definite=reason is None or reason.suppress is not None,
        suppress=reason.suppress if reason else None,
    )


def _status(status: str, diagnostic: str) -> str:
    """The more exact of the two codes: x.0.0 says nothing, and where they disagree the server's words win."""
    match = _STATUS.search(diagnostic)
    said = match[1] if match else ""
    return said if said and not said.endswith(".0.0") else status.strip()


def classify(status: str, diagnostic: str) -> Reason:
    """Why it came back; words before codes."""
    for reason in REASONS[:-1]:
        if re.search(reason.words, diagnostic, re.IGNORECASE) or re.fullmatch(reason.status, status):
            return reason
    return REASONS[-1]


def _instant(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
