"""Words that answer a customer: confirmations, thanks, a case's notes, an advisor's reply, as message rows (DESIGN §5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from store.database import Session
from store.message_writes import NewMessage, insert_messages
from store.models.customers import ContactPoint, Customer
from store.words import template_version_id
from templates.compliance.levels import Level
from templates.placeholders import Value
from templates.render import Footer, render
from templates.salutations import Addressee, salutation
from templates.wordings import choose
from wenhou.core import sms_text
from wenhou.core.channels import EMAIL, SMS, Content
from wenhou.core.errors import InputError
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Status
from wenhou.services.context import Context
from wenhou.services.edit_faults import EditRefused
from wenhou.services.links import preferences_url
from wenhou.services.word_rules import word_rules
from wenhou.services.wording import placed
from wenhou.services.words_in_force import library_in_force

_LATEST = timedelta(hours=24)
_LONGEST_WORDS = 500
_MAKES_MARKETING = "service_offers"
"""Of planned notices: one word of a product makes them marketing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer to be sent at once to the very address the words came from.

    `origin`: confirmation, case_note or reply; `origin_id` what it answers. `actor`: how its history names the maker.
    """

    customer: Customer
    point: ContactPoint
    origin: str
    origin_id: uuid.UUID
    dedupe_key: str
    content: Content
    actor: str = "system"
    template_version_id: uuid.UUID | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemWords:
    """A system text made for one customer, and the wording it was made from."""

    content: Content
    template_version_id: uuid.UUID
    variant: str


def plan_answer(session: Session, context: Context, answer: Answer) -> uuid.UUID | None:
    """Write the answer as a scheduled message without approval; its id, or None when it was written before."""
    if answer.point.retired_at is not None:
        return None
    now = context.clock.now()
    message = NewMessage(
        customer_id=answer.customer.id,
        dedupe_key=answer.dedupe_key,
        origin=answer.origin,
        origin_id=answer.origin_id,
        purpose=Purpose.SERVICE,
        channel_plan=(answer.point.channel,),
        channel=answer.point.channel,
        contact_point_id=answer.point.id,
        status=Status.SCHEDULED,
        planned_for=now.astimezone(context.bank.zone).date(),
        not_before=now,
        due_at=now,
        expires_at=now + _LATEST,
        level=0,
        org_id=answer.customer.managing_org_id,
        advisor_id=answer.customer.main_advisor_id,
        contents=(answer.content,),
        parts={SMS: _parts(answer.content.text)} if answer.point.channel == SMS else {},
        counts_in_caps=False,
        template_version_id=answer.template_version_id,
        variant=answer.variant,
    )
    written = insert_messages(session, context.vault, [message], at=now, actor=answer.actor)
    return message.id if message.id in written else None


def system_words(
    session: Session,
    context: Context,
    customer: Customer,
    channel: str,
    key: str,
    values: Mapping[str, Value | None],
) -> SystemWords | None:
    """A system text for one customer; None when a value is unfit (nobody is sent a broken sentence)."""
    now = context.clock.now()
    version = library_in_force(session, now).get(key, customer.locale)
    rendered = render(
        version,
        channel,
        values,
        variant=choose(version.wordings_for(), customer=customer.external_ref, advisor="", year=now.year),
        signature=context.bank.signature,
        footer=_footer(context, customer),
    )
    if not rendered.ok:
        return None
    content = Content(
        channel=channel,
        sender=context.bank.signature,
        text=rendered.text,
        subject=rendered.subject,
        html=rendered.html,
        provider_template=rendered.skeleton_id,
        parameters=rendered.parameters,
    )
    used = template_version_id(
        session,
        key=version.key,
        locale=version.locale,
        number=version.version,
        source=version.source,
        digest=version.digest,
        at=now,
    )
    return SystemWords(content=content, template_version_id=used, variant=rendered.variant)


def own_words(context: Context, channel: str, text: str, *, subject: str = "") -> Content:
    """A person's own text: signed where the channel asks for it. InputError when it is empty or too long."""
    words = text.strip()
    if not words or len(words) > _LONGEST_WORDS:
        raise InputError(
            f"回复应为 1 至 {_LONGEST_WORDS} 个字 (1 to {_LONGEST_WORDS} characters)", column="text"
        )
    if channel == SMS:
        words = sms_text.compose(context.bank.signature, words)
    title = subject.strip() or f"{context.bank.name}给您的回复"
    return Content(
        channel=channel,
        sender=context.bank.signature,
        text=words,
        subject=title if channel == EMAIL else None,
    )


def require_lawful(session: Session, context: Context, content: Content) -> None:
    """EditRefused, with places, where a rule in force stops a person's own words.

    They are judged as service. Whoever asked about a product is answered about it, so to speak of one is no offence here:
    what it owes then (risk, class, published rate) is asked for all the same.
    """
    rules = word_rules(session, context.bank, context.clock.now().astimezone(context.bank.zone).date())
    hits = rules.judge(content, purpose=Purpose.SERVICE)
    stopped = [one for one in hits if one.level is Level.BLOCK and one.rule != _MAKES_MARKETING]
    if stopped:
        faults = [placed(content, Purpose.SERVICE, one) for one in stopped]
        raise EditRefused(faults, code="content_blocked")


def salutation_of(customer: Customer | None) -> str | None:
    """How a system text addresses a customer; None where it must name nobody (a shared number, an odd name)."""
    if customer is None:
        return None
    person = Addressee(name=customer.name, gender=customer.gender, preferred=customer.salutation)
    return salutation(person, customer.locale) or None


def _footer(context: Context, customer: Customer) -> Footer:
    """Links in mail are https or none: a bank without a public address has its opt-out by reply."""
    url = preferences_url(context, customer.id)
    return Footer(hotline=context.bank.hotline, preferences_url=url if url.startswith("https://") else "")


def _parts(text: str) -> int:
    return sms_text.count_parts(sms_text.count_units(text))
