"""Why we write to a customer: the purpose sets consent, windows, caps, channels and the approval level (DESIGN §7)."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """The four purposes; `urgency` orders release (a complaint answer never waits behind greetings)."""

    SERVICE = "service"
    INFORMATION = "information"
    CARE = "care"
    MARKETING = "marketing"

    @property
    def urgency(self) -> int:
        """0 is released first."""
        return _URGENCY[self]

    @property
    def is_promotional(self) -> bool:
        """Whether lines and law treat it as promotional: greetings are, by the providers' own terms (SMS spec §0.2)."""
        return self is not Purpose.SERVICE


_URGENCY = {Purpose.SERVICE: 0, Purpose.INFORMATION: 1, Purpose.CARE: 2, Purpose.MARKETING: 3}

PURPOSE_NAMES = {
    Purpose.CARE: ("关怀问候", "Greetings and care"),
    Purpose.SERVICE: ("业务服务", "Service"),
    Purpose.INFORMATION: ("资讯政策", "News and policy"),
    Purpose.MARKETING: ("产品营销", "Products and rates"),
}
