"""The submit port's other end: rings wake a job at once. A lost ring loses nothing, the next tick finds the work."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Bell:
    """Handed to the context as `submit` before the scheduler exists; heard from `listen` on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake: Callable[[str], None] | None = None

    def ring(self, work: str) -> None:
        """Wake `planning`, `dispatch` or `callbacks`."""
        with self._lock:
            wake = self._wake
        if wake is not None:
            wake(work)

    def listen(self, wake: Callable[[str], None] | None) -> None:
        """Who hears the rings from now on; None: nobody."""
        with self._lock:
            self._wake = wake
