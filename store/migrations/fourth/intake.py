"""Where long sessions and polls stand."""

from __future__ import annotations


def create() -> None:
    """Bring this part up from revision 0003."""
