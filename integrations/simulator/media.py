"""The pretend provider's images: given before the messages that show them, forgotten after three days as WeChat does."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel

from integrations.simulator.state import State, stamp

KEPT = timedelta(days=3)
MOST_BYTES = 10_000_000
_MAGIC = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}


class Image(BaseModel):
    """A request to keep an image; `body` in base64."""

    digest: str
    mime: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An image as a phone shows it."""

    mime: str
    body: bytes

    @property
    def address(self) -> str:
        """The image itself as an address."""
        return f"data:{self.mime};base64,{base64.b64encode(self.body).decode()}"


def keep(state: State, account: str, image: Image, at: datetime) -> tuple[str, datetime] | None:
    """The id and when it is forgotten (real time); None for what is no image or not the one it says it is."""
    try:
        body = base64.b64decode(image.body, validate=True)
    except (binascii.Error, ValueError):
        return None
    magic = _MAGIC.get(image.mime)
    if magic is None or not body.startswith(magic) or len(body) > MOST_BYTES:
        return None
    if image.digest != "sha256:" + hashlib.sha256(body).hexdigest():
        return None
    return state.keep_image(account, image.digest, image.mime, body, at=at, until=at + KEPT), at + KEPT


def knows(state: State, account: str, media_ids: Sequence[str], at: datetime) -> bool:
    """Whether the account was given all of them and none is forgotten."""
    return all(state.image_until(account, one) > stamp(at) for one in media_ids)


def shown_with(state: State, message_id: str) -> list[Shown]:
    """The images of one message, in their order."""
    return [Shown(mime=mime, body=body) for mime, body in state.images_of(message_id)]


def within(html: str, images: Sequence[Shown]) -> str:
    """A mail's HTML with its images in place of their names, as a mail program shows it: in their order."""
    for image in images:
        start = html.find('src="cid:')
        if start < 0:
            break
        end = html.index('"', start + len('src="'))
        html = f'{html[:start]}src="{image.address}{html[end:]}'
    return html
