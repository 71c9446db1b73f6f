"""What one account of the simulator needs to know, and what each channel of it can do and hear."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from integrations.settings import AccountSettings
from wenhou.core.channels import EMAIL, SMS, WECHAT, WECOM, Capabilities


class SimulatorSettings(AccountSettings):
    """`base_url` is where the pretend provider's app is mounted; both directions are signed with `secret`."""

    provider: Literal["simulator"] = "simulator"
    base_url: str = Field(pattern=r"^https?://[^?#]+$")
    secret: SecretStr = Field(min_length=8)
    batch_size: int = Field(default=1, ge=1, le=500)
    idempotent: bool = False
    reply_window_hours: int = Field(default=0, ge=0)
    connect_seconds: float = Field(default=3.0, gt=0)
    read_seconds: float = Field(default=10.0, gt=0)

    def endpoints(self) -> tuple[str, ...]:
        """The pretend provider's address."""
        return (self.base_url,)

    def capabilities(self) -> Capabilities:
        """As the real ones are: no SMS line reports reads, a WeCom task hears nothing and waits for a tap."""
        return Capabilities(
            channel=self.channel,
            purposes=frozenset(self.purposes),
            batch_size=self.batch_size,
            needs_tap=self.channel == WECOM,
            idempotent=self.idempotent,
            hears_replies=self.channel in {SMS, EMAIL, WECHAT},
            reports_delivery=self.channel != WECOM,
            reports_reads=self.channel == WECHAT,
            bounces_late=self.channel == EMAIL,
            rate_per_second=self.rate_per_second,
            calls_in_flight=self.calls_in_flight,
            receipt_deadline_hours=self.receipt_deadline_hours,
            carries_filed_only=self.carries_filed_only,
            allows_variables=self.allows_variables,
            max_variable=self.max_variable,
            max_units=self.max_units,
            max_parts=self.max_parts,
            reply_window_hours=self.reply_window_hours,
            quota_kinds=self.quota_kinds,
        )
