import os
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.vault import KEY_PURPOSES, DataKey, LocalKeyService, Vault, VaultError, place
from wenhou.core.ids import new_id

ROW = uuid.UUID(int=7)


def _keys(start: int = 1) -> dict[str, DataKey]:
    return {
        purpose: DataKey(key_id=number, purpose=purpose, secret=os.urandom(32))
        for number, purpose in enumerate(KEY_PURPOSES, start)
    }


@pytest.fixture
def vault() -> Vault:
    return Vault(_keys())


def test_a_value_opens_in_its_place_and_nowhere_else(vault: Vault) -> None:
    sealed = vault.seal(place("contact_points", "address", ROW), b"+8613900000000")
    assert vault.open(place("contact_points", "address", ROW), sealed) == b"+8613900000000"
    for elsewhere in (
        place("contact_points", "address", uuid.UUID(int=8)),
        place("contact_points", "note", ROW),
        place("customers", "address", ROW),
    ):
        with pytest.raises(VaultError, match="moved, altered"):
            vault.open(elsewhere, sealed)


@given(position=st.integers(0, 60))
def test_an_altered_value_never_opens(position: int) -> None:
    vault = Vault(_keys())
    sealed = bytearray(vault.seal(b"place", b"x" * 40))
    sealed[position] ^= 1
    with pytest.raises(VaultError):
        vault.open(b"place", bytes(sealed))


def test_the_same_words_never_look_the_same_twice(vault: Vault) -> None:
    assert vault.seal(b"place", b"words") != vault.seal(b"place", b"words")


def test_a_customers_key_opens_for_that_customer_alone(vault: Vault) -> None:
    own, other = new_id(), new_id()
    key, wrapped = vault.new_customer_key(own)
    sealed = key.seal(b"place", b"words")
    again = vault.open_customer_key(own, wrapped, vault.data_key_id, 1)
    assert again.open(b"place", sealed) == b"words"
    with pytest.raises(VaultError, match="does not open"):
        vault.open_customer_key(other, wrapped, vault.data_key_id, 1)
    stranger, _ = vault.new_customer_key(other)
    with pytest.raises(VaultError):
        stranger.open(b"place", sealed)


def test_a_customers_value_is_not_opened_with_the_system_key(vault: Vault) -> None:
    key, _ = vault.new_customer_key(new_id())
    with pytest.raises(VaultError, match="not sealed with the system key"):
        vault.open(b"place", key.seal(b"place", b"words"))


def test_a_retired_key_still_opens_what_it_sealed_and_an_unknown_one_says_so() -> None:
    before = _keys()
    sealed = Vault(before).seal(b"place", b"words")
    after = _keys(start=50)
    retired = {before["system"].key_id: before["system"]}
    assert Vault(after, retired).open(b"place", sealed) == b"words"
    with pytest.raises(VaultError, match="not known here"):
        Vault(after).open(b"place", sealed)


def test_missing_keys_name_the_command_that_makes_them() -> None:
    keys = _keys()
    del keys["index"]
    with pytest.raises(VaultError, match="data keys are missing: index; run `wenhou init`"):
        Vault(keys)


def test_a_blind_index_finds_an_address_only_on_its_channel_and_account(vault: Vault) -> None:
    found = vault.blind_index("wechat", "a", "openid")
    assert vault.blind_index("wechat", "a", "openid") == found
    others = [
        vault.blind_index("wechat", "b", "openid"),
        vault.blind_index("wecom", "a", "openid"),
        Vault(_keys()).blind_index("wechat", "a", "openid"),
    ]
    assert found not in others
    assert len(found) == 16


@given(number=st.integers(0, 2**62 - 1))
def test_a_reference_leads_back_to_its_attempt(number: int) -> None:
    vault = Vault(_keys())
    attempt = uuid.UUID(int=(0x019A << 112) | (0x7 << 76) | (0b10 << 62) | number)
    reference = vault.reference_of(attempt)
    assert len(reference) == 26
    assert vault.attempt_of(reference) == attempt
    assert vault.attempt_of(reference.upper()) == attempt


@pytest.mark.parametrize("said", ["", "short", "not-base32!", "中文", "7" * 200])
def test_what_was_never_a_reference_of_ours_leads_nowhere(vault: Vault, said: str) -> None:
    assert vault.attempt_of(said) is None


@pytest.mark.parametrize("length", range(20))
def test_a_value_cut_short_is_an_error_of_the_vault(vault: Vault, length: int) -> None:
    key, _ = vault.new_customer_key(new_id())
    with pytest.raises(VaultError):
        key.open(b"place", key.seal(b"place", b"words")[:length])
    with pytest.raises(VaultError):
        vault.open(b"place", vault.seal(b"place", b"words")[:length])
    with pytest.raises(VaultError):
        LocalKeyService(b"one").unwrap(LocalKeyService(b"one").wrap(b"k" * 32)[:length])


def test_a_wrong_secret_does_not_unwrap() -> None:
    wrapped = LocalKeyService(b"one").wrap(b"k" * 32)
    assert LocalKeyService(b"one").unwrap(wrapped) == b"k" * 32
    with pytest.raises(VaultError, match="another WENHOU_SECRET_KEY"):
        LocalKeyService(b"two").unwrap(wrapped)


def test_keys_do_not_show_themselves(vault: Vault) -> None:
    key = _keys()["data"]
    assert repr(key.secret) not in repr(key)
    assert "secret" not in repr(key)
