"""The seed list and what was sent to it: staff who read every real run with the customers. Never messages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from store.inserts import insert_new
from store.models.campaigns import Occurrence
from store.models.handover import ProviderRef
from store.models.messages import Message
from store.models.organisation import Org
from store.models.steering import Seed, SeedSend
from store.vault import Vault, place
from wenhou.core.ids import new_id
from wenhou.core.receipts import Told, better
from wenhou.core.statuses import HANDED_OVER, Receipt

_REFERENCE_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeed:
    """Somebody to be added. `address` normalised: E.164, mail address, openid."""

    name: str
    channel: str
    address: str
    carrier: str | None = None
    org_id: uuid.UUID | None = None
    added_by: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSend:
    """A sample about to be handed over; its id is the attempt's for the provider."""

    id: uuid.UUID
    seed_id: uuid.UUID
    name: str
    channel: str
    address: str


def add_seed(session: Session, vault: Vault, new: NewSeed, at: datetime) -> tuple[Seed, bool]:
    """Add an address, or take up again one that was removed; whether anything changed."""
    shadow = vault.blind_index(new.channel, "", new.address)
    found = session.scalars(
        select(Seed).where(Seed.channel == new.channel, Seed.blind_index == shadow)
    ).one_or_none()
    if found is not None:
        changed = not found.is_active or (found.name, found.carrier, found.org_id) != (
            new.name,
            new.carrier,
            new.org_id,
        )
        found.is_active, found.name, found.carrier, found.org_id = True, new.name, new.carrier, new.org_id
        return found, changed
    row_id = new_id()
    row = Seed(
        id=row_id,
        name=new.name,
        channel=new.channel,
        address=vault.seal(place("seeds", "address", row_id), new.address.encode()),
        blind_index=shadow,
        carrier=new.carrier,
        org_id=new.org_id,
        added_by=new.added_by,
        created_at=at,
    )
    session.add(row)
    session.flush()
    return row, True


def remove_seed(session: Session, seed_id: uuid.UUID) -> bool:
    """Nothing goes there any longer; what was sent stays known. False when it was not on the list."""
    found = session.execute(
        update(Seed).where(Seed.id == seed_id, Seed.is_active).values(is_active=False).returning(Seed.id)
    )
    return found.first() is not None


def list_seeds(session: Session, vault: Vault) -> list[tuple[Seed, str, str | None]]:
    """(seed, address in clear, org code) of those on the list, by name: mask the address before anybody reads it."""
    rows = session.execute(
        select(Seed, Org.code)
        .outerjoin(Org, Org.id == Seed.org_id)
        .where(Seed.is_active)
        .order_by(Seed.name, Seed.id)
    )
    return [
        (seed, vault.open(place("seeds", "address", seed.id), seed.address).decode(), code)
        for seed, code in rows
    ]


def runs_begun(session: Session, since: date, until: date) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(run, campaign version) of the runs of some days of which something was really handed over."""
    left = exists().where(Message.occurrence_id == Occurrence.id, Message.status.in_(HANDED_OVER))
    rows = session.execute(
        select(Occurrence.id, Occurrence.campaign_version_id)
        .where(Occurrence.on_day.between(since, until), left)
        .order_by(Occurrence.on_day, Occurrence.id)
    )
    return [(row.id, row.campaign_version_id) for row in rows]


def version_of(session: Session, occurrence_id: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID] | None:
    """(campaign, campaign version) of a run."""
    row = session.execute(
        select(Occurrence.campaign_id, Occurrence.campaign_version_id).where(Occurrence.id == occurrence_id)
    ).first()
    return (row.campaign_id, row.campaign_version_id) if row else None


def seeds_waiting(session: Session, occurrence_id: uuid.UUID, channels: Sequence[str]) -> list[Seed]:
    """Seeds on these channels that this run reached and that got no sample of it yet.

    A seed of an org reads the runs that something of left for customers of that org or below.
    """
    sent = exists().where(SeedSend.occurrence_id == occurrence_id, SeedSend.seed_id == Seed.id)
    below = aliased(Org)
    reached = exists().where(
        Message.occurrence_id == occurrence_id,
        Message.status.in_(HANDED_OVER),
        Message.org_id == below.id,
        func.substr(below.path, 1, func.length(Org.path)) == Org.path,
    )
    return list(
        session.scalars(
            select(Seed)
            .outerjoin(Org, Org.id == Seed.org_id)
            .where(Seed.is_active, Seed.channel.in_(channels), ~sent, or_(Seed.org_id.is_(None), reached))
            .order_by(Seed.id)
        )
    )


def open_send(
    session: Session, vault: Vault, seed: Seed, occurrence_id: uuid.UUID, at: datetime
) -> OpenSend | None:
    """Write down that a sample goes to a seed now; None when one went or goes already. Commit before the call."""
    row = {
        "id": new_id(),
        "occurrence_id": occurrence_id,
        "seed_id": seed.id,
        "channel": seed.channel,
        "opened_at": at,
    }
    made = insert_new(session, SeedSend, [row], unique=("occurrence_id", "seed_id"), returning=SeedSend.id)
    if not made:
        return None
    address = vault.open(place("seeds", "address", seed.id), seed.address).decode()
    return OpenSend(id=made.pop(), seed_id=seed.id, name=seed.name, channel=seed.channel, address=address)


def close_send(session: Session, send_id: uuid.UUID, *, outcome: str, code: str | None, at: datetime) -> None:
    """How the call ended: `accepted`, `refused`, `unknown`, or `no_words` when there was nothing to send."""
    session.execute(
        update(SeedSend)
        .where(SeedSend.id == send_id)
        .values(outcome=outcome, code=code[:80] if code else None, closed_at=at)
    )


def keep_references(
    session: Session, send_id: uuid.UUID, *, provider: str, account: str, references: Sequence[str]
) -> None:
    """What the provider calls a sample, so that its receipts are not taken for unknown ones."""
    rows = [
        {
            "provider": provider,
            "account": account,
            "reference": reference[:_REFERENCE_LENGTH],
            "recipient_index": 0,
            "part": part,
            "attempt_id": send_id,
        }
        for part, reference in enumerate(references)
    ]
    unique = ("provider", "account", "reference", "recipient_index", "part")
    insert_new(session, ProviderRef, rows, unique=unique, returning=ProviderRef.attempt_id)


def note_receipt(
    session: Session,
    vault: Vault,
    *,
    provider: str,
    account: str,
    reference: str | None,
    provider_message_id: str | None,
    receipt: Receipt,
    at: datetime,
) -> bool:
    """Keep a receipt of a sample on it; False when it speaks of no sample."""
    send_id = vault.attempt_of(reference) if reference else None
    if send_id is None and provider_message_id:
        send_id = session.scalars(
            select(ProviderRef.attempt_id)
            .where(
                ProviderRef.provider == provider,
                ProviderRef.account == account,
                ProviderRef.reference == provider_message_id,
            )
            .limit(1)
        ).first()
    row = session.get(SeedSend, send_id) if send_id is not None else None
    if row is None:
        return False
    current = (
        Told(receipt=Receipt(row.receipt), at=row.receipt_at) if row.receipt and row.receipt_at else None
    )
    merged, _ = better(current, Told(receipt=receipt, at=at), bounces_late=False)
    if merged is not None:
        row.receipt, row.receipt_at = merged.receipt, merged.at
    return True


def list_sends(session: Session, occurrence_id: uuid.UUID) -> list[tuple[SeedSend, Seed]]:
    """What went to whom of a run."""
    rows = session.execute(
        select(SeedSend, Seed)
        .join(Seed, Seed.id == SeedSend.seed_id)
        .where(SeedSend.occurrence_id == occurrence_id)
        .order_by(SeedSend.id)
    )
    return [(send, seed) for send, seed in rows]
