"""What a customer wants to receive: their word moves consent, bans and everything that waits, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from store import address_bans, consent_writes, pending
from store.audit import record
from store.consent_writes import ANY, GRANTED, WITHDRAWN, Act, Outcome
from store.database import Session
from store.models.customers import ContactPoint, Customer
from store.speakers import Speaker
from wenhou.core.actors import CUSTOMER, PROVIDER
from wenhou.core.purposes import PURPOSE_NAMES, Purpose
from wenhou.services.answers import Answer, plan_answer, system_words
from wenhou.services.context import Context
from wenhou.services.links import PreferencesLink

STOPPABLE = (Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING)
"""Service messages are about the customer's own business and are not stopped by an opt-out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A customer's word about what to send: where it was said (`source`: customer or provider) and what proves it."""

    purposes: frozenset[Purpose]
    source: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What the page shows: purpose → may we write."""

    customer_id: uuid.UUID
    locale: str
    allowed: Mapping[Purpose, bool]


def stop(session: Session, context: Context, speaker: Speaker, word: Word) -> bool:
    """Withdraw these purposes: for the customer on every channel, and for the address they spoke from.

    An address that several customers share is silenced for all of them, whoever spoke; while nothing says who did,
    nobody's consent moves. What waits turns `skipped` at once. Answers whether anything was new.
    """
    now = context.clock.now()
    changed = False
    if speaker.certain is not None:
        changed = _withdraw(session, context, speaker.certain.id, word)
    bans = address_bans.ban(
        session, speaker.point, word.purposes, reason=address_bans.OPTED_OUT, source=word.source, at=now
    )
    pending.skip_pending(
        session,
        [one.id for one in speaker.customers if one != speaker.certain],
        word.purposes,
        reason="suppressed",
        actor=_actor_of(word),
        at=now,
        contact_point_id=speaker.point.id,
    )
    return changed or bans > 0


def stop_for(session: Session, context: Context, customer: Customer, word: Word) -> bool:
    """Withdraw for a customer alone: their words were attributed later, or came by a signed link."""
    return _withdraw(session, context, customer.id, word)


def allow(
    session: Session, context: Context, customer: Customer, point: ContactPoint | None, word: Word
) -> None:
    """Grant these purposes on the customer's own word, with its evidence; ends what they had asked of the address."""
    now = context.clock.now()
    channels = {ANY, point.channel} if point is not None else {ANY}
    states = consent_writes.load_states(session, [customer.id])
    channels |= {channel for (_, channel, purpose) in states if purpose in word.purposes}
    consent_writes.record_consents(
        session,
        [
            _act(customer.id, channel, purpose, GRANTED, word, context)
            for channel in sorted(channels)
            for purpose in word.purposes
        ],
        states,
    )
    if point is not None:
        address_bans.lift(session, point, word.purposes)
    record(
        session,
        now,
        CUSTOMER,
        "consent.granted",
        "customer",
        customer.id,
        {"purposes": sorted(word.purposes)},
    )


def confirm_stop(
    session: Session, context: Context, speaker: Speaker, word: Word, entry_id: uuid.UUID
) -> uuid.UUID | None:
    """One confirmation of what stops and what goes on; it names nobody, the phone may be shared."""
    customer = speaker.likely
    if customer is None:
        return None
    zh = customer.locale.startswith("zh")
    everything = word.purposes >= set(STOPPABLE)
    scope = "" if everything else ("、" if zh else ", ").join(_named(word.purposes, zh=zh))
    kept = "" if everything or Purpose.CARE in word.purposes else _named([Purpose.CARE], zh=zh)[0]
    values = {"scope": scope, "kept": kept, "hotline": context.bank.hotline}
    words = system_words(session, context, customer, speaker.point.channel, "opt_out_confirmation", values)
    if words is None:
        return None
    day = context.clock.now().astimezone(context.bank.zone).date()
    purposes = ",".join(sorted(word.purposes))
    answer = Answer(
        customer=customer,
        point=speaker.point,
        origin="confirmation",
        origin_id=entry_id,
        dedupe_key=f"confirmation:opt_out:{purposes}:{day}",
        content=words.content,
        template_version_id=words.template_version_id,
        variant=words.variant,
    )
    return plan_answer(session, context, answer)


def read(context: Context, link: PreferencesLink) -> Preferences | None:
    """What this customer may be sent at present, for the page behind a signed link."""
    with context.db.read() as session:
        customer = session.get(Customer, link.customer_id)
        if customer is None or customer.state == "erased":
            return None
        states = consent_writes.load_states(session, [customer.id])
    allowed = {purpose: _allows(customer.id, purpose, states) for purpose in STOPPABLE}
    return Preferences(customer_id=customer.id, locale=customer.locale, allowed=allowed)


def change(context: Context, link: PreferencesLink, wanted: Collection[Purpose], *, via: str) -> None:
    """Take a customer's choice from the page: what is wanted is granted, the rest withdrawn, by their own word."""
    before = read(context, link)
    if before is None:
        return
    evidence = {"via": via}
    with context.db.write() as session:
        customer = session.get_one(Customer, link.customer_id, with_for_update=True)
        granted = frozenset(
            purpose for purpose in STOPPABLE if purpose in wanted and not before.allowed[purpose]
        )
        refused = frozenset(purpose for purpose in STOPPABLE if purpose not in wanted)
        if granted:
            allow(
                session, context, customer, None, Word(purposes=granted, source="customer", evidence=evidence)
            )
        _withdraw(session, context, customer.id, Word(purposes=refused, source="customer", evidence=evidence))


def one_click(context: Context, link: PreferencesLink) -> None:
    """RFC 8058: stop what the mail was about (or everything but service) at once."""
    purposes = frozenset({link.purpose}) & set(STOPPABLE) if link.purpose else frozenset(STOPPABLE)
    with context.db.write() as session:
        customer = session.get(Customer, link.customer_id, with_for_update=True)
        if customer is None:
            return
        word = Word(purposes=frozenset(purposes), source="customer", evidence={"via": "one_click"})
        _withdraw(session, context, customer.id, word)


def _withdraw(session: Session, context: Context, customer_id: uuid.UUID, word: Word) -> bool:
    now = context.clock.now()
    if not word.purposes:
        return False
    acts = [_act(customer_id, ANY, purpose, WITHDRAWN, word, context) for purpose in sorted(word.purposes)]
    changed = Outcome.RECORDED in consent_writes.record_consents(session, acts)
    pending.skip_pending(
        session, [customer_id], word.purposes, reason="consent_withdrawn", actor=_actor_of(word), at=now
    )
    if changed:
        actor = PROVIDER if word.source == "provider" else CUSTOMER
        details = {"purposes": sorted(word.purposes)}
        record(session, now, actor, "consent.withdrawn", "customer", customer_id, details)
    return changed


def _act(
    customer_id: uuid.UUID, channel: str, purpose: Purpose, act: str, word: Word, context: Context
) -> Act:
    return Act(
        customer_id=customer_id,
        channel=channel,
        purpose=purpose,
        act=act,
        source=word.source,
        at=context.clock.now(),
        evidence=word.evidence,
    )


def _actor_of(word: Word) -> str:
    return (PROVIDER if word.source == "provider" else CUSTOMER).label


def _named(purposes: Collection[Purpose], *, zh: bool) -> list[str]:
    return [names[0 if zh else 1] for purpose, names in PURPOSE_NAMES.items() if purpose in purposes]


def _allows(customer_id: uuid.UUID, purpose: Purpose, states: consent_writes.States) -> bool:
    """Whether any channel may carry the purpose; a refusal of all channels refuses."""
    everywhere = states.get((customer_id, ANY, purpose))
    if everywhere is not None:
        return everywhere.state == GRANTED
    return any(
        now.state == GRANTED
        for (owner, _, of), now in states.items()
        if owner == customer_id and of == purpose
    )
