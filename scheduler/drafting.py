"""The words for one customer and one occasion, on every channel the message may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.filling import Filling, fill
from scheduler.occasions import Occasion
from store.candidates import Person
from templates.compliance.about import About
from templates.compliance.lint import Level, lint
from templates.library import Library, TemplateVersion
from templates.render import Footer, Rendered, render
from templates.wordings import Wording
from wenhou.core.channels import Content
from wenhou.core.shares import in_share
from wenhou.services.context import Context
from wenhou.services.links import preferences_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Words ready to be judged. `contents` hold the channels that came out sound, in the plan's order."""

    version: TemplateVersion
    variant: str
    tone: str = ""
    contents: tuple[Content, ...] = ()
    parts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    raises: bool = False


def version_for(library: Library, occasion: Occasion, person: Person) -> TemplateVersion:
    """The words a customer reads: their language, and the alternative for those in its share."""
    # An article is written in one language: its frame speaks that language too.
    locale = "zh-CN" if occasion.article else person.locale
    step, other = occasion.step, occasion.step.alternative
    takes_other = other is not None and in_share(
        person.id, other.percent, occasion.campaign.key, step.key, "words"
    )
    return library.get(other.template if takes_other and other else step.template, locale)


def draft(
    filling: Filling, version: TemplateVersion, wording: Wording, *, channels: Sequence[str], tone: str
) -> Draft:
    """Render every channel; a channel that has a problem is left out, and named when none is sound.

    `tone`: `solemn` when the words arrive on a solemn day, whatever they greet.
    """
    context, occasion, person = filling.context, filling.occasion, filling.person
    values = fill(version, filling)
    org = filling.org
    signature = (org.signature if org else None) or context.bank.signature
    footer = Footer(
        branch=org.name if org else "",
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
            variant=wording,
            locale=version.locale,
            signature=signature,
            footer=footer,
        )
        for channel in channels
        if channel in wording.variant.bodies
    ]
    return _judge(filling, version, wording.id, rendered, tone, signature)


def _judge(
    filling: Filling,
    version: TemplateVersion,
    variant: str,
    rendered: Sequence[Rendered],
    tone: str,
    signature: str,
) -> Draft:
    sound = [one for one in rendered if one.ok]
    problems = {problem.placeholder or problem.code for one in rendered for problem in one.problems}
    purpose = filling.occasion.campaign.purpose
    hits = [
        hit
        for one in sound
        for hit in lint(
            f"{one.subject or ''}\n{one.text}" if one.subject else one.text,
            About(
                purpose=purpose,
                day_tone=tone,
                channel=one.channel,
                locale=version.locale,
                is_finished=one.channel == "sms",
                signature=signature,
                template=version.key,
            ),
        )
    ]
    return Draft(
        version=version,
        variant=variant,
        tone=tone,
        contents=tuple(_content(filling.context, one, signature) for one in sound),
        parts={one.channel: one.parts for one in sound if one.parts},
        problems=() if sound else tuple(sorted(problems)) or ("no_words",),
        blocked=tuple(sorted({hit.rule for hit in hits if hit.level is Level.BLOCK})) if hits else (),
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
