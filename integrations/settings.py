"""What every provider account has in common in the settings, whatever the provider."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from wenhou.core.channels import Capabilities


class AccountSettings(BaseModel):
    """One set of credentials at one provider; each provider adds its own fields in a subclass.

    `account` is the last part of the callback address `/hooks/<provider>/<account>`. Problems are reported
    without the offending value, because it may be a secret. `carries_filed_only`, `allows_variables`, `max_variable`:
    the account's terms for filed texts, as `wenhou.core.channels.Capabilities` says them; so are `max_units`,
    `max_parts` and `quota_kinds`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    channel: Literal["wechat", "wecom", "sms", "email"]
    provider: str
    account: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    purposes: frozenset[Literal["care", "service", "information", "marketing"]] = frozenset(
        {"care", "service", "information", "marketing"}
    )
    rate_per_second: float = Field(default=20.0, gt=0)
    calls_in_flight: int = Field(default=4, ge=1, le=64)
    receipt_deadline_hours: int = Field(default=72, ge=1)
    carries_filed_only: bool = False
    allows_variables: bool = True
    max_variable: int = Field(default=0, ge=0, le=200)
    max_units: int = Field(default=0, ge=0, le=2000)
    max_parts: int = Field(default=0, ge=0, le=20)
    quota_kinds: frozenset[str] = frozenset()

    def capabilities(self) -> Capabilities:
        """What the account can do and hear; a provider says its own."""
        return Capabilities(
            channel=self.channel,
            purposes=frozenset(self.purposes),
            rate_per_second=self.rate_per_second,
            calls_in_flight=self.calls_in_flight,
            receipt_deadline_hours=self.receipt_deadline_hours,
            carries_filed_only=self.carries_filed_only,
            allows_variables=self.allows_variables,
            max_variable=self.max_variable,
            max_units=self.max_units,
            max_parts=self.max_parts,
            quota_kinds=self.quota_kinds,
        )

    def endpoints(self) -> tuple[str, ...]:
        """Every address this account would call, for the rule that outside production nothing leaves the machine."""
        return ()

    @property
    def hears(self) -> bool:
        """Whether it is said how its provider's callbacks are verified; an account that cannot hear is only sent by."""
        return True
