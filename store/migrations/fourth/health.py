"""How accounts do: what was seen of them, their alerts, their ramp-up."""

from __future__ import annotations


def create() -> None:
    """Bring this part up from revision 0003."""
