"""The terms of one line or account: what it carries, in figures. A bank's contract may be stricter than the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from wenhou.core.channels import EMAIL, SMS, WECHAT, WECOM, Capabilities
from wenhou.core.limits.faults import LimitFault
from wenhou.core.limits.filed import FiledText

__all__ = [
    "MAX_SMS_UNITS",
    "WECHAT_BYTES",
    "WECOM_BYTES",
    "ChannelTerms",
    "LimitFault",
    "terms_for",
    "terms_of",
]

MAX_SMS_UNITS: Final = 500  # providers refuse more (SMS spec §1.5)
WECHAT_BYTES: Final = 2_048  # a customer-service text (official-account spec §6)
WECOM_BYTES: Final = 4_000  # a group-send or welcome text (WeCom spec §5.1)
WECOM_IMAGES: Final = 9
MAX_SUBJECT: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTerms:
    """What a line carries; 0 and "" mean: not limited, not owed.

    `max_units`: UTF-16 units of an SMS with signature; `max_bytes`: UTF-8; `max_images` None: any number.
    `signature`: the filed one, "" for whatever the content names. `suffix`: the words every text must end with.
    `carries_filed_only`: takes codes and values, never free words; `filed`: its texts. `allows_variables` and
    `max_variable`: this account's own rules beside the dialect's. `constants`: approved values of platform fields.
    """

    channel: str
    max_units: int = 0
    max_parts: int = 0
    max_bytes: int = 0
    max_subject: int = 0
    max_images: int | None = None
    signature: str = ""
    signature_at_end: bool = False
    suffix: str = ""
    carries_filed_only: bool = False
    allows_variables: bool = True
    max_variable: int = 0
    filed: tuple[FiledText, ...] = ()
    constants: Mapping[str, frozenset[str]] = field(default_factory=dict)


_DEFAULT: Final = {
    SMS: ChannelTerms(channel=SMS, max_units=MAX_SMS_UNITS, max_images=0),
    WECHAT: ChannelTerms(channel=WECHAT, max_bytes=WECHAT_BYTES),
    WECOM: ChannelTerms(channel=WECOM, max_bytes=WECOM_BYTES, max_images=WECOM_IMAGES),
    EMAIL: ChannelTerms(channel=EMAIL, max_subject=MAX_SUBJECT),
}


def terms_for(channel: str) -> ChannelTerms:
    """Return what every line of a channel keeps to; no limits for a channel that is not known."""
    return _DEFAULT.get(channel) or ChannelTerms(channel=channel)


def terms_of(capabilities: Capabilities, filed: tuple[FiledText, ...] = ()) -> ChannelTerms:
    """Return the terms of an account as its settings say them, with the texts filed for it."""
    common = terms_for(capabilities.channel)
    return replace(
        common,
        max_units=capabilities.max_units or common.max_units,
        max_parts=capabilities.max_parts or common.max_parts,
        max_bytes=capabilities.max_bytes or common.max_bytes,
        carries_filed_only=capabilities.carries_filed_only,
        allows_variables=capabilities.allows_variables,
        max_variable=capabilities.max_variable,
        filed=filed,
    )
