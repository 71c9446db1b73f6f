"""The hash that binds an approval to what will be sent (DESIGN §2.3, §5 message_contents).

HMAC-SHA256 over every part a customer could notice, each with its length before it, so that no two different
contents can have one canonical form.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable

from wenhou.core.channels import Content


def content_digest(key: bytes, content: Content) -> bytes:
    """The digest of one channel's rendering, 32 bytes."""
    parts = (
        content.channel,
        content.sender,
        content.subject or "",
        content.text,
        content.html or "",
        "\x1f".join(content.media),
        content.provider_template or "",
        json.dumps(dict(content.parameters), ensure_ascii=False, sort_keys=True, separators=(",", ":")),
    )
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        data = part.encode()
        mac.update(len(data).to_bytes(4, "big"))
        mac.update(data)
    return mac.digest()


def message_digest(key: bytes, digests: Iterable[tuple[str, bytes]]) -> bytes:
    """The digest an approval is bound to: that of every channel the message may take, in the plan's order."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for channel, digest in digests:
        mac.update(channel.encode() + b"\0" + digest)
    return mac.digest()
