"""SMS lines: extension codes, filing state by carrier."""

from __future__ import annotations


def create() -> None:
    """Bring this part up from revision 0003."""
