"""Settings: every problem at once, by the name a person would set, never with a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from wenhou.bootstrap import open_accounts, open_clock, secret_key
from wenhou.core.clock import ShiftedClock, SystemClock
from wenhou.core.errors import ConfigurationError
from wenhou.settings import Settings, describe, load_settings

SECRET = "a made-up secret of more than thirty-two characters"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WENHOU_CONFIG", raising=False)
    monkeypatch.setenv("WENHOU_DATA_DIR", str(tmp_path))


def test_production_names_everything_it_lacks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENHOU_MODE", "production")
    monkeypatch.setenv("WENHOU_NOW", "2027-01-30T08:30:00+08:00")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    said = str(caught.value)
    for word in ("WENHOU_SECRET_KEY", "WENHOU_NOW", "accounts", "WENHOU_PUBLIC_URL"):
        assert word in said


def test_a_wrong_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENHOU_PORT", "hunter2")
    monkeypatch.setenv("WENHOU_BANK_ZONE", "Mars/Olympus")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "WENHOU_PORT" in str(caught.value)
    assert "WENHOU_BANK_ZONE" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_business_time_without_its_zone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENHOU_NOW", "2027-01-30T08:30:00")
    with pytest.raises(ConfigurationError, match="needs its zone"):
        load_settings()


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "wenhou.toml"
    file.write_text('bank_name = "文件银行"\nport = 9000\n', encoding="utf-8")
    monkeypatch.setenv("WENHOU_CONFIG", str(file))
    monkeypatch.setenv("WENHOU_PORT", "9001")
    settings = load_settings()
    assert (settings.bank_name, settings.port) == ("文件银行", 9001)


@pytest.mark.parametrize(
    ("text", "word"), [("port = ", "not TOML"), ("prot = 9000", "WENHOU_PROT"), (None, "cannot be read")]
)
def test_a_file_that_is_no_settings_file_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None, word: str
) -> None:
    file = tmp_path / "wenhou.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("WENHOU_CONFIG", str(file))
    with pytest.raises(ConfigurationError, match=word):
        load_settings()


def test_every_setting_has_its_sentence_and_secrets_are_masked() -> None:
    settings = Settings(secret_key=SECRET, database_url="postgresql://wenhou:hunter2@db/wenhou")  # type: ignore[arg-type]
    rows = describe(settings)
    assert all(row["meaning"].endswith(".") for row in rows)
    assert SECRET not in str(rows)
    assert "hunter2" not in str(rows) + repr(settings)


def test_the_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = secret_key(load_settings())
    assert secret_key(load_settings()) == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_outside_production_no_account_may_reach_another_machine() -> None:
    account = {
        "channel": "sms",
        "provider": "simulator",
        "account": "sms",
        "base_url": "https://sms.example.com",
        "secret": "12345678",
    }
    with pytest.raises(ConfigurationError, match="loopback"):
        open_accounts(load_settings(accounts=[account]))


def test_outside_production_a_real_protocol_needs_a_word_even_on_this_machine() -> None:
    account = {
        "channel": "email",
        "provider": "email_smtp",
        "account": "mail",
        "host": "127.0.0.1",
        "port": 2525,
        "from_address": "care@bank.example",
        "domain": "bank.example",
    }
    with pytest.raises(ConfigurationError, match=r"account mail: .*WENHOU_ALLOW_LOOPBACK_PROVIDERS=true"):
        open_accounts(load_settings(accounts=[account]))
    allowed = open_accounts(load_settings(accounts=[account], allow_loopback_providers=True))
    assert [opened.account for opened in allowed] == ["mail"]
    away = {**account, "host": "smtp.bank.example"}
    with pytest.raises(ConfigurationError, match="loopback"):
        open_accounts(load_settings(accounts=[away], allow_loopback_providers=True))


def test_two_accounts_of_one_channel_are_refused() -> None:
    def account(name: str) -> dict[str, str]:
        return {
            "channel": "sms",
            "provider": "simulator",
            "account": name,
            "base_url": "http://127.0.0.1:9",
            "secret": "12345678",
        }

    with pytest.raises(ConfigurationError, match="two accounts carry sms"):
        open_accounts(load_settings(accounts=[account("one"), account("two")]))


def test_production_refuses_the_simulator_unless_told_so() -> None:
    account = {
        "channel": "sms",
        "provider": "simulator",
        "account": "sms",
        "base_url": "http://127.0.0.1:9",
        "secret": "12345678",
    }
    given = {
        "mode": "production",
        "secret_key": SECRET,
        "public_url": "https://bank.example",
        "accounts": [account],
    }
    with pytest.raises(ConfigurationError, match="sends to nobody"):
        open_accounts(load_settings(**given))
    assert open_accounts(load_settings(**given, allow_simulator=True))


def test_the_business_clock_starts_where_it_is_told_and_stands_only_when_frozen() -> None:
    assert isinstance(open_clock(load_settings()), SystemClock)
    clock = open_clock(load_settings(now="2027-01-30T08:30:00+08:00", freeze=True))
    assert isinstance(clock, ShiftedClock)
    assert clock.now() == clock.now()
    assert clock.now().isoformat() == "2027-01-30T00:30:00+00:00"
