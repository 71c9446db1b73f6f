"""The senders a process may use, by channel, and what each platform allows: given by the composition root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wenhou.core.channels import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriers:
    """One account a channel. Several accounts a channel (orgs, purposes) will choose by message; today the channel does."""

    senders: Mapping[str, Sender]

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that have a sender."""
        return tuple(self.senders)

    @property
    def platform(self) -> dict[str, frozenset[str]]:
        """Which purposes each channel's platform carries: what the planner may plan at all."""
        return {channel: sender.capabilities.purposes for channel, sender in self.senders.items()}

    @property
    def accounts(self) -> dict[str, tuple[str, str]]:
        """Each channel's (provider, account): whose limits a message on it falls under."""
        return {channel: (sender.provider, sender.account) for channel, sender in self.senders.items()}

    @property
    def deadlines(self) -> dict[tuple[str, str], int]:
        """Hours after a call within which each account's receipts come."""
        return {
            (sender.provider, sender.account): sender.capabilities.receipt_deadline_hours
            for sender in self.senders.values()
        }

    def close(self) -> None:
        """Give back every sender's connections."""
        for sender in self.senders.values():
            sender.close()
