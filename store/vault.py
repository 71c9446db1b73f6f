"""Field encryption and blind indexes (DESIGN §5).

Value = tag (1) | key id (4) | nonce (12) | ciphertext, AES-256-GCM-SIV, AAD = `table.column.row id`: a value moved to
another row or column does not open. The one-byte tag leaves room for another algorithm (SM4). A customer's own data is
sealed with that customer's random key, itself wrapped by a data key, itself wrapped by the key service (one call at
start): erasing a person is shredding one row. What belongs to nobody yet, or to several people, uses the system key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from wenhou.core.errors import StoreError

_SYSTEM_TAG = 0x01
_CUSTOMER_TAG = 0x11
_HEADER = 5
_NONCE = 12
_INDEX_BYTES = 16
KEY_BYTES = 32
DATA, SYSTEM, INDEX, DIGEST, REFERENCE, TOKEN = "data", "system", "index", "digest", "reference", "token"
KEY_PURPOSES = (DATA, SYSTEM, INDEX, DIGEST, REFERENCE, TOKEN)


class VaultError(StoreError):
    """A sealed value does not open: wrong key, shredded key, or a value moved or altered."""

    code = "vault"


class KeyService(Protocol):
    """Wraps the few data keys: a local secret, or a bank's HSM behind the same two calls."""

    def wrap(self, key: bytes) -> bytes:
        """Seal a data key."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open a data key; raises VaultError."""
        ...


class LocalKeyService:
    """The key service of a small installation: WENHOU_SECRET_KEY wraps the data keys."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCMSIV(hashlib.sha256(b"wenhou key service\0" + secret).digest())

    def wrap(self, key: bytes) -> bytes:
        """Seal a data key under the secret."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, key, b"data_keys")

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open a data key; raises VaultError when WENHOU_SECRET_KEY is not the one it was wrapped with."""
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], b"data_keys")
        except (InvalidTag, ValueError) as error:  # ValueError: cut short
            msg = "this database was made with another WENHOU_SECRET_KEY; set the one it was made with"
            raise VaultError(msg, code="wrong_secret_key") from error


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DataKey:
    """One unwrapped data key."""

    key_id: int
    purpose: str
    secret: bytes


class CustomerKey:
    """One customer's key, open in memory only as long as it is used."""

    __slots__ = ("_cipher", "version")

    def __init__(self, secret: bytes, version: int) -> None:
        self._cipher = AESGCMSIV(secret)
        self.version = version

    def seal(self, aad: bytes, plain: bytes) -> bytes:
        """Encrypt bytes bound to their place."""
        nonce = os.urandom(_NONCE)
        head = bytes([_CUSTOMER_TAG]) + self.version.to_bytes(4, "big")
        return head + nonce + self._cipher.encrypt(nonce, plain, aad)

    def open(self, aad: bytes, sealed: bytes) -> bytes:
        """Decrypt; raises VaultError."""
        return _open(self._cipher, aad, sealed)


def _open(cipher: AESGCMSIV, aad: bytes, sealed: bytes) -> bytes:
    start = _HEADER + _NONCE
    try:
        return cipher.decrypt(sealed[_HEADER:start], sealed[start:], aad)
    except (InvalidTag, ValueError) as error:  # ValueError: cut short
        msg = "a sealed value does not open: it was moved, altered, or its key is another one"
        raise VaultError(msg) from error


def place(table: str, column: str, row_id: uuid.UUID) -> bytes:
    """The AAD of a field: where it stands."""
    return f"{table}.{column}.".encode() + row_id.bytes


class Vault:
    """All open data keys of an installation. Build one at start (`store.keys.open_vault`) and pass it on."""

    def __init__(self, keys: Mapping[str, DataKey], retired: Mapping[int, DataKey] | None = None) -> None:
        missing = [purpose for purpose in KEY_PURPOSES if purpose not in keys]
        if missing:
            msg = f"data keys are missing: {', '.join(missing)}; run `wenhou init`"
            raise VaultError(msg)
        self._keys = keys
        every = [*keys.values(), *(retired or {}).values()]
        self._system = {key.key_id: AESGCMSIV(key.secret) for key in every if key.purpose == SYSTEM}
        self._data = {key.key_id: AESGCMSIV(key.secret) for key in every if key.purpose == DATA}
        self._index_key = keys[INDEX].secret
        self._reference_key = keys[REFERENCE].secret[:16]
        self.digest_key = keys[DIGEST].secret
        self.token_key = keys[TOKEN].secret

    @property
    def data_key_id(self) -> int:
        """The data key that wraps new customer keys."""
        return self._keys[DATA].key_id

    def seal(self, aad: bytes, plain: bytes) -> bytes:
        """Encrypt with the system key: what belongs to no one yet, or to several."""
        key = self._keys[SYSTEM]
        nonce = os.urandom(_NONCE)
        head = bytes([_SYSTEM_TAG]) + key.key_id.to_bytes(4, "big")
        return head + nonce + self._system[key.key_id].encrypt(nonce, plain, aad)

    def open(self, aad: bytes, sealed: bytes) -> bytes:
        """Decrypt what the system key sealed; raises VaultError."""
        if sealed[:1] != bytes([_SYSTEM_TAG]):
            msg = "this value was not sealed with the system key"
            raise VaultError(msg)
        cipher = self._system.get(int.from_bytes(sealed[1:_HEADER], "big"))
        if cipher is None:
            msg = "the system key of this value is not known here"
            raise VaultError(msg)
        return _open(cipher, aad, sealed)

    def new_customer_key(self, customer_id: uuid.UUID) -> tuple[CustomerKey, bytes]:
        """A fresh key for a customer and its wrapped form for `customer_keys`."""
        secret = os.urandom(KEY_BYTES)
        nonce = os.urandom(_NONCE)
        cipher = self._data[self.data_key_id]
        return CustomerKey(secret, 1), nonce + cipher.encrypt(nonce, secret, customer_id.bytes)

    def open_customer_key(
        self, customer_id: uuid.UUID, wrapped: bytes, data_key_id: int, version: int
    ) -> CustomerKey:
        """Unwrap a customer's key; raises VaultError."""
        cipher = self._data.get(data_key_id)
        if cipher is None:
            msg = "the data key of this customer's key is not known here"
            raise VaultError(msg)
        try:
            secret = cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], customer_id.bytes)
        except (InvalidTag, ValueError) as error:  # ValueError: cut short
            msg = "a customer's key does not open"
            raise VaultError(msg) from error
        return CustomerKey(secret, version)

    def blind_index(self, channel: str, account: str, address: str) -> bytes:
        """The searchable shadow of an address, 16 bytes; the address must be normalised first."""
        return self._mac(f"{channel}\0{account}\0{address}")

    def last_four_index(self, four: str) -> bytes:
        """The shadow of a phone's last four digits: of use only inside the caller's own scope."""
        return self._mac(f"last4\0{four}")

    def _mac(self, text: str) -> bytes:
        return hmac.digest(self._index_key, text.encode(), "sha256")[:_INDEX_BYTES]

    def reference_of(self, attempt_id: uuid.UUID) -> str:
        """What a provider echoes of an attempt: the id under one AES block, 26 characters of base32.

        Unguessable without the key, and it leads back to its attempt without a table or an index.
        """
        cipher = Cipher(algorithms.AES(self._reference_key), modes.ECB())  # noqa: S305 - one block, a permutation of ids
        block = cipher.encryptor().update(attempt_id.bytes)
        return base64.b32encode(block).decode().rstrip("=").lower()

    def attempt_of(self, reference: str) -> uuid.UUID | None:
        """The attempt a reference names, or None for what was never ours."""
        try:
            block = base64.b32decode(reference.strip().upper() + "======")
        except ValueError:
            return None
        if len(block) != _INDEX_BYTES:
            return None
        cipher = Cipher(algorithms.AES(self._reference_key), modes.ECB())  # noqa: S305
        found = uuid.UUID(bytes=cipher.decryptor().update(block))
        return found if found.version == 7 else None
