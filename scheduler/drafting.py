"""The words for one customer and one occasion, on every channel the message may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.filling import Filling, fill
from scheduler.occasions import Occasion
from store.candidates import Person
from templates.compliance.about import ProductFacts
from templates.compliance.levels import Level
from templates.library import Library, TemplateVersion
from templates.mail.card import Card
from templates.placeholders import Value
from templates.render import Footer, Rendered, render
from templates.wordings import Wording, Wordings
from wenhou.core.campaigns import Campaign, FestivalTrigger
from wenhou.core.channels import Content
from wenhou.core.shares import in_share
from wenhou.services.context import Context
from wenhou.services.filed_texts import TEMPLATE_NOT_FILED, FiledWording, carry
from wenhou.services.links import preferences_url
from wenhou.services.offer_words import suits_levels
from wenhou.services.word_rules import words_of

_GENDERS = ("female", "male")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Words ready to be judged. `contents` hold the channels that came out sound, in the plan's order.

    `unfiled`: channel → the code of why its line, which carries only filed texts, cannot carry these.
    `among`: the wordings that `variant` was chosen from.
    """

    version: TemplateVersion
    variant: str
    tone: str = ""
    contents: tuple[Content, ...] = ()
    parts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    raises: bool = False
    unfiled: Mapping[str, str] = field(default_factory=dict)
    among: Wordings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledChoice:
    """Wordings of one line that carries only filed texts, the first is wished; the next serves where a value is too long."""

    wordings: Sequence[Wording]
    texts: Mapping[str, FiledWording]


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
    filling: Filling,
    version: TemplateVersion,
    wording: Wording,
    *,
    channels: Sequence[str],
    tone: str,
    filed: Mapping[str, FiledChoice | str] | None = None,
) -> Draft:
    """Render every channel; a channel that has a problem is left out, and named when none is sound.

    `tone`: `solemn` when the words arrive on a solemn day, whatever they greet. `filed`: channel → what its line, which
    carries filed texts only, may say; or the code of why it may say nothing.
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
        advisor=(filling.advisor or ("", None))[0],
        phone=(filling.advisor or ("", None))[1] or "",
    )
    card = filling.desk.cards.get(version.card) if version.card else None
    pen = _Pen(version=version, values=values, signature=signature, footer=footer, card=card)
    drafts: list[tuple[Rendered, Content]] = []
    unfiled: dict[str, str] = {}
    for channel in channels:
        choice = (filed or {}).get(channel)
        if isinstance(choice, str):
            unfiled[channel] = choice
        elif choice is not None:
            made = _carried(context, pen, channel, choice)
            if made is None:
                unfiled[channel] = TEMPLATE_NOT_FILED
            else:
                drafts.append(made)
        elif channel in wording.variant.bodies:
            rendered = pen.render(channel, wording)
            drafts.append((rendered, _content(context, rendered, signature)))
    return _judge(filling, pen, wording.id, drafts, tone, unfiled)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pen:
    """What all channels of one customer's words share."""

    version: TemplateVersion
    values: Mapping[str, Value | None]
    signature: str
    footer: Footer
    card: Card | None

    def render(self, channel: str, wording: Wording) -> Rendered:
        return render(
            self.version,
            channel,
            self.values,
            variant=wording,
            locale=self.version.locale,
            signature=self.signature,
            footer=self.footer,
            card=self.card,
        )


def _carried(
    context: Context, pen: _Pen, channel: str, choice: FiledChoice
) -> tuple[Rendered, Content] | None:
    """The first wording that its filed text carries with this customer's values; None: none does."""
    broken: tuple[Rendered, Content] | None = None
    for wording in choice.wordings:
        rendered = pen.render(channel, wording)
        content = _content(context, rendered, pen.signature)
        if not rendered.ok:
            broken = broken or (
                rendered,
                content,
            )  # the customer's data is at fault, and that is the better reason
            continue
        carried = carry(content, choice.texts[wording.id])
        if carried is not None:
            return rendered, carried
    return broken


def _judge(
    filling: Filling,
    pen: _Pen,
    variant: str,
    drafts: Sequence[tuple[Rendered, Content]],
    tone: str,
    unfiled: Mapping[str, str],
) -> Draft:
    sound = [one for one, _ in drafts if one.ok]
    problems = {problem.placeholder or problem.code for one, _ in drafts for problem in one.problems}
    purpose = filling.occasion.campaign.purpose
    rules = filling.desk.rules
    product, gender = _product(filling), filling.person.gender
    hits = [
        hit
        for one, content in drafts
        if one.ok
        for hit in rules.lint_values(
            words_of(content),
            one.inserted,
            rules.about(
                purpose=purpose,
                channel=one.channel,
                tone=tone,
                locale=pen.version.locale,
                signature=pen.signature,
                template=pen.version.key,
                product=product,
                festival=_festival(filling.occasion.campaign),
                gender=gender if gender in _GENDERS else "",
            ),
        )
    ]
    return Draft(
        version=pen.version,
        variant=sound[0].variant if sound else variant,
        tone=tone,
        contents=tuple(content for one, content in drafts if one.ok),
        parts={one.channel: one.parts for one in sound if one.parts},
        problems=() if sound else tuple(sorted(problems)) or (() if unfiled else ("no_words",)),
        blocked=tuple(sorted({hit.rule for hit in hits if hit.level is Level.BLOCK})) if hits else (),
        raises=any(hit.level is Level.RAISE for hit in hits),
        unfiled=unfiled,
    )


def _festival(campaign: Campaign) -> str:
    return campaign.trigger.festival if isinstance(campaign.trigger, FestivalTrigger) else ""


def _product(filling: Filling) -> ProductFacts | None:
    """The product that the words are allowed to speak of: its own risk sentence and class are those they owe."""
    name, risk = filling.offered("name"), filling.offered("risk") or ""
    if name is None:
        return None
    level = int(risk[1:]) if risk[:1] == "R" and risk[1:].isdecimal() else 0
    return ProductFacts(
        name=name,
        risk_level=level,
        risk_sentence=filling.offered("risk_sentence") or "",
        suitable_for=suits_levels(level, in_chinese=filling.is_chinese) if level else "",
    )


def _content(context: Context, one: Rendered, signature: str) -> Content:
    return Content(
        channel=one.channel,
        sender=signature if one.channel == "sms" else context.bank.name,
        text=one.text,
        subject=one.subject,
        html=one.html,
        media=one.media,
        provider_template=one.skeleton_id,
        parameters=dict(one.parameters),
    )
