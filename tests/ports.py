"""Ports for servers of tests: below the range from which the system gives ports away, and apart for each process."""

from __future__ import annotations

import itertools
import os
import socket

_FIRST, _SPAN, _LAST = 20_000, 400, 32_000
_start = _FIRST + (os.getpid() * _SPAN) % (_LAST - _FIRST - _SPAN)
_offsets = itertools.count()


def free_port() -> int:
    """A port on loopback that nobody listens on; never the same twice in a row, so that nobody steals it meanwhile.

    A port that the system hands out (bind to 0) may go to another process's outgoing connection a moment later.
    """
    for _ in range(_SPAN):
        port = _start + next(_offsets) % _SPAN
        with socket.socket() as attempt:
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    msg = "no free port on loopback"
    raise OSError(msg)
