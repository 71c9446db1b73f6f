"""`world` of the hand-over, and a simulator to hand over to."""

from __future__ import annotations

from tests.integration.scheduler.conftest import world

__all__ = ["world"]
