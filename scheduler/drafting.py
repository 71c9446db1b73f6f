"""The words for one customer and one occasion, on every channel the message may take."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from scheduler.occasions import Occasion, lunar_words_of
from store.candidates import Candidate, Person
from templates.library import TemplateVersion, bundled
from templates.lint import Level, lint
from templates.placeholders import Value
from templates.render import Footer, Rendered, render
from templates.salutations import Addressee
from templates.variants import pick
from wenhou.core.calendars.festivals import Tone, festivals_on
from wenhou.core.channels import Content
from wenhou.services.context import Context
from wenhou.services.links import preferences_url, rating_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Words ready to be judged. `contents` hold the channels that came out sound, in the plan's order."""

    version: TemplateVersion
    variant: str
    contents: tuple[Content, ...] = ()
    parts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    raises: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Names that words need, read once a run."""

    advisors: Mapping[uuid.UUID, tuple[str, str | None]]
    orgs: Mapping[uuid.UUID, tuple[str, str | None, str | None]]


def draft(
    context: Context,
    desk: Desk,
    occasion: Occasion,
    person: Person,
    candidate: Candidate,
    *,
    message_id: uuid.UUID,
    channels: Sequence[str],
) -> Draft:
    """Render every channel; a channel that has a problem is left out, and named when none is sound."""
    # An article is written in one language: its frame speaks that language too.
    locale = "zh-CN" if occasion.article_id else person.locale
    version = bundled().get(occasion.campaign.template, locale)
    tone = _tone(occasion)
    advisor_key = person.advisor_id.hex if person.advisor_id else ""
    variant = pick(version.variants_for(tone), person.external_ref, occasion.anchor_day.year, advisor_key)
    facts = _facts(context, desk, occasion, person, candidate)
    sources = {placeholder.source for placeholder in version.placeholders.values()}
    if "link.rating" in sources:  # signing is the dearest of all facts: only for words that hold the link
        facts["link.rating"] = rating_url(context, message_id)
    if "link.preferences" in sources:
        facts["link.preferences"] = preferences_url(context, person.id, occasion.campaign.purpose)
    values = version.values_from(facts)
    org = desk.orgs.get(person.org_id) if person.org_id else None
    signature = (org[2] if org else None) or context.bank.signature
    footer = Footer(
        branch=org[0] if org else "",
        hotline=context.bank.hotline,
        preferences_url=preferences_url(context, person.id, occasion.campaign.purpose)
        if "email" in channels
        else "",
    )
    rendered = [
        render(
            version,
            channel,
            values,
            variant=variant,
            locale=version.locale,
            signature=signature,
            footer=footer,
        )
        for channel in channels
        if channel in variant.bodies
    ]
    return _judge(context, Draft(version=version, variant=variant.id), rendered, occasion, tone, signature)


def _judge(
    context: Context, base: Draft, rendered: Sequence[Rendered], occasion: Occasion, tone: str, signature: str
) -> Draft:
    sound = [one for one in rendered if one.ok]
    problems = tuple(
        sorted({problem.placeholder or problem.code for one in rendered for problem in one.problems})
    )
    hits = [
        hit
        for one in sound
        for hit in lint(f"{one.subject or ''}\n{one.text}", purpose=occasion.campaign.purpose, day_tone=tone)
    ]
    return replace(
        base,
        contents=tuple(_content(context, one, signature) for one in sound),
        parts={one.channel: one.parts for one in sound if one.parts},
        problems=() if sound else problems or ("no_words",),
        blocked=tuple(sorted({hit.rule for hit in hits if hit.level is Level.BLOCK})),
        raises=any(hit.level is Level.RAISE for hit in hits),
    )


def _content(context: Context, one: Rendered, signature: str) -> Content:
    return Content(
        channel=one.channel,
        sender=signature if one.channel == "sms" else context.bank.name,
        text=one.text,
        subject=one.subject,
        html=one.html,
        provider_template=one.skeleton_id,
        parameters=dict(one.parameters),
    )


def _facts(
    context: Context,
    desk: Desk,
    occasion: Occasion,
    person: Person,
    candidate: Candidate,
) -> dict[str, Value | None]:
    advisor = desk.advisors.get(person.advisor_id) if person.advisor_id else None
    org = desk.orgs.get(person.org_id) if person.org_id else None
    event_org = desk.orgs.get(candidate.event_org_id) if candidate.event_org_id else org
    gender = person.gender if person.gender != "unknown" else None
    return {
        "customer.salutation": Addressee(name=person.name, gender=gender, preferred=person.salutation),
        "customer.name": person.name,
        "advisor.name": advisor[0] if advisor else context.bank.name,
        "advisor.phone": advisor[1] if advisor else context.bank.hotline,
        "org.name": org[0] if org else context.bank.name,
        "org.phone": org[1] if org else context.bank.hotline,
        "bank.name": context.bank.name,
        "bank.hotline": context.bank.hotline,
        "occasion.on": occasion.anchor_day,
        "occasion.lunar_day": lunar_words_of(candidate, occasion.anchor_day),
        "occasion.lunar_year": str(occasion.anchor_year) if occasion.anchor_year else None,
        "event.on": candidate.event_at.date() if candidate.event_at else None,
        "event.org": event_org[0] if event_org else context.bank.name,
        "article.title": occasion.article_title or None,
        "article.summary": occasion.article_summary or None,
        "article.effective_on": occasion.article_effective_on,
    }


def _tone(occasion: Occasion) -> str:
    """Solemn when the greeting arrives on a solemn day, whatever it greets."""
    return _tone_of(occasion.on_day)


@lru_cache(maxsize=64)
def _tone_of(day: date) -> str:
    solemn = any(one.tone is Tone.SOLEMN for one in festivals_on(day))
    return "solemn" if solemn else ""
