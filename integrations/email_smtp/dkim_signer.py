"""DKIM signatures (RFC 6376, 8463): relaxed/relaxed, rsa-sha256 or ed25519-sha256.

The headers of one-click unsubscribing are covered, as RFC 8058 asks; From, Subject and Date are named once more than
they stand there, so that nobody adds a second one.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from wenhou.core.errors import ConfigurationError

SIGNED: Final = (
    "from", "to", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "mime-version",
    "content-type", "list-id", "list-unsubscribe", "list-unsubscribe-post", "feedback-id",
)  # fmt: skip
_TWICE: Final = ("from", "subject", "date")
_SMALLEST_RSA_BITS: Final = 1024
_BLANKS: Final = re.compile(rb"[ \t]+")
_HEADER: Final = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)\r\n")


class DkimKey(BaseModel):
    """One key: `<selector>._domainkey.<domain>` in the DNS holds its public half. PEM, as a file or in the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    selector: str = Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")
    domain: str = Field(pattern=r"^[A-Za-z0-9.-]+$")
    key_file: Path | None = None
    key: SecretStr | None = None

    @model_validator(mode="after")
    def _one_key(self) -> DkimKey:
        if (self.key_file is None) == (self.key is None):
            msg = "either key_file or key"
            raise ValueError(msg)
        return self


class DkimSigner:
    """Signs with one key; raises ConfigurationError at once when it cannot be used."""

    def __init__(self, settings: DkimKey) -> None:
        self._tags = f"d={settings.domain};\r\n s={settings.selector}"
        self._key = _load(settings)
        self._algorithm = "ed25519" if isinstance(self._key, Ed25519PrivateKey) else "rsa"

    def header(self, mail: bytes, at: datetime) -> bytes:
        """The DKIM-Signature to stand before `mail`, ended by CRLF. `mail` has CRLF and is not dot-stuffed."""
        head, _, body = mail.partition(b"\r\n\r\n")
        headers = _relaxed_headers(head + b"\r\n")
        names = [name for name in SIGNED if name in headers]
        covered = [
            headers[name] for name in names
        ]  # a name given once more than it stands there adds nothing
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        signed = _folded_names([*names, *_TWICE])
        unsigned = (
            f"DKIM-Signature: v=1; a={self._algorithm}-sha256; c=relaxed/relaxed; {self._tags};\r\n"
            f" t={int(at.timestamp())}; h={signed};\r\n bh={digest};\r\n b="
        )
        own = _relaxed_headers(unsigned.encode() + b"\r\n")["dkim-signature"].removesuffix(b"\r\n")
        code = base64.b64encode(self._sign(b"".join(covered) + own)).decode()
        lines = "\r\n ".join(code[start : start + 72] for start in range(0, len(code), 72))
        return f"{unsigned}{lines}\r\n".encode()

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(hashlib.sha256(data).digest())
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def _load(settings: DkimKey) -> RSAPrivateKey | Ed25519PrivateKey:
    place = f"dkim {settings.selector}"
    try:
        pem = (
            settings.key_file.read_bytes()
            if settings.key_file
            else settings.key.get_secret_value().encode() if settings.key else b""
        )  # fmt: skip
        key = load_pem_private_key(pem, None)
    except OSError as error:
        problem = f"{place}: key_file cannot be read ({error.strerror})"
        raise ConfigurationError(problem) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        problem = f"{place}: the key is no private key in PEM without a pass phrase"
        raise ConfigurationError(problem) from None
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, RSAPrivateKey) and key.key_size >= _SMALLEST_RSA_BITS:
        return key
    problem = f"{place}: the key is neither RSA of {_SMALLEST_RSA_BITS} bits or more nor Ed25519"
    raise ConfigurationError(problem)


def _relaxed_headers(head: bytes) -> dict[str, bytes]:
    """Lower-case name → its last header as RFC 6376 §3.4.2 writes it."""
    found: dict[str, bytes] = {}
    for match in _HEADER.finditer(head):
        value = _BLANKS.sub(b" ", match[2].replace(b"\r\n", b"")).strip(b" ")
        name = match[1].lower()
        found[name.decode("ascii")] = name + b":" + value + b"\r\n"
    return found


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 §3.4.4; an empty body stays empty."""
    plain = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").rstrip(b" ")
    stripped = re.sub(rb"(?:\r\n)+\Z", b"", plain) if plain.endswith(b"\r\n") else plain
    return stripped + b"\r\n" if stripped else b""


def _folded_names(names: list[str]) -> str:
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) > 56:
            lines.append(line)
            line = ""
        line += f"{name}:"
    return "\r\n ".join([*lines, line]).removesuffix(":")
