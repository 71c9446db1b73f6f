"""What one mail account needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from integrations.email_in.settings import InboundSettings
from integrations.email_smtp.auth import Wanted
from integrations.email_smtp.dkim_signer import DkimKey
from integrations.email_smtp.pace import DomainPace
from integrations.settings import AccountSettings
from wenhou.core.channels import Capabilities


class SmtpSettings(AccountSettings):
    """`tls`: plain only by saying so. `domain` is that of Message-ID, envelope and Reply-To.

    With `tagged` the envelope sender is `bounce+<reference>@domain` and Reply-To `care+<reference>@domain`,
    the strongest keys for bounces and answers; mailboxes of public providers refuse that (then: `tagged =
    false`). `inbound_secret` signs the pushes of raw mail to `/hooks/email_smtp/<account>`.
    """

    provider: Literal["email_smtp"] = "email_smtp"
    channel: Literal["email"] = "email"
    host: str = Field(min_length=1, pattern=r"^[^\s/@]+$")
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "implicit", "plain"] = "starttls"
    ca_file: str | None = None
    auth: Wanted = "auto"
    user: str | None = Field(default=None, pattern=r"^[^\x00-\x1f\x7f]+$")
    password: SecretStr | None = None
    password_file: Path | None = None
    from_address: str = Field(pattern=r"^[^\s<>@]+@[^\s<>@]+$")
    domain: str = Field(pattern=r"^[A-Za-z0-9.-]+$")
    helo: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.-]+$")
    tagged: bool = True
    separator: Literal["+", "-", "_", "="] = "+"
    bounce_local: str = Field(default="bounce", pattern=r"^[A-Za-z0-9.]+$")
    reply_local: str = Field(default="care", pattern=r"^[A-Za-z0-9.]+$")
    dsn: bool = True
    dkim: tuple[DkimKey, ...] = Field(default=(), max_length=2)
    relayed: bool = True
    pace: Mapping[str, DomainPace] = Field(default_factory=dict, max_length=500)
    pipelining: bool = True
    batch_size: int = Field(default=20, ge=1, le=100)
    batch_seconds: float = Field(default=4, gt=0, le=60)
    zone: str = "Asia/Shanghai"
    messages_per_connection: int = Field(default=100, ge=1)
    connection_seconds: float = Field(default=600, gt=0)
    idle_check_seconds: float = Field(default=30, gt=0)
    connect_seconds: float = Field(default=10, gt=0)
    greeting_seconds: float = Field(default=30, gt=0)
    command_seconds: float = Field(default=60, gt=0)
    data_reply_seconds: float = Field(default=600, gt=0)
    inbound_secret: SecretStr | None = Field(default=None, min_length=8)
    inbound: InboundSettings | None = None

    @field_validator("dkim", mode="before")
    @classmethod
    def _one_key_needs_no_list(cls, value: object) -> object:
        return (value,) if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _credentials_come_in_pairs(self) -> SmtpSettings:
        given = (self.password is not None) + (self.password_file is not None)
        if given != (self.user is not None):
            msg = "user comes with either password or password_file, or none of the three is given"
            raise ValueError(msg)
        return self

    def secret(self) -> str | None:
        """The password or token as it is now; None when its file cannot be read."""
        if self.password is not None:
            return self.password.get_secret_value()
        try:
            return self.password_file.read_text().strip() if self.password_file else None
        except (OSError, UnicodeError):
            return None

    @property
    def hears(self) -> bool:
        """See the base."""
        return self.inbound_secret is not None or self.inbound is not None

    def endpoints(self) -> tuple[str, ...]:
        """The mail server, and the mailbox that is fetched from (or where its mail is awaited)."""
        places = [(self.host, self.port)]
        if self.inbound is not None:
            places.append((self.inbound.host, self.inbound.port))
        return tuple(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in places)

    def capabilities(self) -> Capabilities:
        """A server that takes a mail says nothing of its arrival; a bounce may come days later (mail spec §0.1)."""
        return Capabilities(
            channel=self.channel,
            batch_size=self.batch_size,
            purposes=frozenset(self.purposes),
            hears_replies=self.hears,
            reports_delivery=False,
            bounces_late=True,
            carries_images=True,
            rate_per_second=self.rate_per_second,
            calls_in_flight=self.calls_in_flight,
            receipt_deadline_hours=self.receipt_deadline_hours,
            quota_kinds=self.quota_kinds,
        )
