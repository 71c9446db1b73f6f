"""Tables and columns of voices: nothing yet."""

from __future__ import annotations


def create() -> None:
    """Bring this part up from revision 0002."""
