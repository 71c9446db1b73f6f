"""What the entry point names: how to read the account's block, and what to build from it."""

from __future__ import annotations

from integrations.registry import Provider
from wenhou_channel_example.parser import RelayParser
from wenhou_channel_example.polling import RelayPoll
from wenhou_channel_example.sender import RelaySender
from wenhou_channel_example.settings import RelaySettings


def make_listeners(settings: RelaySettings) -> tuple[RelayPoll, ...]:
    """A poll where the relay cannot push."""
    return (RelayPoll(settings),) if settings.polls else ()


RELAY = Provider(settings=RelaySettings, sender=RelaySender, parser=RelayParser, listeners=make_listeners)
