"""Accounts: read with every problem named, built, and kept on this machine outside production."""

from __future__ import annotations

import pytest

from integrations.registry import (
    build_sender,
    endpoint_of,
    is_loopback,
    read_account,
    require_loopback_account,
)
from wenhou.core.errors import ConfigurationError

SIMULATOR = {
    "channel": "sms",
    "provider": "simulator",
    "account": "sms",
    "base_url": "http://127.0.0.1:9/x",
    "secret": "long-enough-secret",
}


def test_every_problem_is_named_and_no_value_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_account(SIMULATOR | {"secret": "short", "batch_size": 0, "colour": "blue"})
    said = str(caught.value)
    assert all(name in said for name in ("secret", "batch_size", "colour"))
    assert "short" not in said
    assert "blue" not in said


def test_an_unknown_provider_is_named_with_those_that_exist() -> None:
    with pytest.raises(ConfigurationError, match="'pigeon' is not known") as caught:
        read_account({"provider": "pigeon"})
    assert all(name in str(caught.value) for name in ("email_smtp", "simulator", "sms_http"))


def test_secrets_mask_themselves() -> None:
    settings = read_account(SIMULATOR)
    assert "long-enough-secret" not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("http://127.0.0.1:8000/x", True),
        ("127.8.9.1:25", True),
        ("[::1]:25", True),
        ("::1", True),
        ("localhost:25", True),
        ("http://localhost.bank.example/", False),
        ("http://127.0.0.1@bank.example/", False),
        ("https://bank.example", False),
        ("10.0.0.1:25", False),
        ("0.0.0.0:25", False),
        ("http://[bad", False),
        ("", False),
    ],
)
def test_what_stays_on_this_machine(address: str, *, stays: bool) -> None:
    assert is_loopback(address) is stays


def test_an_account_that_would_leave_is_refused_by_name() -> None:
    require_loopback_account(read_account(SIMULATOR))
    away = read_account(SIMULATOR | {"base_url": "https://sms.example"})
    assert endpoint_of(away) == ("https://sms.example",)
    with pytest.raises(ConfigurationError, match="account sms"):
        require_loopback_account(away)


def test_a_built_sender_knows_what_it_can() -> None:
    sender = build_sender(read_account(SIMULATOR))
    sender.close()
    assert (sender.provider, sender.account, sender.capabilities.channel) == ("simulator", "sms", "sms")
    assert sender.capabilities.reports_reads is False


def test_an_account_without_a_way_to_verify_callbacks_says_that_it_does_not_hear() -> None:
    mute = {
        "channel": "email",
        "provider": "email_smtp",
        "account": "bank",
        "host": "127.0.0.1",
        "from_address": "care@mail.bank.example",
        "domain": "mail.bank.example",
    }
    assert not read_account(mute).hears
    assert read_account({**mute, "inbound_secret": "a long enough secret"}).hears
