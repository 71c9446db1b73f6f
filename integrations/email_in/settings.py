"""How an account fetches its mail: from a mailbox (IMAP), or as the last stop of the bank's own mail server (LMTP)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class InboundSettings(BaseModel):
    """The block `inbound` of a mail account.

    `imap`: the mailbox of `user` at host:port is emptied into `done_folder`; `tls` implicit (993), starttls, or plain
    by saying so. `lmtp`: host:port is where we listen; give it a port that only the mail server reaches.
    `max_bytes`: of a larger mail only the headers are kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: Literal["imap", "lmtp"]
    host: str = Field(default="127.0.0.1", min_length=1, pattern=r"^[^\s/@]+$")
    port: int = Field(ge=1, le=65535)
    tls: Literal["implicit", "starttls", "plain"] = "implicit"
    ca_file: str | None = None
    user: str | None = Field(default=None, pattern=r"^[^\x00-\x1f\x7f]+$")
    password: SecretStr | None = None
    password_file: Path | None = None
    folder: str = Field(default="INBOX", min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")
    done_folder: str = Field(default="Wenhou", min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")
    poll_seconds: float = Field(default=60, gt=0, le=3600)
    idle_seconds: float = Field(default=240, gt=0, le=1700)
    io_seconds: float = Field(default=60, gt=0, le=600)
    max_bytes: int = Field(default=25 << 20, ge=1024, le=64 << 20)

    @model_validator(mode="after")
    def _fits_its_mode(self) -> InboundSettings:
        given = (self.password is not None) + (self.password_file is not None)
        if self.mode == "imap" and (self.user is None or given != 1):
            msg = "imap needs user and either password or password_file"
            raise ValueError(msg)
        if self.mode == "imap" and self.folder == self.done_folder:
            msg = "done_folder must be another folder than folder"
            raise ValueError(msg)
        if self.mode == "lmtp" and (self.user is not None or given):
            msg = "lmtp knows no user and no password; let the port be reached by the mail server only"
            raise ValueError(msg)
        return self

    def secret(self) -> str | None:
        """The password as it is now; None when its file cannot be read."""
        if self.password is not None:
            return self.password.get_secret_value()
        try:
            return self.password_file.read_text().strip() if self.password_file else None
        except (OSError, UnicodeError):
            return None
