"""A greeting card as the words need it: which image, how large, and what it says to those who do not see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An approved image. `digest` is `sha256:…` of its bytes; width and height in pixels."""

    digest: str
    width: int
    height: int
    alt_zh: str
    alt_en: str

    def parameters(self, locale: str) -> dict[str, str]:
        """What a mail skeleton needs of it."""
        return {
            "card": self.digest,
            "card_alt": self.alt_en if locale == "en" else self.alt_zh,
            "card_width": str(self.width),
            "card_height": str(self.height),
        }
