"""Sealing a text with the customer's key once the customer is known, with the system key until then (DESIGN §5)."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from store.keys import customer_keys
from store.vault import CustomerKey, Vault, VaultError, place

_SYSTEM_TAG = b"\x01"


class Sealer:
    """Seals and opens texts inside one unit of work; customers' keys are fetched once each."""

    def __init__(self, session: Session, vault: Vault) -> None:
        self._session = session
        self._vault = vault
        self._keys: dict[uuid.UUID, CustomerKey | None] = {}

    def seal(
        self, table: str, column: str, row_id: uuid.UUID, text: str, customer_id: uuid.UUID | None
    ) -> bytes:
        """The text as stored in that very place; for nobody, or a customer without a key, under the system key."""
        aad = place(table, column, row_id)
        key = self._key(customer_id)
        return key.seal(aad, text.encode()) if key is not None else self._vault.seal(aad, text.encode())

    def open(
        self, table: str, column: str, row_id: uuid.UUID, sealed: bytes | None, customer_id: uuid.UUID | None
    ) -> str | None:
        """The text, or None where there is none or the customer was erased; raises VaultError when it was altered."""
        if sealed is None:
            return None
        aad = place(table, column, row_id)
        if sealed[:1] == _SYSTEM_TAG:
            return self._vault.open(aad, sealed).decode()
        key = self._key(customer_id)
        return key.open(aad, sealed).decode() if key is not None else None

    def sealed_for(self, customer_id: uuid.UUID | None) -> str:
        """Whose key a text of this customer is sealed with: `customer` or `system`."""
        return "system" if self._key(customer_id) is None else "customer"

    def preload(self, customer_ids: set[uuid.UUID]) -> None:
        """Fetch several customers' keys in one go, for lists."""
        missing = customer_ids - set(self._keys)
        found = customer_keys(self._session, self._vault, missing)
        self._keys.update({customer_id: found.get(customer_id) for customer_id in missing})

    def _key(self, customer_id: uuid.UUID | None) -> CustomerKey | None:
        if customer_id is None:
            return None
        if customer_id not in self._keys:
            self.preload({customer_id})
        return self._keys[customer_id]


__all__ = ["Sealer", "VaultError"]
