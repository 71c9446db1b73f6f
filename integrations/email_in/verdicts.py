"""What an inbound mail is: one function, pure, in the order of the mail specification §17; each step says its evidence.

Bounces are looked for before automatic mails (a delivery report says that it is automatic, too), those before a person's
words. One step is taken out of its order: what is sent to our unsubscribe address is a refusal although the customer's
mail program made it up by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from typing import Final, Literal

from integrations.email_in import reports, signals
from integrations.email_in.charsets import address_in, addresses_in, header_text, raw_header, raw_headers
from integrations.email_in.mime import embedded_headers, kind_of, parts_of

Kind = Literal[
    "loop", "report", "bounce", "complaint", "disposition", "unsubscribe", "automatic", "machine", "calendar", "stop",
    "unclassified", "reply",
]  # fmt: skip
MOST_HOPS: Final = 25
UNSUBSCRIBE_BOX: Final = "unsub"
COMPLAINT_BOXES: Final = frozenset({"abuse", "fbl"})
_RECIPIENTS: Final = ("x-original-to", "delivered-to", "envelope-to", "to", "cc")
_IDS: Final = re.compile(r"<([A-Za-z0-9]{10,64})@([^<>@\s]{1,255})>")
"""Ids whose local part could be a reference of ours."""
_COMPLAINS: Final = re.compile(r"complaint|abuse|spam report|junk report|投诉|举报", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """How our own addresses look. `own`: those that we send from, which no customer writes from."""

    domain: str
    separator: str
    bounce: str
    care: str
    own: frozenset[str]

    @property
    def tag(self) -> re.Pattern[str]:
        """A tagged address of ours: its box and its reference."""
        boxes = "|".join(
            re.escape(box) for box in (self.bounce, self.care, UNSUBSCRIBE_BOX, *sorted(COMPLAINT_BOXES))
        )
        return re.compile(
            rf"({boxes}){re.escape(self.separator)}([a-z0-9]{{10,64}})@{re.escape(self.domain)}",
            re.IGNORECASE,
        )

    def box_of(self, address: str) -> str:
        """The box of an address of ours, tagged or not; "" for others'."""
        match = self.tag.fullmatch(address)
        if match:
            return match[1].lower()
        local, _, domain = address.partition("@")
        return local if domain == self.domain else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the mail is, which message it speaks of (None: we do not know), by which of our boxes it came, and why."""

    kind: Kind
    reference: str | None
    box: str
    evidence: tuple[str, ...]


def judge(mail: Message, ours: Ours) -> Verdict:
    """What a mail is. Never raises on a mail that `read_mail` could read."""
    tagged, box = _recipients(mail, ours)
    kind, evidence = _kind(mail, ours, tagged, box)
    return Verdict(
        kind=kind, reference=tagged or _reference(mail, ours, kind), box=box, evidence=(kind, *evidence)
    )


def _kind(mail: Message, ours: Ours, tagged: str | None, box: str) -> tuple[Kind, tuple[str, ...]]:
    if signals.hops(mail) > MOST_HOPS:
        return "loop", ("hops",)
    if address_in(raw_header(mail, "from")) in ours.own and not reports.report_type(mail):
        return "loop", ("own sender",)
    reported = _report(mail)
    if reported is not None:
        return reported, (reports.report_type(mail) or "part",)
    odd = reports.odd_bounce(mail)
    if odd:
        return "bounce", odd
    if box in COMPLAINT_BOXES or _is_complaint(mail):
        return "complaint", ("box" if box in COMPLAINT_BOXES else "subject and original",)
    if box == UNSUBSCRIBE_BOX and tagged and not _is_vacation(mail):
        return "unsubscribe", ("box",)
    return _written(mail, ours, box)


def _written(mail: Message, ours: Ours, box: str) -> tuple[Kind, tuple[str, ...]]:
    """What a mail is that reports nothing: a machine's words or a person's."""
    automatic = signals.automatic_evidence(mail)
    machine = signals.machine_evidence(mail)
    if box == ours.bounce and not signals.is_answer(mail) and automatic in {"", "empty return-path"}:
        # What nobody understands in the box for bounces is a bounce that nobody understands, never a customer.
        return "unclassified", ("box",)
    if automatic:
        return "automatic", (automatic,)
    if machine:
        return "machine", (machine,)
    if any(kind_of(part) == "text/calendar" for part in parts_of(mail)):
        return "calendar", ()
    return ("stop", ("subject",)) if signals.asks_to_stop(mail) else ("reply", ())


def _report(mail: Message) -> Kind | None:
    """Which kind of report; a part of the kind is enough, since some servers forget to say `multipart/report`."""
    kinds = {kind_of(part) for part in parts_of(mail)}
    stated = reports.report_type(mail)
    if "message/delivery-status" in kinds or stated == "delivery-status":
        return "report" if reports.delivery_status(mail) is not None else "bounce"
    if "message/feedback-report" in kinds or stated == "feedback-report":
        return "complaint"
    if "message/disposition-notification" in kinds or stated == "disposition-notification":
        return "disposition"
    return None


def _is_complaint(mail: Message) -> bool:
    """A complaint without the standard's part: its subject says so, a machine sent it, and our mail is inside."""
    return (
        _COMPLAINS.search(header_text(mail, "subject")) is not None
        and bool(embedded_headers(mail))
        and signals.is_machine(address_in(raw_header(mail, "from")))
    )


def _is_vacation(mail: Message) -> bool:
    return raw_header(mail, "auto-submitted").lower().startswith("auto-replied")


def _recipients(mail: Message, ours: Ours) -> tuple[str | None, str]:
    """The reference of the first tagged recipient, and our box; what the servers noted comes before what was written."""
    found = [
        address
        for name in _RECIPIENTS
        for value in raw_headers(mail, name)
        for address in addresses_in(value)[:200]
    ]
    for address in found:
        match = ours.tag.fullmatch(address)
        if match:
            return match[2].lower(), match[1].lower()
    return None, next((box for address in found if (box := ours.box_of(address))), "")


def _reference(mail: Message, ours: Ours, kind: Kind) -> str | None:
    """Ours, from what a report returns, else from what the mail answers, the last first (specification §1)."""
    if kind in {"report", "bounce", "complaint", "disposition", "unclassified"}:
        return _reported_reference(mail, ours)
    for name in ("in-reply-to", "references"):
        found = own_reference(raw_header(mail, name), ours)
        if found:
            return found
    return None


def _reported_reference(mail: Message, ours: Ours) -> str | None:
    said: list[str] = []
    fields = reports.delivery_status(mail)
    if fields is not None:
        envelope = header_text(fields.about, "original-envelope-id").strip("<>").lower()
        if re.fullmatch(r"[a-z0-9]{10,64}", envelope):
            return envelope
    for kind in ("message/feedback-report", "message/disposition-notification"):
        block = reports.single_report(mail, kind)
        if block is not None:
            said += [
                raw_header(block, name)
                for name in ("original-mail-from", "original-message-id", "original-envelope-id")
            ]
    for headers in embedded_headers(mail):
        said += [
            raw_header(headers, name)
            for name in ("message-id", "return-path", "reply-to", "list-unsubscribe", "in-reply-to")
        ]
    for value in said:
        tagged = ours.tag.search(value)
        found = tagged[2].lower() if tagged else own_reference(value, ours)
        if found:
            return found
    return own_reference(raw_header(mail, "references") or raw_header(mail, "in-reply-to"), ours)


def own_reference(ids: str, ours: Ours) -> str | None:
    """The local part of the last Message-ID in the text that has our domain."""
    own = [local for local, domain in _IDS.findall(ids) if domain.lower() == ours.domain]
    return str(own[-1]).lower() if own else None
