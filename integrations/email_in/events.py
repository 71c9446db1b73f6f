"""A judged mail as provider events: what the rest of Wenhou hears of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from email.message import Message
from typing import Final

from integrations.email_in import reports, signals
from integrations.email_in.charsets import address_in, clean, header_text, raw_header
from integrations.email_in.mime import ODD, Body, read_body, read_mail
from integrations.email_in.reply_text import extract
from integrations.email_in.verdicts import Ours, Verdict, judge
from wenhou.core.channels import OptOutEvent, ProviderEvent, ReceiptEvent, ReplyEvent
from wenhou.core.errors import PayloadInvalid
from wenhou.core.statuses import Receipt

COMPLAINT_STOPS: Final = frozenset({"marketing"})
"""A complaint ends all marketing mail (mail specification §10); what the customer is owed still comes."""
LONGEST_TEXT: Final = 20_000
_SAID: Final = {"ACCEPTED": "接受", "DECLINED": "谢绝", "TENTATIVE": "暂定", "COUNTER": "另议时间"}
_ROUTE: Final = re.compile(
    rb"(?im)^(?:received|delivered-to|x-original-to|return-path|envelope-to):[^\n]*\n"
    rb"(?:[ \t][^\n]*\n)*"
)


def events_of(raw: bytes, ours: Ours, *, is_tagged: bool) -> Sequence[ProviderEvent]:
    """What a raw mail says; empty for what changes nothing. Raises PayloadInvalid for what a person must look at.

    `is_tagged`: every mail of ours says its reference in its addresses, so that a bounce without one is not ours.
    """
    mail = read_mail(raw)
    try:
        verdict = judge(mail, ours)
        return _events(mail, raw, verdict, is_tagged=is_tagged)
    except ODD as error:
        msg = "the mail cannot be understood"
        raise PayloadInvalid(msg) from error


def _events(mail: Message, raw: bytes, verdict: Verdict, *, is_tagged: bool) -> Sequence[ProviderEvent]:
    match verdict.kind:
        case "loop":
            return ()
        case "report" | "bounce":
            return _bounced(mail, verdict, is_tagged=is_tagged)
        case "complaint":
            return _complained(mail, verdict)
        case "disposition":
            return _displayed(mail, verdict)
        case "unclassified":
            msg = "a mail in the box for bounces that is none"
            raise PayloadInvalid(msg, code="bounce_unclassified")
        case "unsubscribe":
            return (
                OptOutEvent(
                    key=f"unsub:{verdict.reference}",
                    at=reports.instant(header_text(mail, "date")),
                    reference=verdict.reference,
                ),
            )
        case _:
            return (_reply(mail, raw, verdict),)


def _bounced(mail: Message, verdict: Verdict, *, is_tagged: bool) -> Sequence[ProviderEvent]:
    if verdict.reference is None:
        if is_tagged:
            return ()  # of a mail that somebody else sent in our name
        msg = "a bounce that does not say of which mail"
        raise PayloadInvalid(msg, code="bounce_unmatched")
    fields = reports.delivery_status(mail)
    if fields is not None:
        return reports.receipts_of(fields, verdict.reference)
    return (reports.odd_failure(mail, verdict.reference),)


def _complained(mail: Message, verdict: Verdict) -> Sequence[ProviderEvent]:
    fields = reports.single_report(mail, "message/feedback-report")
    kind = header_text(fields, "feedback-type").lower() if fields is not None else "abuse"
    if kind not in reports.COMPLAINTS:
        return ()
    if verdict.reference is None:
        msg = "a complaint that does not say of which mail"
        raise PayloadInvalid(msg, code="complaint_unmatched")
    return (
        OptOutEvent(
            key=f"arf:{verdict.reference}",
            at=reports.instant(header_text(mail, "date")),
            reference=verdict.reference,
            purposes=COMPLAINT_STOPS,
        ),
    )


def _displayed(mail: Message, verdict: Verdict) -> Sequence[ProviderEvent]:
    """Somebody's program says that the mail was shown, or deleted unread; a failure to say so says nothing."""
    fields = reports.single_report(mail, "message/disposition-notification")
    said = header_text(fields, "disposition").rpartition(";")[2].strip().lower() if fields is not None else ""
    receipt = Receipt.READ if said.startswith("displayed") else Receipt.DELIVERED
    if verdict.reference is None or not said.startswith(("displayed", "deleted")):
        return ()
    return (
        ReceiptEvent(
            key=f"mdn:{verdict.reference}:{receipt.value}",
            receipt=receipt,
            at=reports.instant(header_text(mail, "date")),
            reference=verdict.reference,
            code=said[:40],
        ),
    )


def _reply(mail: Message, raw: bytes, verdict: Verdict) -> ReplyEvent:
    address = address_in(raw_header(mail, "from"))
    if not address:
        msg = "the mail has no sender"
        raise PayloadInvalid(msg, code="sender_missing")
    body = read_body(mail)
    found = extract(body.text, is_answer=signals.is_answer(mail))
    text = _calendar_words(body) if body.calendar else _with_subject(mail, found.reply)
    return ReplyEvent(
        key=_key(mail, raw, verdict.reference),
        address=address,
        text=clean(text)[:LONGEST_TEXT],
        at=reports.instant(header_text(mail, "date")),
        reference=verdict.reference,
        automatic=verdict.kind in {"automatic", "machine"},
        note=_note(body, found.part("signature")),
    )


def _with_subject(mail: Message, text: str) -> str:
    """A mail that answers none says what it is about in its subject; so does one whose text is empty."""
    if signals.is_answer(mail):
        return text
    subject = header_text(mail, "subject")[:500]
    return f"{subject}\n{text}".strip() if subject else text


def _calendar_words(body: Body) -> str:
    method, _, summary = body.calendar.partition("\n")
    kind, _, said = method.partition(" ")
    return f"（日历邀请的答复：{_SAID.get(said) or _SAID.get(kind) or said or kind}）{summary}"


def _note(body: Body, signature: str) -> str:
    """What stands beside the words, for the person who reads them; never taken for the customer's words."""
    lines = [f"（附件：{one.name}，{max(1, one.size // 1024)} KB）" for one in body.attachments[:20]]
    if len(signature) > 20:
        lines.append(f"（签名）\n{signature[:500]}")
    return clean("\n".join(lines))


def _key(mail: Message, raw: bytes, reference: str | None) -> str:
    """Message-ID and our reference; one mail may reach us by two ways. Without an id, its bytes but for its way."""
    message_id = raw_header(mail, "message-id")[:400]
    if message_id:
        return clean(f"mail:{message_id}:{reference}")
    head, mark, rest = raw.partition(b"\n\n" if b"\r\n\r\n" not in raw[:65536] else b"\r\n\r\n")
    return "mail:" + hashlib.sha256(_ROUTE.sub(b"", head + b"\n") + mark + rest).hexdigest()
