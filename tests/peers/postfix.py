"""A private Postfix: takes mail on loopback, hands `remote.test` on to a given port, and bounces within seconds.

Mail to the bank's domain goes into Maildir folders, or to an LMTP port. Needs root: its workers drop to the user
postfix.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.peers.process import (
    STOP_SECONDS,
    PeerFailedError,
    find_program,
    log_end,
    peer_folder,
    wait_until_listening,
)
from tests.ports import free_port

PACKAGE = "postfix"
BANK, REMOTE = "bank.test", "remote.test"
MAIL_USER = 5000  # owns the Maildir folders; Dovecot reads them as the same user

_SERVICES = """
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postfix:
    """A running instance. `tls_port` speaks TLS from the first byte, 0 without a certificate."""

    port: int
    tls_port: int
    domain: str
    maildirs: Path
    config: Path
    log: Path

    def mails(self, mailbox: str = "care") -> list[bytes]:
        """The raw mails of a mailbox, oldest first; read ones too."""
        folder = self.maildirs / mailbox
        files = [file for part in ("new", "cur") for file in (folder / part).glob("*")]
        return [file.read_bytes() for file in sorted(files, key=lambda file: file.name)]

    def wait_for_mails(self, mailbox: str = "care", *, count: int = 1, seconds: float = 30) -> list[bytes]:
        """At least `count` mails; raises PeerFailedError with the log when they do not come."""
        deadline = time.monotonic() + seconds
        while len(found := self.mails(mailbox)) < count:
            if time.monotonic() > deadline:
                msg = f"{len(found)} of {count} mails for {mailbox}\n{log_end(self.log)}"
                raise PeerFailedError(msg)
            time.sleep(0.1)
        return found

    def flush(self) -> None:
        """Try everything that waits in the queue now."""
        subprocess.run(["postqueue", "-c", str(self.config), "-f"], check=True, timeout=20)


@contextlib.contextmanager
def running_postfix(
    *,
    remote: Mapping[str, int] | None = None,
    mailboxes: Sequence[str] = ("care", "bounce"),
    lmtp_port: int | None = None,
    certificate: tuple[Path, Path] | None = None,
    settings: Mapping[str, str] | None = None,
    domain: str = BANK,
) -> Iterator[Postfix]:
    """A Postfix until the block ends.

    `remote`: domain → port of loopback that its mail is handed to (`{REMOTE: port}`). Mail to `domain` goes to the
    Maildir of the local part (extensions after + cut off), or all of it to `lmtp_port`. `certificate`: PEM files of
    certificate and key, for STARTTLS and `tls_port`. `settings` go into main.cf last.
    """
    program = find_program(PACKAGE, "postfix", needs_root=True)
    with peer_folder("postfix") as folder:
        tls_port = free_port() if certificate else 0
        peer = Postfix(
            port=free_port(), tls_port=tls_port, domain=domain, maildirs=folder / "mail", config=folder / "etc",
            log=folder / "log" / "mail.log",
        )  # fmt: skip
        _make_folders(folder)
        _write_maps(peer.config, mailboxes, domain, remote or {})
        main = _main(folder, domain, lmtp_port) | _tls(certificate) | dict(settings or {})
        (peer.config / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in main.items()))
        (peer.config / "master.cf").write_text(_master(peer))
        try:
            _command(program, peer, "start")
            wait_until_listening(peer.port, peer.log)
            yield peer
        finally:
            _stop(program, folder / "queue" / "pid" / "master.pid", peer)


def _make_folders(folder: Path) -> None:
    for name in ("etc", "log", "queue", "data", "mail"):
        (folder / name).mkdir()
        (folder / name).chmod(0o755)
    shutil.chown(folder / "data", "postfix")
    os.chown(folder / "mail", MAIL_USER, MAIL_USER)


def _write_maps(config: Path, mailboxes: Sequence[str], domain: str, remote: Mapping[str, int]) -> None:
    known = "".join(f"{name}@{domain} {name}/\n" for name in mailboxes)
    (config / "mailboxes").write_text(known)
    (config / "transport").write_text(
        "".join(f"{there} smtp:[127.0.0.1]:{port}\n" for there, port in remote.items())
    )


def _main(folder: Path, domain: str, lmtp_port: int | None) -> dict[str, str]:
    etc = folder / "etc"
    return {
        "compatibility_level": "3.6",
        "queue_directory": str(folder / "queue"),
        "data_directory": str(folder / "data"),
        "maillog_file": str(folder / "log" / "mail.log"),
        "maillog_file_prefixes": str(folder / "log"),
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "myhostname": f"mx.{domain}",
        "mydestination": "",  # else local delivery takes the test's domains away
        "local_recipient_maps": "",
        "alias_maps": "",
        "mynetworks": "127.0.0.0/8",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "recipient_delimiter": "+",
        "virtual_mailbox_domains": domain,
        "virtual_mailbox_base": str(folder / "mail"),
        "virtual_mailbox_maps": f"texthash:{etc / 'mailboxes'}",
        "virtual_uid_maps": f"static:{MAIL_USER}",
        "virtual_gid_maps": f"static:{MAIL_USER}",
        "virtual_transport": f"lmtp:inet:127.0.0.1:{lmtp_port}" if lmtp_port else "virtual",
        "transport_maps": f"texthash:{etc / 'transport'}",
        "smtp_host_lookup": "native",
        "lmtp_host_lookup": "native",
        "disable_dns_lookups": "yes",
        "minimal_backoff_time": "2s",
        "maximal_backoff_time": "4s",
        "queue_run_delay": "2s",
        "maximal_queue_lifetime": "12s",
        "bounce_queue_lifetime": "12s",
        "smtpd_client_connection_rate_limit": "0",
        "smtpd_client_connection_count_limit": "0",
        "message_size_limit": "73400320",
        "mailbox_size_limit": "0",
        "virtual_mailbox_limit": "0",
    }


def _tls(certificate: tuple[Path, Path] | None) -> dict[str, str]:
    if certificate is None:
        return {}
    chain, key = certificate
    return {
        "smtpd_tls_cert_file": str(chain),
        "smtpd_tls_key_file": str(key),
        "smtpd_tls_security_level": "may",
    }


def _master(peer: Postfix) -> str:
    lines = f"127.0.0.1:{peer.port} inet n - n - - smtpd\n"
    if peer.tls_port:
        lines += f"127.0.0.1:{peer.tls_port} inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n"
    return lines + _SERVICES.lstrip()


def _command(program: str, peer: Postfix, word: str) -> None:
    done = subprocess.run(
        [program, "-c", str(peer.config), word], capture_output=True, timeout=60, check=False
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="replace")
        msg = f"postfix {word} failed\n{said}\n{log_end(peer.log)}"
        raise PeerFailedError(msg)


def _stop(program: str, pid_file: Path, peer: Postfix) -> None:
    """The master's id is its own file's; `abort` ends it with its workers, a kill follows where that is not heard."""
    try:
        pid = int(pid_file.read_text().strip())
    except (OSError, ValueError):
        return  # it never started
    with contextlib.suppress(PeerFailedError, subprocess.TimeoutExpired):
        _command(program, peer, "abort")
    deadline = time.monotonic() + STOP_SECONDS
    while _is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    if _is_alive(pid):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
