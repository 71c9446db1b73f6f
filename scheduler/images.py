"""Images before a call: given to the provider where it wants them first, put into the message where it carries them.

Nothing of a message has left while its image is on its way: whatever goes wrong here, the message stays and is tried
again; an order to stop and gates grown old are looked at after it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from scheduler.outcomes import outcome_of_error
from scheduler.preparing import Ready
from scheduler.recording import Result
from store.media import forget_uploads, load_images, record_upload
from templates.mail.letter_1 import content_id
from wenhou.core.channels import (
    MEDIA_UNKNOWN,
    InlineImage,
    MediaUploader,
    Outcome,
    Permanent,
    Sender,
    Transient,
    Unknown,
)
from wenhou.services.context import Context
from wenhou.services.media import upload_for

log = logging.getLogger("wenhou.dispatch")
MEDIA_UPLOAD = "media_upload"
MEDIA_UNSUPPORTED = "media_unsupported"
MEDIA_MISSING = "media_missing"
_Given = Mapping[str, str | InlineImage | Outcome]
"""By digest: the provider's id, the image itself, or why there is neither."""


def with_images(context: Context, sender: Sender, ready: Sequence[Ready]) -> tuple[list[Ready], list[Result]]:
    """The messages with their images, and those that cannot be called now, each with its outcome."""
    wanted = {digest for item in ready for digest in item.outgoing.content.media}
    if not wanted:
        return list(ready), []
    given = _given(context, sender, sorted(wanted))
    fit: list[Ready] = []
    unfit: list[Result] = []
    for item in ready:
        found = [given[digest] for digest in item.outgoing.content.media]
        failed = next((one for one in found if not isinstance(one, str | InlineImage)), None)
        if failed is not None:
            unfit.append(Result(ready=item, outcome=failed))
            continue
        ids = tuple(one for one in found if isinstance(one, str))
        images = tuple(one for one in found if isinstance(one, InlineImage))
        fit.append(replace(item, outgoing=replace(item.outgoing, media_ids=ids, images=images)))
    return fit, unfit


def forget_unknown(context: Context, sender: Sender, results: Sequence[Result]) -> None:
    """Images that the provider says it no longer knows are given anew at the next try."""
    lost = {
        digest
        for result in results
        if isinstance(result.outcome, Transient) and result.outcome.code == MEDIA_UNKNOWN
        for digest in result.ready.outgoing.content.media
    }
    if lost:
        with context.db.write() as session:
            forget_uploads(session, lost, provider=sender.provider, account=sender.account)


def _given(context: Context, sender: Sender, digests: Sequence[str]) -> _Given:
    if sender.capabilities.carries_images:
        with context.db.read() as session:
            images = load_images(session, digests)
        return {
            digest: InlineImage(
                digest=digest,
                mime=images[digest][0],
                body=images[digest][1],
                content_id=content_id(digest),
            )
            if digest in images
            else Permanent(code=MEDIA_MISSING)
            for digest in digests
        }
    if isinstance(sender, MediaUploader):
        return {digest: _uploaded(context, sender, sender, digest) for digest in digests}
    return dict.fromkeys(digests, Permanent(code=MEDIA_UNSUPPORTED))


def _uploaded(context: Context, sender: Sender, uploader: MediaUploader, digest: str) -> str | Outcome:
    """The provider's id, from before or made now; no transaction is open while it is given."""
    where = {"provider": sender.provider, "account": sender.account}
    with context.db.read() as session:
        known = upload_for(session, digest, at=context.clock.real(), **where)
        image = None if known else load_images(session, [digest]).get(digest)
    if known:
        return known
    if image is None:
        return Permanent(code=MEDIA_MISSING)
    try:
        made = uploader.upload(digest, *image)
    except Exception as error:  # noqa: BLE001 - the call boundary: whatever it was, no message has left
        log.warning("upload_failed", extra={"provider": sender.provider, "error": type(error).__name__})
        outcome = outcome_of_error(error)
        return Transient(code=MEDIA_UPLOAD) if isinstance(outcome, Unknown | Permanent) else outcome
    with context.db.write() as session:
        record_upload(
            session,
            digest,
            provider_media_id=made.provider_media_id,
            uploaded_at=context.clock.real(),
            expires_at=made.expires_at,
            **where,
        )
    return made.provider_media_id
