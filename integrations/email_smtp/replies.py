"""A person's own words out of a mail: character sets, automatic mails, and the quotation below the answer.

Simple and line by line; what it cannot tell it keeps, since words lost are worse than words too many.
"""

from __future__ import annotations

import html
import re
from email.header import decode_header
from email.message import Message

_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "x-gbk": "gb18030",
    "hz": "gb18030",
    "big5": "cp950",
}
_LADDER = ("utf-8", "gb18030", "big5", "latin-1")
_AUTO_HEADERS = (
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-mail-autoreply", "x-vacation",
    "x-auto-response-suppress", "x-fc-machinegenerated", "x-ms-exchange-inbox-rules-loop", "x-amazon-auto-reply",
    "list-id", "list-unsubscribe", "list-post",
)  # fmt: skip
_AUTO_SUBJECT = re.compile(
    r"^(?:(?:re|回复|答复)[:：]\s*)*(?:自动回复|自动答复|自动应答|外出|假期自动回复|休假|automatic reply|auto[ -]?reply"
    r"|auto:|out of (?:the )?office|ooo\b|vacation)",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"^(mailer-daemon|postmaster|no-?reply|donotreply|bounce)", re.IGNORECASE)
_LABEL = re.compile(
    r"^[>|\s*]*(发件人|发送时间|收件人|抄送|主\s*题|日期|发送日期|寄件者|寄件日期|收件者|主旨|from|sent|to|cc|subject|date)"
    r"\s*\**\s*[:：|]",
    re.IGNORECASE,
)
_SENDER_LABEL = re.compile(r"^[>|\s*]*(发件人|寄件者|from)", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"^[>\s]*(-{2,}\s*(原始邮件|回复的原邮件|邮件原件|转发的邮件|original( message)?|forwarded message)\s*-{2,}|_{20,})\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(r"(写道|寫道|wrote)\s*[:：]\s*$", re.IGNORECASE)
_EVIDENCE = re.compile(r"@|\d{4}[-/年]\d{1,2}|\d{1,2}:\d{2}")
_SIGNATURE = re.compile(
    r"^(-- ?$|发自我的|从我的.{1,20}发送|来自QQ邮箱|sent from my|获取 outlook)", re.IGNORECASE
)
_MAX_LINE = 1000


def decode_bytes(raw: bytes, declared: str | None) -> str:
    """The text, by the declared character set (widened), else by a ladder; never fails."""
    name = (declared or "utf-8").lower()
    for charset in (_WIDER.get(name, name), *_LADDER):
        try:
            return raw.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8", "replace")


def header_text(mail: Message, name: str) -> str:
    """A header unfolded and decoded, "" when absent; adjacent encoded words of one character set are joined first."""
    value = mail.get(name)
    if value is None:
        return ""
    text = re.sub(r"\r?\n(?=[ \t])", "", str(value))
    try:
        parts = decode_header(text)
    except ValueError:
        return text.strip()
    pieces = [
        decode_bytes(part, charset)
        if isinstance(part, bytes)
        else part.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for part, charset in parts
    ]
    return "".join(pieces).strip()


def is_automatic(mail: Message) -> bool:
    """Whether a machine wrote it: headers first, then the subject; the body proves nothing (mail spec §6)."""
    submitted = header_text(mail, "auto-submitted").partition(";")[0].strip().lower()
    if submitted == "no":
        return False
    if submitted or any(mail.get(name) is not None for name in _AUTO_HEADERS):
        return True
    if header_text(mail, "precedence").lower() in {"auto_reply", "auto-reply", "bulk", "junk", "list"}:
        return True
    if header_text(mail, "return-path") == "<>" or mail.get_content_type() == "multipart/report":
        return True
    sender = header_text(mail, "from").rpartition("<")[2]
    return bool(_MACHINE.match(sender) or _AUTO_SUBJECT.match(header_text(mail, "subject")))


def extract_reply(mail: Message) -> str:
    """What the customer wrote themselves, without quotation and phone signature; "" for an empty answer."""
    return cut_quotation(_body(mail))


def _body(mail: Message) -> str:
    parts = [part for part in mail.walk() if not part.is_multipart() and not part.get_filename()]
    for wanted in ("text/plain", "text/html"):
        for part in parts:
            raw = part.get_payload(decode=True)
            if part.get_content_type() == wanted and isinstance(raw, bytes):
                text = decode_bytes(raw, part.get_content_charset())
                return text if wanted == "text/plain" else _html_to_text(text)
    return ""


def _html_to_text(text: str) -> str:
    text = re.split(
        r'<div[^>]*class="?gmail_quote|<blockquote[^>]*type="?cite|id="?divRplyFwdMsg', text, maxsplit=1
    )[0]
    text = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>", "", text)
    text = re.sub(r"(?i)<br\s*/?>|</(p|div|tr|li|h\d)\s*>", "\n", text)
    return html.unescape(re.sub(r"<[^>]*>", "", text))


def cut_quotation(text: str) -> str:
    """The lines above the quotation; when nothing stands above, the unquoted lines below it."""
    lines = [_plain(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    cut = next((number for number in range(len(lines)) if _begins_quotation(lines, number)), len(lines))
    above = _own(lines[:cut])
    if above or cut == len(lines):
        return above
    return _own(
        [line for line in lines[cut:] if not line.startswith(">") and not _belongs_to_quotation(line)]
    )


def _plain(line: str) -> str:
    return line[:_MAX_LINE].replace("\u00a0", " ").replace("\u3000", " ").replace("\ufeff", "").rstrip()


def _begins_quotation(lines: list[str], number: int) -> bool:
    line = lines[number]
    if _SEPARATOR.match(line) or line.startswith(">"):
        return True
    joined = line if number + 1 >= len(lines) else f"{line} {lines[number + 1]}"
    if (_ATTRIBUTION.search(line) and _EVIDENCE.search(line)) or (
        _EVIDENCE.search(line)
        and _ATTRIBUTION.search(joined)
        and re.match(r"在|on |.*于\d{4}年", line, re.IGNORECASE)
    ):
        return True
    following = [other for other in lines[number : number + 8] if other][:6]
    labels = [other for other in following if _LABEL.match(other)]
    return (
        bool(_LABEL.match(line)) and len(labels) >= 2 and any(_SENDER_LABEL.match(other) for other in labels)
    )


def _belongs_to_quotation(line: str) -> bool:
    return bool(_SEPARATOR.match(line) or _LABEL.match(line) or _ATTRIBUTION.search(line))


def _own(lines: list[str]) -> str:
    kept = [line for line in lines if not _SIGNATURE.match(line.strip())]
    return "\n".join(kept).strip()
