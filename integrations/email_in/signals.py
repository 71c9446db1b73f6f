"""What shows that no person wrote a mail: headers first, then the subject; the body proves nothing (specification §6)."""

from __future__ import annotations

import re
from email.message import Message
from typing import Final

from integrations.email_in.charsets import address_in, header_text, raw_header, raw_headers

_AUTO_HEADERS: Final = (
    "x-auto-response-suppress", "x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-auto-reply",
    "x-mail-autoreply", "x-vacation", "x-fc-machinegenerated", "x-ms-exchange-inbox-rules-loop", "x-amazon-auto-reply",
)  # fmt: skip
_LIST_HEADERS: Final = ("list-id", "list-unsubscribe", "list-post")
_PREFIXES: Final = r"(?:(?:re|aw|fw|fwd|回复|答复|回覆|转发)\s{0,2}[:：]\s{0,4}){0,8}"
_AUTO_SUBJECT: Final = re.compile(
    rf"{_PREFIXES}[\[【(（]?(?:自动回复|自动答复|自动应答|自動回覆|外出|假期自动回复|休假|automatic reply|auto[ -]?reply"
    r"|auto(?:matische antwort)?:|auto-?response|out of (?:the )?office|ooo\b|vacation|abwesen)",
    re.IGNORECASE,
)
_CHALLENGE: Final = re.compile(
    r"(?:please )?(?:confirm|verify) (?:your|this) (?:message|e-?mail)|challenge|验证您的邮件", re.IGNORECASE
)
_MACHINE: Final = re.compile(
    r"(?:mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|mail-daemon)(?:[+@=-]|$)",
    re.IGNORECASE,
)
_ANSWERS: Final = re.compile(r"(?:re|aw|回复|答复|回覆|fw|fwd|转发)\s{0,2}[:：]", re.IGNORECASE)
_UNSUBSCRIBE: Final = re.compile(r"(?:unsubscribe|退订|退訂|取消订阅|td|t)[\s。.!！]{0,3}", re.IGNORECASE)

BOUNCE_SENDER: Final = re.compile(
    r"mailer-daemon|postmaster|mail delivery|mail-daemon|系统退信|邮件系统|退信|system administrator|mail system",
    re.IGNORECASE,
)
BOUNCE_SUBJECT: Final = re.compile(
    r"undeliver|failure notice|returned (?:mail|to sender)|delivery (?:status notification|failure|failed|has failed|report)"
    r"|mail system error|mail delivery (?:failed|failure|problem|error)|delivery problem"
    r"|message (?:not|you sent).{0,20}deliver"
    r"|退信|投递失败|未送达|无法送达|发送失败|无法投递",
    re.IGNORECASE,
)
BOUNCE_TEXT: Final = re.compile(
    r"(?:could|can|was|were|has) ?not be(?:en)? delivered|delivery (?:to the following|has failed|failed|attempts?)"
    r"|permanent (?:fatal )?"
    r"error|this is the mail (?:system|delivery)|unable to deliver|undeliverable|returned to (?:sender|you)|did not reach"
    r"|\b5\d\d[ -]5\.\d\.\d|SMTP error from remote|退信|无法(?:送达|投递|发送)|未能(?:送达|投递)|投递失败|发送失败",
    re.IGNORECASE,
)


def automatic_evidence(mail: Message) -> str:
    """What shows an automatic answer, "" when nothing does or the mail says that a person wrote it."""
    submitted = raw_header(mail, "auto-submitted").partition(";")[0].strip().lower()
    if submitted == "no":
        return ""
    if submitted:
        return "auto-submitted"
    for name in _AUTO_HEADERS:
        if raw_header(mail, name):
            return name
    if raw_header(mail, "x-apple-action").upper().startswith("VACATION"):
        return "x-apple-action"
    if raw_header(mail, "precedence").lower().replace("-", "_") == "auto_reply":
        return "precedence"
    if raw_header(mail, "return-path").replace(" ", "") == "<>":
        return "empty return-path"
    subject = header_text(mail, "subject")
    if _AUTO_SUBJECT.match(subject):
        return "subject"
    return "challenge" if _CHALLENGE.match(subject) else ""


def machine_evidence(mail: Message) -> str:
    """What shows list traffic or a machine's own mail, "" when nothing does."""
    if raw_header(mail, "auto-submitted").strip().lower() == "no":
        return ""
    for name in _LIST_HEADERS:
        if raw_header(mail, name):
            return name
    if raw_header(mail, "precedence").lower() in {"bulk", "junk", "list"}:
        return "precedence"
    return "sender" if is_machine(address_in(raw_header(mail, "from"))) else ""


def is_machine(address: str) -> bool:
    """Whether nobody reads at this address."""
    return _MACHINE.match(address) is not None


def is_answer(mail: Message) -> bool:
    """Whether a mail says that it answers another."""
    return bool(
        raw_header(mail, "in-reply-to")
        or raw_header(mail, "references")
        or _ANSWERS.match(header_text(mail, "subject"))
    )


def asks_to_stop(mail: Message) -> bool:
    """Whether the subject is the word that ends it and nothing else."""
    return _UNSUBSCRIBE.fullmatch(header_text(mail, "subject")) is not None


def hops(mail: Message) -> int:
    """How many servers the mail has come through."""
    return sum(1 for _ in raw_headers(mail, "received"))
