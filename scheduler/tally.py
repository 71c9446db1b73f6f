"""What one dispatch did."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(slots=True, kw_only=True)
class Tally:
    """The JSON of `wenhou dispatch`."""

    claimed: int = 0
    sent: int = 0
    awaiting_tap: int = 0
    failed: int = 0
    unknown: int = 0
    scheduled_again: int = 0
    skipped: int = 0

    def add(self, other: Tally) -> None:
        """Sum up."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def as_json(self) -> dict[str, int]:
        """The contract's shape."""
        return asdict(self)
