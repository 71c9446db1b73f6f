"""What a campaign's words may hold because of what they offer: sources its trigger gives, and service that stays service."""

from __future__ import annotations

from collections.abc import Iterator

from templates.compliance.about import About
from templates.compliance.lint import lint
from templates.library import TemplateVersion
from wenhou.core.campaigns import (
    CARD_ASKED,
    ArticleTrigger,
    BusinessEventTrigger,
    Campaign,
    OnceTrigger,
    RecurringTrigger,
)
from wenhou.core.purposes import Purpose

_OFFERS = frozenset({"service_offers", "rate_or_yield", "rate_without_source", "product_mention"})
"""Rules that find a rate or a product."""
_TELL_RATES = (OnceTrigger, RecurringTrigger, ArticleTrigger)


def sends_cards(campaign: Campaign) -> bool:
    """Whether the product is that of the card an advisor asked for, so that the campaign names none."""
    return isinstance(campaign.trigger, BusinessEventTrigger) and campaign.trigger.event == CARD_ASKED


def sources_given(campaign: Campaign) -> tuple[str, ...]:
    """Families of placeholder sources that a campaign fills because of what it offers."""
    given: tuple[str, ...] = ("rates.",) if isinstance(campaign.trigger, _TELL_RATES) else ()
    if sends_cards(campaign):
        return (*given, "product.", "card.")
    return (*given, "product.") if campaign.product is not None else given


def service_that_offers(campaign: Campaign, version: TemplateVersion) -> Iterator[str]:
    """A sentence for each rate or product word in the words of a service campaign, with its line and column.

    Decided by content: one such word makes a notice marketing, which has another purpose, consent and approval.
    """
    if campaign.purpose is not Purpose.SERVICE:
        return
    starts = [version.source.find(f"\n{part}:") for part in ("turns", "variants")]
    begins = min((one for one in starts if one >= 0), default=0)
    before, words = version.source[:begins], version.source[begins:]
    for hit in lint(words, About(purpose=Purpose.SERVICE, locale=version.locale, template=version.key)):
        if hit.rule not in _OFFERS or not hit.found:
            continue
        place = before + words[: hit.start]
        line, column = place.count("\n") + 1, len(place) - place.rfind("\n")
        yield (
            f"template {version.key} ({version.locale}) says {hit.found!r} at {line}:{column}: a word of rate or product "
            "makes it marketing; take it out, or write a campaign and a template of purpose marketing"
        )
