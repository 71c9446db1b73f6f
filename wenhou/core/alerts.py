"""Words to staff outside the console: to a bot, a mailbox. Ids and states only, never anything of a customer's."""

from __future__ import annotations

from typing import Protocol


class Alerter(Protocol):
    """Tells staff, as well as it can."""

    def alert(self, title: str, body: str) -> bool:
        """Whether everybody who should hear was told. Raises nothing; takes seconds at most."""
        ...


class NobodyToTell:
    """Where no address is set: the console's notices are all there is."""

    def alert(self, title: str, body: str) -> bool:
        """Nothing to do."""
        return True
