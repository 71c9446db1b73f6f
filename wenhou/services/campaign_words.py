"""Whether there are words for every step of a campaign: templates, channels, locales, placeholders, products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from templates.compliance.about import About
from templates.compliance.lint import Level, lint
from templates.library import Library, TemplateVersion
from wenhou.core.campaigns import (
    ArticleTrigger,
    BusinessEventTrigger,
    Campaign,
    FestivalTrigger,
    OnceTrigger,
    PersonalDateTrigger,
    RecurringTrigger,
    Step,
    Trigger,
)
from wenhou.core.purposes import Purpose
from wenhou.services.campaign_offers import sends_cards, service_that_offers, sources_given
from wenhou.services.campaign_reading import CampaignReader
from wenhou.services.campaign_steps import WrittenStep

_ALWAYS_GIVEN = ("customer.", "advisor.", "org.", "bank.", "link.", "occasion.on")
_OF_A_DAY = ("occasion.days_left", "occasion.solar_day", "occasion.with_festival")
_GIVEN_BY: Mapping[type[Trigger], tuple[str, ...]] = {
    FestivalTrigger: (*_OF_A_DAY, "occasion.lunar_year", "occasion.festival", "occasion.lunar_day"),
    PersonalDateTrigger: (*_OF_A_DAY, "occasion.lunar_day", "occasion.years", "occasion.age"),
    BusinessEventTrigger: ("event.",),
    ArticleTrigger: ("article.",),
    OnceTrigger: (),
    RecurringTrigger: (),
}
"""What a placeholder can be filled from: a source by its name, a family by its dot."""


def check_words(
    reader: CampaignReader,
    top: Mapping[str, Any],
    campaign: Campaign,
    steps: Sequence[WrittenStep],
    library: Library,
) -> None:
    """Every template of every step, in every locale and on every channel of the step."""
    for written in steps:
        step = written.step
        if step.task is not None:
            continue
        check = partial(_check_template, reader, top, campaign, step, library=library)
        check(step.template, written.spec)
        if step.alternative is not None:
            check(step.alternative.template, written.spec["alternative"])


def _check_template(
    reader: CampaignReader,
    top: Mapping[str, Any],
    campaign: Campaign,
    step: Step,
    template: str,
    spec: Mapping[str, Any],
    *,
    library: Library,
) -> None:
    known = library.keys()
    if template not in known:
        reader.complain(spec, "template", f"template: {reader.not_known(template, known)}")
        return
    versions = list(_versions(library, template))
    if versions[0].purpose != campaign.purpose:
        reader.complain(
            top,
            "purpose",
            f"template {template} is {versions[0].purpose}, the campaign {campaign.purpose}",
        )
    for version in versions:
        _check_version(reader, campaign, step, version, spec)
    if campaign.purpose is Purpose.MARKETING and campaign.product is None and not sends_cards(campaign):
        named = next(
            (hit for version in versions for hit in _product_words(version.source, version.purpose)), None
        )
        if named is not None:
            reader.complain(
                top,
                "product",
                f"template {template} speaks of a product or a rate ({named}): say product: CODE",
            )


def _versions(library: Library, template: str) -> Iterator[TemplateVersion]:
    """In each locale there is, Chinese first."""
    found = [version for (key, _), version in library.versions.items() if key == template]
    yield from sorted(found, key=lambda version: version.locale != "zh-CN")


def misfits(campaign: Campaign, version: TemplateVersion) -> list[str]:
    """What a campaign that uses a template would lack if these were its words; a sentence each, empty: it fits."""
    steps = [step for step in campaign.message_steps if version.key in _templates_of(step)]
    if not steps:
        return []
    found = [said for step in steps for _, said in _lacks(campaign, step, version)]
    if version.purpose != campaign.purpose:
        found.append(f"template {version.key} is {version.purpose}, the campaign {campaign.purpose}")
    if campaign.purpose is Purpose.MARKETING and campaign.product is None and not sends_cards(campaign):
        named = next(iter(_product_words(version.source, version.purpose)), None)
        if named is not None:
            found.append(
                f"it speaks of a product or a rate ({named}), and the campaign says no product: CODE"
            )
    return found


def _templates_of(step: Step) -> tuple[str, ...]:
    return (step.template, step.alternative.template) if step.alternative else (step.template,)


def _check_version(
    reader: CampaignReader, campaign: Campaign, step: Step, version: TemplateVersion, spec: Mapping[str, Any]
) -> None:
    for field, said in _lacks(campaign, step, version):
        hint = "; choose another template or trigger" if field == "template" else ""
        reader.complain(spec, field, said + hint)


def _lacks(campaign: Campaign, step: Step, version: TemplateVersion) -> Iterator[tuple[str, str]]:
    """(field of the step, sentence) of every channel and value that a step asks for in vain."""
    missing = [channel for channel in step.channels if channel not in version.channels]
    if missing:
        yield (
            "channels",
            (
                f"template {version.key} ({version.locale}) has no words for {', '.join(missing)}; it has "
                f"{', '.join(version.channels)}"
            ),
        )
    for said in service_that_offers(campaign, version):
        yield "template", said
    given = (*_ALWAYS_GIVEN, *_GIVEN_BY[type(campaign.trigger)], *sources_given(campaign))
    for name in sorted(set().union(*(version.uses(channel) for channel in step.channels))):
        placeholder = version.placeholders[name]
        if placeholder.default is None and not _is_given(placeholder.source, given):
            yield (
                "template",
                (
                    f"template {version.key} ({version.locale}) needs {{{{ {name} }}}} from {placeholder.source}, which "
                    "this trigger does not give"
                ),
            )


def _is_given(source: str, given: Sequence[str]) -> bool:
    return any(source == one or (one.endswith(".") and source.startswith(one)) for one in given)


@lru_cache(maxsize=256)
def _product_words(source: str, purpose: str) -> tuple[str, ...]:
    """What the compliance rules find in the words as written that a product must stand behind."""
    words = source.partition("\nvariants:")[2]
    return tuple(hit.found for hit in lint(words, About(purpose=purpose)) if hit.level is not Level.WARN)
