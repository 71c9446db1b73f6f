"""Images by their digest: kept once, agreed to by a second person, and which provider's account holds them until when."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, defer

from store.inserts import insert_new
from store.models.campaigns import Media, MediaUpload

WAITING, APPROVED, RETIRED = "waiting", "approved", "retired"
PREFIX = "sha256:"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMedia:
    """An image to be kept. `digest`: SHA-256 of the body, 32 bytes."""

    digest: bytes
    mime: str
    body: bytes
    width: int
    height: int
    key: str
    alt_zh: str
    alt_en: str
    created_by: uuid.UUID | None


def digest_text(digest: bytes) -> str:
    """As contents and people write it: `sha256:…`."""
    return PREFIX + digest.hex()


def digest_bytes(text: str) -> bytes | None:
    """The digest a text names; None when it names none."""
    try:
        found = bytes.fromhex(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else b""
    except ValueError:
        return None
    return found if len(found) == 32 else None


def insert_media(session: Session, new: NewMedia, at: datetime) -> bool:
    """Keep an image; False when it is kept already."""
    row = {**asdict(new), "size": len(new.body), "created_at": at, "state": WAITING}
    return bool(insert_new(session, Media, [row], unique=["digest"], returning=Media.digest))


def find_media(session: Session, name: str) -> Media | None:
    """By key or `sha256:…` (at least eight digits of it)."""
    digest = digest_bytes(name)
    if digest is not None:
        return session.get(Media, digest)
    if name.startswith(PREFIX):
        start = name.removeprefix(PREFIX)
        found = [row for row in list_media(session) if len(start) >= 8 and row.digest.hex().startswith(start)]
        return found[0] if len(found) == 1 else None
    return session.scalars(select(Media).where(Media.key == name)).one_or_none()


def list_media(session: Session, *, state: str | None = None) -> Sequence[Media]:
    """All images without their bytes, the newest first."""
    query = select(Media).options(defer(Media.body)).order_by(Media.created_at.desc(), Media.digest)
    if state is not None:
        query = query.where(Media.state == state)
    return session.scalars(query).all()


def approved_among(session: Session, digests: Iterable[str]) -> frozenset[str]:
    """Those that may go out today."""
    wanted = [digest for text in digests if (digest := digest_bytes(text)) is not None]
    if not wanted:
        return frozenset()
    query = select(Media.digest).where(Media.digest.in_(wanted), Media.state == APPROVED)
    return frozenset(map(digest_text, session.scalars(query)))


def load_images(session: Session, digests: Iterable[str]) -> dict[str, tuple[str, bytes]]:
    """Digest → (mime, bytes) of those that are kept."""
    wanted = [digest for text in digests if (digest := digest_bytes(text)) is not None]
    rows = session.execute(select(Media.digest, Media.mime, Media.body).where(Media.digest.in_(wanted)))
    return {digest_text(digest): (mime, body) for digest, mime, body in rows}


def find_upload(session: Session, digest: str, *, provider: str, account: str) -> MediaUpload | None:
    """What an account calls an image it was given once, be it expired or not."""
    return session.get(MediaUpload, (digest_bytes(digest) or b"", provider, account))


def list_uploads(session: Session, digest: bytes) -> Sequence[MediaUpload]:
    """Every account that was given an image."""
    query = select(MediaUpload).where(MediaUpload.digest == digest)
    return session.scalars(query.order_by(MediaUpload.provider, MediaUpload.account)).all()


def record_upload(
    session: Session,
    digest: str,
    *,
    provider: str,
    account: str,
    provider_media_id: str,
    uploaded_at: datetime,
    expires_at: datetime | None,
) -> None:
    """What an account calls an image from now on; the name before it is forgotten."""
    row = {
        "digest": digest_bytes(digest),
        "provider": provider,
        "account": account,
        "provider_media_id": provider_media_id,
        "uploaded_at": uploaded_at,
        "expires_at": expires_at,
    }
    unique = ["digest", "provider", "account"]
    forget_uploads(session, [digest], provider=provider, account=account)
    insert_new(session, MediaUpload, [row], unique=unique, returning=MediaUpload.digest)


def forget_uploads(session: Session, digests: Iterable[str], *, provider: str, account: str) -> None:
    """The account knows these no more."""
    wanted = [digest for text in digests if (digest := digest_bytes(text)) is not None]
    session.execute(
        delete(MediaUpload).where(
            MediaUpload.digest.in_(wanted), MediaUpload.provider == provider, MediaUpload.account == account
        ),
        execution_options={"synchronize_session": False},
    )
