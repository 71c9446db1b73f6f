"""The data keys in the database: made once at `wenhou init`, opened once at start."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.among import among
from store.models.customers import CustomerKey as CustomerKeyRow
from store.models.records import DataKeyRow
from store.vault import KEY_BYTES, KEY_PURPOSES, CustomerKey, DataKey, KeyService, Vault, VaultError


def make_data_keys(session: Session, service: KeyService, at: datetime) -> int:
    """Create the data keys that are missing; returns how many were made."""
    present = set(session.scalars(select(DataKeyRow.purpose).where(DataKeyRow.retired_at.is_(None))))
    missing = [purpose for purpose in KEY_PURPOSES if purpose not in present]
    for purpose in missing:
        session.add(DataKeyRow(purpose=purpose, wrapped=service.wrap(os.urandom(KEY_BYTES)), created_at=at))
    return len(missing)


def open_vault(session: Session, service: KeyService) -> Vault:
    """Unwrap all data keys; raises VaultError when the secret is another one or keys are missing."""
    current: dict[str, DataKey] = {}
    retired: dict[int, DataKey] = {}
    for row in session.scalars(select(DataKeyRow).order_by(DataKeyRow.id)):
        key = DataKey(key_id=row.id, purpose=row.purpose, secret=service.unwrap(row.wrapped))
        if row.retired_at is None:
            current[row.purpose] = key
        else:
            retired[row.id] = key
    return Vault(current, retired)


def customer_keys(session: Session, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, CustomerKey]:
    """The open keys of these customers; a shredded one is absent."""
    wanted = list(ids)
    found: dict[UUID, CustomerKey] = {}
    for start in range(0, len(wanted), 500):
        rows = session.execute(
            select(
                CustomerKeyRow.customer_id,
                CustomerKeyRow.wrapped,
                CustomerKeyRow.data_key_id,
                CustomerKeyRow.version,
            ).where(
                among(session, CustomerKeyRow.customer_id, wanted[start : start + 500]),
                CustomerKeyRow.wrapped.is_not(None),
            )
        )
        for customer_id, wrapped, data_key_id, version in rows:
            found[customer_id] = vault.open_customer_key(customer_id, wrapped or b"", data_key_id, version)
    return found


def customer_key(session: Session, vault: Vault, customer_id: UUID) -> CustomerKey:
    """One customer's key; raises VaultError when it was shredded."""
    key = customer_keys(session, vault, [customer_id]).get(customer_id)
    if key is None:
        msg = "this customer's data was erased"
        raise VaultError(msg, code="erased")
    return key
