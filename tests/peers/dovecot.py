"""A private Dovecot: IMAP (IDLE, MOVE, CONDSTORE …) over Maildir folders, its own or a private Postfix's."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.peers.postfix import MAIL_USER
from tests.peers.process import find_program, peer_folder, running, wait_until_listening
from tests.ports import free_port

PACKAGE = "dovecot-imapd"
PASSWORD = "dovecot-of-a-test"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
{tls}
disable_plaintext_auth = no
mail_location = maildir:{maildirs}/%n
first_valid_uid = 100
mail_max_userip_connections = 50
imap_idle_notify_interval = {idle} secs
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={user} home={maildirs}/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dovecot:
    """A running instance; any user name is known, and `password` opens it. `tls_port` 0 without a certificate."""

    port: int
    tls_port: int
    password: str
    maildirs: Path
    log: Path

    def put(self, user: str, name: str, mail: bytes) -> None:
        """A new mail in a user's inbox, as a mail server would leave it there."""
        box = self.maildirs / user
        for folder in (box, *(box / part for part in ("tmp", "new", "cur"))):
            folder.mkdir(exist_ok=True)
            os.chown(folder, MAIL_USER, MAIL_USER)
        written = box / "tmp" / name
        written.write_bytes(mail)
        os.chown(written, MAIL_USER, MAIL_USER)
        written.rename(box / "new" / name)  # whole or not at all


@contextlib.contextmanager
def running_dovecot(
    *, maildirs: Path | None = None, certificate: tuple[Path, Path] | None = None, idle_seconds: int = 120
) -> Iterator[Dovecot]:
    """A Dovecot until the block ends; `maildirs` is a private Postfix's, or else a folder of its own.

    `certificate`: PEM files of certificate and key, for STARTTLS and `tls_port`. `idle_seconds`: how often it says
    "still here" during IDLE.
    """
    program = find_program(PACKAGE, "dovecot", needs_root=True)
    find_program(PACKAGE, "/usr/lib/dovecot/imap")  # dovecot alone comes with dovecot-core
    with peer_folder("dovecot") as folder:
        mail = maildirs or _own_maildirs(folder)
        peer = Dovecot(
            port=free_port(), tls_port=free_port() if certificate else 0, password=PASSWORD, maildirs=mail,
            log=folder / "dovecot.log",
        )  # fmt: skip
        config = folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder, maildirs=mail, password=PASSWORD, user=MAIL_USER, port=peer.port,
                tls_port=peer.tls_port, tls=_tls(certificate), idle=idle_seconds,
            ).lstrip()
        )  # fmt: skip
        words = folder / "words.log"
        with running([program, "-F", "-c", str(config)], words) as process:
            wait_until_listening(peer.port, peer.log, words, process=process)
            yield peer


def _own_maildirs(folder: Path) -> Path:
    mail = folder / "mail"
    mail.mkdir()
    os.chown(mail, MAIL_USER, MAIL_USER)
    return mail


def _tls(certificate: tuple[Path, Path] | None) -> str:
    if certificate is None:
        return "ssl = no"
    chain, key = certificate
    return f"ssl = yes\nssl_cert = <{chain}\nssl_key = <{key}"
