"""A template as a customer would read it: every channel side by side, measured and judged, before anybody sends it.

Any version or an unsaved text, for a customer the person may see or with the document's samples. It shows words and
values, no addresses; asks no gate, so nothing about whether the customer may be written to can be read from it; and
its links are samples. Nothing is stored.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from store import access
from store.audit import record
from store.database import Session
from templates.library import CHANNELS, TemplateVersion, parse
from templates.mail.card import Card
from templates.placeholders import Value
from templates.render import PROBLEMS, Footer, Rendered, render
from templates.wordings import Wording, Wordings, choose
from wenhou.core.actors import Actor
from wenhou.core.addresses import mask_name
from wenhou.core.calendars.festivals import Tone
from wenhou.core.channels import EMAIL, SMS, Content
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.limits.check import check_limits
from wenhou.core.limits.faults import LimitFault
from wenhou.core.limits.prices import NAMES, price_class
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context
from wenhou.services.filled_words import Filled
from wenhou.services.media import cards_in_force
from wenhou.services.preview_types import ChannelLook, Preview, Said, VariantLine, Wanted
from wenhou.services.preview_values import values_used
from wenhou.services.template_reading import get_source, may_read
from wenhou.services.template_standing import check_locale, check_may_write
from wenhou.services.word_marks import runs, sorted_hits
from wenhou.services.word_rules import WordRules, word_rules, words_of
from wenhou.services.words_in_force import library_in_force

_LINK = "https://example.com/p"
_FULL_NAME = "customer.name"


def preview(context: Context, actor: Actor, wanted: Wanted) -> Preview:
    """Every channel of a template for a customer. InputError: no such version, or a text that cannot be read.

    AccessDenied for a customer out of sight, as for one that is not there; who looked at whom is recorded.
    """
    if not may_read(actor):
        raise AccessDenied("没有查看模板的权限 (no right to look at templates)")
    if wanted.text is not None:
        check_may_write(actor)
    found = _who(context, actor, wanted.customer) if wanted.customer else None
    locale = wanted.locale or (found.locale if found else "zh-CN")
    check_locale(locale)
    version = _version(context, wanted, locale)
    filled = _filled(context, found, version, wanted.on) if found else None
    preview_of = _Look(context=context, version=version, filled=filled, wanted=wanted)
    made = preview_of.made((found.ref, found.name) if found else None)
    if found is not None:
        _note(context, actor, found.id, wanted, made)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    id: uuid.UUID
    ref: str
    name: str
    locale: str
    is_own: bool


def _who(context: Context, actor: Actor, ref: str) -> _Found:
    with context.db.read() as session:
        one = access.get_customer(session, actor, ref.strip())
        own = {one.main_advisor_id, one.deputy_advisor_id} & {actor.user_id, *actor.covers} - {None}
        return _Found(
            id=one.id,
            ref=one.external_ref,
            name=one.name if own else mask_name(one.name),
            locale=one.locale,
            is_own=bool(own),
        )


def _version(context: Context, wanted: Wanted, locale: str) -> TemplateVersion:
    if wanted.text is not None:
        return parse(wanted.text, locale=locale, file=f"{wanted.key or 'draft'} {locale}")
    with context.db.read() as session:
        if wanted.number is None:
            return library_in_force(session, context.clock.now()).get(wanted.key, locale)
        source = get_source(session, wanted.key, locale, wanted.number)
    return parse(source, locale=locale, file=f"{wanted.key} {locale} {wanted.number}")


def _filled(context: Context, found: _Found, version: TemplateVersion, on: date | None) -> Filled:
    """The planner's values; to all but the customer's own advisors a name given in full is masked."""
    if context.fill_one is None:
        raise Refused("这里没有排程，不能按客户预览 (no planner here to fill the words)", code="no_planner")
    filled = context.fill_one(context, found.id, version, on)
    if found.is_own:
        return filled
    some = _somebody(found.name)
    names = {name: some for name, one in version.placeholders.items() if one.source == _FULL_NAME}
    return replace(filled, values={**filled.values, **names})


def _somebody(masked: str) -> str:
    """A masked name as words can hold it (stars count as odd in a name): 欧某某, A."""
    first = masked[:1]
    return f"{first}." if first.isascii() else f"{first}某某"


def _note(context: Context, actor: Actor, customer_id: uuid.UUID, wanted: Wanted, made: Preview) -> None:
    with context.db.write() as session:
        details = {
            "template": made.key,
            "locale": made.locale,
            "version": None if wanted.text is not None else made.number,
        }
        record(session, context.clock.now(), actor, "template.preview", "customer", customer_id, details)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look under way."""

    context: Context
    version: TemplateVersion
    filled: Filled | None
    wanted: Wanted

    def made(self, customer: tuple[str, str] | None) -> Preview:
        """Every channel, measured and judged."""
        context, version, filled = self.context, self.version, self.filled
        today = context.clock.now().astimezone(context.bank.zone).date()
        day = filled.on_day if filled else self.wanted.on or today
        with context.db.read() as session:
            rules = word_rules(session, context.bank, day)
            card = cards_in_force(session).get(version.card) if version.card else None
            tone = filled.tone if filled else self._tone(session)
        wording = self._wording(tone)
        tone = tone or (Tone.SOLEMN if wording.variant.quiet else "")
        values, used = values_used(version, filled)
        channels = tuple(
            self._channel(channel, wording, values, (rules, tone, card))
            for channel in CHANNELS
            if channel in wording.variant.bodies
        )
        before, after = _beside(wording)
        return Preview(
            key=version.key,
            locale=version.locale,
            number=self.wanted.number or version.version,
            name=version.name,
            purpose=version.purpose,
            wording=wording.id,
            before=before,
            after=after,
            variants=_variants(version),
            on=day,
            tone=tone,
            campaign=filled.campaign if filled else ("", ""),
            customer=customer,
            channels=channels,
            values=used,
        )

    def _tone(self, session: Session) -> str:
        """Of a day that was named; samples without a day are of no day."""
        if self.wanted.on is None:
            return ""
        days = calendar_in_force(session).festivals_on(self.wanted.on)
        return Tone.SOLEMN if any(one.tone is Tone.SOLEMN for one in days) else ""

    def _wording(self, tone: str) -> Wording:
        version, filled = self.version, self.filled
        if self.wanted.wording:
            return _named(version, self.wanted.wording)
        if filled is None:
            among: Sequence[Wording] = version.wordings_for(tone)
            return among[0] if among else _named(version, version.variants[0].id)
        suited = version.wordings_for(tone, tier=filled.tier, voice=filled.voice)
        if not suited:
            return _named(version, version.variants[0].id)
        customer, advisor, year = filled.wording_key
        return choose(suited, customer=customer, advisor=advisor, year=year)

    def _channel(
        self,
        channel: str,
        wording: Wording,
        values: Mapping[str, Value | None],
        about: tuple[WordRules, str, Card | None],
    ) -> ChannelLook:
        rules, tone, card = about
        signature = (self.filled.signature if self.filled else "") or self.context.bank.signature
        made = render(
            self.version,
            channel,
            values,
            variant=wording,
            signature=signature,
            footer=self._footer(),
            card=card,
        )
        content = _content(self.context, made, signature)
        hits = sorted_hits(
            rules.lint(
                words_of(content),
                rules.about(
                    purpose=self.version.purpose,
                    channel=channel,
                    tone=tone,
                    locale=self.version.locale,
                    signature=signature,
                    template=self.version.key,
                ),
            )
            if made.ok
            else ()
        )
        limits = [] if not made.ok else [_limit(one) for one in check_limits(content)]
        return ChannelLook(
            channel=channel,
            sender=content.sender,
            subject=made.subject,
            text=made.text,
            html=made.html,
            words=runs(words_of(content), hits) if made.ok else (),
            units=made.units if channel == SMS else len(made.text.encode()),
            parts=made.parts,
            price=NAMES[price_class(made.parts)],
            media=made.media,
            faults=(*self._problems(made), *limits),
            hits=hits,
        )

    def _footer(self) -> Footer:
        bank, filled = self.context.bank, self.filled
        if filled is None:
            return Footer(branch=bank.name, hotline=bank.hotline, preferences_url=_LINK)
        name, phone = filled.advisor
        return Footer(
            branch=filled.branch, hotline=bank.hotline, preferences_url=_LINK, advisor=name, phone=phone
        )

    def _problems(self, made: Rendered) -> tuple[Said, ...]:
        found = []
        for one in made.problems:
            zh, en = PROBLEMS.get(one.code, (one.code, one.code))
            which = one.placeholder or ("" if one.code == "placeholder_missing" else one.detail)
            said_zh, said_en = (f"{zh}：{which}", f"{en}: {which}") if which else (zh, en)
            found.append(Said(code=one.code, zh=said_zh, en=said_en))
        if made.ok and made.channel == SMS and made.units > self.version.sms_units:
            most = self.version.sms_units
            found.append(
                Said(
                    code="sms_units",
                    zh=f"{made.units}字，超过模板承诺的{most}字",
                    en=f"{made.units} units, the document promises {most}",
                )
            )
        return tuple(found)


def _limit(one: LimitFault) -> Said:
    return Said(code=one.code, zh=one.sentence_zh, en=one.sentence_en)


def _content(context: Context, one: Rendered, signature: str) -> Content:
    return Content(
        channel=one.channel,
        sender=signature if one.channel == SMS else context.bank.name,
        text=one.text,
        subject=one.subject,
        html=one.html if one.channel == EMAIL else None,
        media=one.media,
        provider_template=one.skeleton_id,
        parameters=dict(one.parameters),
    )


def _named(version: TemplateVersion, wording: str) -> Wording:
    """A wording by its id; a variant's own id means its first wording. InputError where there is none."""
    variant = next((one for one in version.variants if one.id == wording), None)
    if variant is not None:
        return Wording(variant=variant, picks=(0,) * len(variant.turns))
    known = ", ".join(one.id for one in version.variants)
    if wording.partition(".")[0] not in {one.id for one in version.variants}:
        raise InputError(f"there is no variant {wording}; there are {known}", column="--variant")
    return version.get_wording(wording)


def _beside(wording: Wording) -> tuple[str, str]:
    """The ids of the wordings before and after this one in its variant, round and round; "" where it is the only one."""
    several = Wordings((wording.variant,))
    if len(several) == 1:
        return "", ""
    at = next(place for place, one in enumerate(several) if one.id == wording.id)
    return several[at - 1].id, several[(at + 1) % len(several)].id


def _variants(version: TemplateVersion) -> tuple[VariantLine, ...]:
    lines = []
    for one in version.variants:
        notes = []
        if one.quiet:
            notes.append(("肃穆日", "solemn days"))
        if one.nameless:
            notes.append(("不含称呼", "no name in it"))
        if one.tiers:
            notes.append(("、".join(sorted(one.tiers)), ", ".join(sorted(one.tiers))))
        if one.voice:
            notes.append(_VOICES.get(one.voice, (one.voice, one.voice)))
        lines.append(VariantLine(id=one.id, wordings=one.count, notes=tuple(notes)))
    return tuple(lines)


_VOICES = {"plain": ("平实", "plain"), "warm": ("亲切", "warm"), "formal": ("庄重", "formal")}
