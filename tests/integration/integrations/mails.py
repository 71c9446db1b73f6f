"""Mails of every kind, written by hand: bytes as servers and programs would send them. All names are invented."""

from __future__ import annotations

import base64

REFERENCE = "k7m2q9x4w8r3t6y1p5z2"
DOMAIN = "mail.bank.example"
BOUNCE, CARE = f"bounce+{REFERENCE}@{DOMAIN}", f"care+{REFERENCE}@{DOMAIN}"


def mail(text: str = "我同意", **headers: str) -> bytes:
    """A plain mail; headers by keyword (`In_Reply_To`), "" leaves one out."""
    known = {"From": "王 <wang@mail.example>", "To": f"care@{DOMAIN}", "Message-ID": "<1@mail.example>"}
    known |= {"Content-Type": "text/plain; charset=utf-8", "Subject": "回复: 您好"}
    known |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in known.items() if value)
    return f"{head}\r\n{text}\r\n".encode("utf-8", "surrogateescape")


def multipart(kind: str, *parts: str, **headers: str) -> bytes:
    """A multipart mail of parts with their own headers."""
    body = "".join(f"--B\r\n{part}\r\n" for part in parts) + "--B--\r\n"
    return mail(body, Content_Type=f"multipart/{kind}; boundary=B", **headers)


def report(kind: str, fields: str, *, returned: str = "", to: str = BOUNCE, **headers: str) -> bytes:
    """A report of one of the standards."""
    return multipart(
        f"report; report-type={kind}",
        "Content-Type: text/plain\r\n\r\nwords for people",
        f"Content-Type: message/{kind}\r\n\r\n{fields}",
        f"Content-Type: text/rfc822-headers\r\n\r\n{returned}",
        **({"To": to, "From": "MAILER-DAEMON@mx.example", "Subject": "Undelivered Mail"} | headers),
    )


RETURNED = f"Message-ID: <{REFERENCE}@{DOMAIN}>\r\nSubject: hello\r\n"


def dsn(action: str, status: str, words: str, **headers: str) -> bytes:
    """A delivery report of one recipient."""
    fields = (
        f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; wang@mail.example\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; {words}\r\n"
    )
    return report("delivery-status", fields, **headers)


def word(text: str, charset: str) -> str:
    """An encoded word."""
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="
