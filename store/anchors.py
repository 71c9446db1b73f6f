"""Anchors of the audit chain: its end at some moment, signed, one line each in a file outside the database.

Keep the file where whoever owns the database cannot write (another host, WORM storage): a chain made anew, or cut
off, no longer meets its anchors.
"""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wenhou.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Number and digest of a link of the chain."""

    seq: int
    digest: bytes


def write_anchor(path: Path, key: bytes, anchor: Anchor, real: datetime) -> None:
    """Append a signed line and wait until it is on the disk. `key` is the vault's digest key."""
    body = {"seq": anchor.seq, "digest": anchor.digest.hex(), "at": real.isoformat()}
    line = json.dumps({**body, "mac": _mac(key, body)}) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read_anchors(path: Path, key: bytes) -> list[Anchor]:
    """All anchors of a file; raises InputError, naming the line, for one that was altered or signed elsewhere."""
    anchors = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            body = json.loads(line)
            mac = body.pop("mac")
            anchor = Anchor(seq=int(body["seq"]), digest=bytes.fromhex(body["digest"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            msg = "this is no anchor of the audit chain"
            raise InputError(msg, file=str(path), line=number, code="anchor_altered") from error
        if not hmac.compare_digest(str(mac), _mac(key, body)):
            msg = "this anchor was altered, or belongs to another installation"
            raise InputError(msg, file=str(path), line=number, code="anchor_altered")
        anchors.append(anchor)
    return anchors


def _mac(key: bytes, body: dict[str, object]) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(key, b"wenhou audit anchor\0" + canonical, "sha256").hex()
