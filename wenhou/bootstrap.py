"""The composition root: settings in, an open installation out. The only importer of `integrations`.

Everything here raises one-line errors that say what to do (`ConfigurationError`, `SchemaMismatch`).
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from integrations.email_smtp.message import build_mail
from integrations.email_smtp.settings import SmtpSettings
from integrations.registry import (
    build_listeners,
    build_parser,
    build_sender,
    read_account,
    require_loopback_account,
)
from integrations.settings import AccountSettings
from integrations.simulator.provider import Person, SimulatorConfig
from integrations.simulator.server import create_app
from scheduler.carriers import Carriers
from scheduler.previewing import fill_one
from store.accounts import ensure_account
from store.database import Database, open_database, require_reachable
from store.keys import open_vault
from store.migrate import check_schema
from store.vault import LocalKeyService, VaultError
from wenhou.core.alerts import Alerter, NobodyToTell
from wenhou.core.channels import CallbackParser, Listener, OutgoingMessage, Probe, Prober
from wenhou.core.clock import Clock, ShiftedClock, SystemClock
from wenhou.core.errors import ConfigurationError
from wenhou.services.context import Bank, Context, nothing_to_note, nothing_to_wake
from wenhou.services.installation import Prepared, prepare_installation
from wenhou.settings import Settings, load_settings

SIMULATOR = "simulator"
PHONES_PATH = "/phones"
"""Where the simulated phones are mounted in the web side."""
_SIMULATED = ("sms", "email", "wechat", "wecom")
_SQLITE = "sqlite:///"
_SIMULATOR_FILE = "phones.sqlite3"
_SECRET_FILE = "secret.key"  # noqa: S105 - a file's name


def open_context(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    submit: Callable[[str], None] = nothing_to_wake,
    passed: Callable[[str], None] = nothing_to_note,
) -> Context:
    """Open the installation the settings name. Outside production a SQLite store that does not exist is made.

    Raises ConfigurationError or SchemaMismatch; the caller closes `context.db`.
    """
    settings = settings or load_settings()
    clock = clock or open_clock(settings)
    if not settings.is_production and _is_missing(settings):
        initialise(settings, clock=clock)
    database = open_store(settings)
    try:
        check_schema(database)
        with database.read() as session:
            vault = open_vault(session, LocalKeyService(secret_key(settings)))
    except VaultError as error:
        database.close()
        problem = (
            f"WENHOU_SECRET_KEY does not open this database's keys ({error}); use the one it was made with"
        )
        raise ConfigurationError(problem) from error
    except BaseException:
        database.close()
        raise
    return Context(
        db=database,
        vault=vault,
        clock=clock,
        bank=bank_of(settings),
        submit=submit,
        passed=passed,
        production=settings.is_production,
        campaigns_need_two=settings.campaigns_need_two,
        fill_one=fill_one,
    )


@contextmanager
def using_context(settings: Settings | None = None) -> Iterator[Context]:
    """`open_context`, closed at the end."""
    context = open_context(settings)
    try:
        yield context
    finally:
        context.db.close()


def initialise(settings: Settings, *, clock: Clock | None = None) -> Prepared:
    """What `wenhou init` does: schema, keys, head office and, outside production, the local operator."""
    clock = clock or open_clock(settings)
    database = open_store(settings, direct=True)
    try:
        return prepare_installation(
            database,
            LocalKeyService(secret_key(settings)),
            clock,
            bank_name=settings.bank_name,
            with_operator=not settings.is_production,
        )
    finally:
        database.close()


def open_store(settings: Settings, *, direct: bool = False) -> Database:
    """The database, reachable and writable. `direct`: past the pooler, for migrations."""
    url = settings.store_url
    if direct and settings.database_direct_url is not None:
        url = settings.database_direct_url.get_secret_value()
    if url.startswith(_SQLITE):
        _prepare_file(Path(url.removeprefix(_SQLITE)))
    relaxed = settings.mode in {"demo", "test"}
    database = open_database(url, synchronous="NORMAL" if relaxed else "FULL")
    try:
        require_reachable(database)
    except BaseException:
        database.close()
        raise
    return database


def open_clock(settings: Settings) -> Clock:
    """Wall time, or outside production the business time the settings ask for."""
    if settings.now is None and not settings.freeze:
        return SystemClock()
    return ShiftedClock(settings.now or SystemClock().now(), frozen=settings.freeze)


def bank_of(settings: Settings) -> Bank:
    """The bank's facts."""
    return Bank(
        name=settings.bank_name,
        signature=settings.bank_signature,
        zone=ZoneInfo(settings.bank_zone),
        hotline=settings.bank_hotline,
        public_url=settings.links_url,
        opt_out_suffix=settings.opt_out_suffix,
        link_domains=settings.bank_domains,
    )


def open_accounts(settings: Settings) -> list[AccountSettings]:
    """Every account, checked; the simulator on every channel when none is named. Raises with all problems at once."""
    blocks = settings.accounts or [_simulated(settings, channel) for channel in _SIMULATED]
    problems: list[str] = []
    accounts: list[AccountSettings] = []
    for block in blocks:
        try:
            account = read_account(block)
            _require_allowed(settings, account)
            accounts.append(account)
        except ConfigurationError as error:
            problems += error.problems
    channels = [account.channel for account in accounts]
    problems += [
        f"accounts: two accounts carry {channel}; name one a channel"
        for channel in sorted({channel for channel in channels if channels.count(channel) > 1})
    ]
    if problems:
        raise ConfigurationError(*problems)
    return accounts


def open_carriers(context: Context, settings: Settings) -> Carriers:
    """A ready sender for every channel, and its row with the shared token bucket. The caller closes it."""
    accounts = open_accounts(settings)
    with context.db.write() as session:
        for account in accounts:
            ensure_account(
                session,
                channel=account.channel,
                provider=account.provider,
                account=account.account,
                rate=account.rate_per_second,
                real=context.clock.real(),
            )
    return Carriers(senders={account.channel: build_sender(account) for account in accounts})


def open_alerter(settings: Settings) -> Alerter:
    """Who tells staff outside the console. Raises ConfigurationError for an address that cannot be used."""
    addresses = settings.alerts.get_secret_value().split()
    if not addresses:
        return NobodyToTell()
    from integrations.alerts import AppriseAlerter  # noqa: PLC0415 - loaded only where somebody is to be told

    return AppriseAlerter(addresses, loopback_only=not settings.is_production)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a look at one account found; `probe` None: its provider has nothing that could be tried."""

    channel: str
    provider: str
    account: str
    probe: Probe | None


def probe_accounts(settings: Settings) -> Iterator[Probed]:
    """Try each account's way to its provider and its credentials; nobody is written to."""
    for account in open_accounts(settings):
        sender = build_sender(account)
        try:
            probe = sender.probe() if isinstance(sender, Prober) else None
        finally:
            sender.close()
        yield Probed(channel=account.channel, provider=account.provider, account=account.account, probe=probe)


def mail_writer(from_address: str, domain: str) -> Callable[[OutgoingMessage, datetime], bytes]:
    """What makes a mail account's messages into bytes, without a line to its server: for measuring."""
    settings = SmtpSettings(account="mail", host="127.0.0.1", from_address=from_address, domain=domain)
    return lambda message, at: build_mail(message, settings, at)


def open_parsers(settings: Settings) -> Mapping[tuple[str, str], CallbackParser]:
    """Who understands what is posted to `/hooks/<provider>/<account>`; accounts that only send have nobody there."""
    return {
        (account.provider, account.account): build_parser(account)
        for account in open_accounts(settings)
        if account.hears
    }


def open_listeners(settings: Settings) -> Sequence[Listener]:
    """Everything that has to run for the accounts to be heard whose providers do not push."""
    return [listener for account in open_accounts(settings) for listener in build_listeners(account)]


def secret_key(settings: Settings) -> bytes:
    """The secret that opens the data keys; outside production it is made and kept, readable by its owner only."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    place = _home(settings) / _SECRET_FILE
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        made = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_secret(place)
    except OSError as error:
        problem = (
            f"{place.parent} cannot be written ({error.strerror}); set WENHOU_DATA_DIR to a folder of yours"
        )
        raise ConfigurationError(problem) from error
    with os.fdopen(made, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return _read_secret(place)


def simulator_secret(settings: Settings, account: str) -> str:
    """The secret both sides of a simulated account sign with: derived, never stored."""
    return hmac.digest(secret_key(settings), f"wenhou simulator {account}".encode(), "sha256").hex()


def simulated_accounts(settings: Settings) -> dict[str, str]:
    """Account → secret of every simulated account mounted in our own web side; empty when none is."""
    home = f"{settings.web_url}{PHONES_PATH}"
    if not settings.accounts:
        return {channel: simulator_secret(settings, channel) for channel in _SIMULATED}
    return {
        str(block["account"]): str(block["secret"])
        for block in settings.accounts
        if block.get("provider") == SIMULATOR and str(block.get("base_url", "")).startswith(home)
    }


def make_simulator(
    settings: Settings,
    clock: Clock,
    account_secrets: Mapping[str, str],
    people: Callable[[], Sequence[tuple[str, dict[str, str]]]],
) -> tuple[Callable[..., Any], Callable[[], None]]:
    """The pretend provider's application, reporting to our own web side, and what closes it."""

    def list_people() -> list[Person]:
        return [Person(name=name, addresses=addresses) for name, addresses in people()]

    config = SimulatorConfig(
        secrets=account_secrets,
        hooks_url=settings.web_url,
        state_file=str(_home(settings) / _SIMULATOR_FILE),
        people=list_people,
        clock=clock,
    )
    app = create_app(config)
    return app.wsgi_app, app.extensions["simulator"].close


def _simulated(settings: Settings, channel: str) -> dict[str, object]:
    return {
        "channel": channel,
        "provider": SIMULATOR,
        "account": channel,
        "base_url": f"{settings.web_url}{PHONES_PATH}",
        "secret": simulator_secret(settings, channel),
    }


def _require_allowed(settings: Settings, account: AccountSettings) -> None:
    """Production sends for real and only for real; anything else cannot leave this machine."""
    name = f"account {account.account}"
    if settings.is_production:
        if account.provider == SIMULATOR and not settings.allow_simulator:
            problem = (
                f"{name}: the simulator sends to nobody; set WENHOU_ALLOW_SIMULATOR=true if that is meant"
            )
            raise ConfigurationError(problem)
        return
    require_loopback_account(account)
    if account.provider != SIMULATOR and not settings.allow_loopback_providers:
        problem = (
            f"{name}: outside production only the simulator sends; for a test server on this machine set "
            "WENHOU_ALLOW_LOOPBACK_PROVIDERS=true"
        )
        raise ConfigurationError(problem)


def _home(settings: Settings) -> Path:
    """The folder of the SQLite file, else the data folder."""
    url = settings.store_url
    return Path(url.removeprefix(_SQLITE)).parent if url.startswith(_SQLITE) else settings.data_dir


def has_store(settings: Settings) -> bool:
    """Whether there is a store to ask; a SQLite file is made by the first command that needs one."""
    return not _is_missing(settings)


def _is_missing(settings: Settings) -> bool:
    url = settings.store_url
    return url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists()


def _prepare_file(file: Path) -> None:
    """The SQLite file exists, is ours alone and can be written; raises ConfigurationError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        problem = (
            f"the database file {file} cannot be written ({error.strerror}); "
            "give it to this user or set WENHOU_DATABASE_URL"
        )
        raise ConfigurationError(problem) from error


def _read_secret(place: Path) -> bytes:
    try:
        return place.read_bytes().strip()
    except OSError as error:
        problem = f"{place} cannot be read ({error.strerror}); give it to this user or set WENHOU_SECRET_KEY"
        raise ConfigurationError(problem) from error
