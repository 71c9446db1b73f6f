"""What is known of contact points: bounces, dead numbers, new owners."""

from __future__ import annotations


def create() -> None:
    """Bring this part up from revision 0003."""
