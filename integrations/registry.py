"""Who can carry a channel: provider name → how to read its settings and build its sender and parser.

A new provider is one folder, one line in PROVIDERS (or one entry point in the group `wenhou.channels` of
another distribution, an object of the class Provider below) and one settings block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import ValidationError

from integrations.email_smtp.parser import SmtpParser, open_listeners
from integrations.email_smtp.sender import SmtpSender
from integrations.email_smtp.settings import SmtpSettings
from integrations.loopback import is_loopback, require_loopback
from integrations.settings import AccountSettings
from integrations.simulator.parser import SimulatorParser
from integrations.simulator.sender import SimulatorSender
from integrations.simulator.settings import SimulatorSettings
from integrations.sms_http.parser import SmsHttpParser
from integrations.sms_http.polling import open_polls
from integrations.sms_http.profile import SmsHttpSettings
from integrations.sms_http.sender import SmsHttpSender
from wenhou.core.channels import CallbackParser, Listener, Sender
from wenhou.core.errors import ConfigurationError

__all__ = ["is_loopback", "require_loopback"]

ENTRY_POINT_GROUP = "wenhou.channels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider; `settings` is the model of its block, given as is to the two factories."""

    settings: type[AccountSettings]
    sender: Callable[[Any], Sender]
    parser: Callable[[Any], CallbackParser]
    listeners: Callable[[Any], Sequence[Listener]] | None = None
    """What brings in what this account's provider does not push; none for most."""


PROVIDERS: dict[str, Provider] = {
    "email_smtp": Provider(
        settings=SmtpSettings, sender=SmtpSender, parser=SmtpParser, listeners=open_listeners
    ),
    "sms_http": Provider(
        settings=SmsHttpSettings, sender=SmsHttpSender, parser=SmsHttpParser, listeners=open_polls
    ),
    "simulator": Provider(settings=SimulatorSettings, sender=SimulatorSender, parser=SimulatorParser),
}


def provider_names() -> tuple[str, ...]:
    """Every provider that an account may name, ours and installed ones."""
    return tuple(sorted({*PROVIDERS, *(entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))}))


def get_provider(name: str) -> Provider:
    """Ours first, then an installed one; raises ConfigurationError for an unknown name."""
    if name in PROVIDERS:
        return PROVIDERS[name]
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=name):
        return _load(entry)
    problem = f"provider: {name!r} is not known; known are {', '.join(provider_names())}"
    raise ConfigurationError(problem)


def _load(entry: EntryPoint) -> Provider:
    """Another package's provider; what is wrong with the package is said as a fault of the settings that name it."""
    try:
        found = entry.load()
    except Exception as error:  # it is not our code
        problem = (
            f"provider: {entry.name!r} ({entry.value}) cannot be loaded: {type(error).__name__}: {error}"
        )
        raise ConfigurationError(problem) from error
    if isinstance(found, Provider):
        return found
    problem = f"provider: {entry.name!r} ({entry.value}) is no integrations.registry.Provider"
    raise ConfigurationError(problem)


def read_account(block: Mapping[str, object]) -> AccountSettings:
    """The typed settings of one account block; raises ConfigurationError with every problem, never with a value."""
    provider = get_provider(str(block.get("provider", "")))
    place = f"account {block.get('account', '?')}"
    try:
        return provider.settings.model_validate(dict(block))
    except ValidationError as error:
        problems = [
            f"{place}: {'.'.join(map(str, detail['loc'])) or 'settings'}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_context=False, include_url=False)
        ]
    raise ConfigurationError(*problems)


def build_sender(settings: AccountSettings) -> Sender:
    """A sender that is ready."""
    return get_provider(settings.provider).sender(settings)


def build_parser(settings: AccountSettings) -> CallbackParser:
    """A parser that is ready; raises ConfigurationError for an account that is not set up to hear."""
    return get_provider(settings.provider).parser(settings)


def build_listeners(settings: AccountSettings) -> Sequence[Listener]:
    """Everything that has to run for this account to be heard; empty where its provider pushes."""
    make = get_provider(settings.provider).listeners
    return make(settings) if make is not None else ()


def endpoint_of(settings: AccountSettings) -> tuple[str, ...]:
    """Every address the account would call."""
    return settings.endpoints()


def require_loopback_account(settings: AccountSettings) -> None:
    """Raise ConfigurationError unless the account can only reach this machine: demo, tests and development."""
    for address in endpoint_of(settings):
        require_loopback(address, where=f"account {settings.account}")
