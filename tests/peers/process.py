"""What every peer needs: is it installed, a folder of its own, waiting until it listens, its log when it fails."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

READY_SECONDS = 20.0
STOP_SECONDS = 8.0
_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


class PeerFailedError(Exception):
    """A peer did not start or died; the text holds the end of its log."""


def find_program(package: str, name: str, *, needs_root: bool = False) -> str:
    """The path of an installed program; skips the test, in one line, where its Debian package is missing."""
    found = shutil.which(name, path=_PLACES)
    if found is None:
        pytest.skip(f"needs Debian package {package}")
    if needs_root and os.getuid() != 0:
        pytest.skip(f"needs to run as root, so that {package} can start under its own users")
    return found


@contextlib.contextmanager
def peer_folder(name: str) -> Iterator[Path]:
    """A short folder that a peer's own users can pass through (pytest's are closed to them), removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"wh-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def log_end(*logs: Path, characters: int = 4000) -> str:
    """The end of each log that is there, under its name."""
    return "\n".join(
        f"--- {log.name}\n{log.read_text(errors='replace')[-characters:]}" for log in logs if log.exists()
    )


def is_listening(port: int) -> bool:
    """Whether somebody takes connections on this port of loopback."""
    with socket.socket() as attempt:
        attempt.settimeout(0.5)
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def wait_until_listening(
    port: int, *logs: Path, process: subprocess.Popen[bytes] | None = None, seconds: float = READY_SECONDS
) -> None:
    """Return once the port answers; raises PeerFailedError with the logs when it does not, or its process ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_listening(port):
            return
        if process is not None and process.poll() is not None:
            msg = f"ended with {process.returncode} before it listened on {port}\n{log_end(*logs)}"
            raise PeerFailedError(msg)
        time.sleep(0.05)
    msg = f"did not listen on {port} within {seconds:g} s\n{log_end(*logs)}"
    raise PeerFailedError(msg)


@contextlib.contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A foreground process in a session of its own, its words in `log`; ended by its id, gently and then for good."""
    with log.open("ab") as words:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM) -> None:
    """End a process that we started; its session goes with it, because a master may leave workers behind."""
    if process.poll() is None:
        process.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=STOP_SECONDS)
