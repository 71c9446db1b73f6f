"""What one account of the relay needs to know; its block in the settings has exactly these fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field, SecretStr

from integrations.settings import AccountSettings
from wenhou.core.channels import Capabilities


class RelaySettings(AccountSettings):
    """`token` is sent with every call; `push_secret` signs what the relay pushes. `polls`: it cannot push, so we ask."""

    provider: Literal["relay"] = "relay"
    channel: Literal["sms"] = "sms"
    base_url: str = Field(pattern=r"^https?://[^?#\s]+$")
    token: SecretStr = Field(min_length=8)
    push_secret: SecretStr | None = Field(default=None, min_length=8)
    polls: bool = False
    poll_seconds: float = Field(default=5.0, gt=0)
    ca_file: str | None = None
    batch_size: int = Field(default=100, ge=1, le=100)
    connect_seconds: float = Field(default=4.0, gt=0)
    read_seconds: float = Field(default=10.0, gt=0)

    @property
    def hears(self) -> bool:
        """An account without a secret takes no pushes; polled answers come the same way in."""
        return self.push_secret is not None or self.polls

    def endpoints(self) -> tuple[str, ...]:
        """Every address the account would call."""
        return (self.base_url,)

    def capabilities(self) -> Capabilities:
        """What the relay can do beyond what every account says of itself."""
        return replace(
            super().capabilities(),
            batch_size=self.batch_size,
            idempotent=True,
            hears_replies=self.hears,
            reports_delivery=self.hears,
        )
