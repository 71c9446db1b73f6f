"""产品建议卡: written by one person, approved by another, shown with the customer's suitability, sent through every gate.

Sending writes no message: it notes that the advisor asked for it, as an event of Wenhou's own, and the bundled campaign
`advice_card` plans it like any other marketing: consent, caps, care ratio, suitability, two persons. Nothing goes round
them. What a card said stays: a version that was submitted never changes.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from store import access
from store import advice_cards as rows
from store.audit import record
from store.campaigns import list_campaigns
from store.database import Session
from store.facts_offers import load_offers
from store.models.customers import Customer
from store.models.offers import AdviceCard
from store.models.products import Product
from store.opinions import find_product
from store.overview import user_names
from store.transitions import Change, change_status
from templates.compliance.rules import RuleBook
from wenhou.core.actors import Actor, Role
from wenhou.core.advice import (
    BLOCK_NAMES,
    SUITABLE,
    UNASSESSED,
    UNASSESSED_REASONS,
    UNSUITABLE,
    Blocks,
    Fit,
)
from wenhou.core.campaigns import CARD_ASKED, BusinessEventTrigger
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.ids import new_id
from wenhou.core.policy.gates_what import unsuitable
from wenhou.core.reasons import sentence
from wenhou.core.statuses import Event, Status
from wenhou.services.advice_files import CardDraft
from wenhou.services.advice_words import blocked_words
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context
from wenhou.services.events import NewEvent, take_in
from wenhou.services.policies import policy_in_force
from wenhou.services.word_rules import rules_in_force

SOURCE = "wenhou.advice"
"""The source of the event that an advisor's wish to send a card is."""
RETIRED = "card_retired"
_WRITERS = (Role.OPERATIONS, Role.COMPLIANCE)
_READERS = (Role.ADVISOR, Role.SUPERVISOR, *_WRITERS)
_MINORS = frozenset({"under_14", "under_18"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A version of a card with its product. `sent`: the last wish to send it to the customer it is shown for."""

    id: uuid.UUID
    product: str
    name: str
    issuer: str
    risk_level: int
    risk_sentence: str
    on_sale_from: date | None
    on_sale_until: date | None
    version: int
    state: str
    source: str
    source_on: date
    blocks: dict[str, Blocks]
    author: str
    approver: str
    approved_at: datetime | None
    fit: Fit | None = None
    sent: Sent | None = None

    def said(self, locale: str) -> Blocks:
        """The four texts in a language; Chinese where there are none in it."""
        return self.blocks.get(locale) or self.blocks["zh-CN"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A wish to send a card: when, and what became of it. `status` None: not planned yet. Once a day is enough."""

    at: datetime
    status: str | None
    reason: str | None
    is_today: bool


def apply_card(context: Context, actor: Actor, draft: CardDraft) -> tuple[int, str]:
    """Keep a draft: (version, `created`, `changed` or `unchanged`). What was submitted stays: a change is a new one."""
    author = _writer(actor)
    now, columns = context.clock.now(), draft.columns()
    with context.db.write() as session:
        product = _product(session, draft.product)
        newest = rows.newest_card(session, product.id)
        if newest is not None and newest.state != "retired" and _says(newest, columns):
            return newest.version, "unchanged"
        outcome = "created" if newest is None else "changed"
        if newest is None or newest.state != "draft":
            version = newest.version + 1 if newest else 1
            newest = AdviceCard(
                id=new_id(), product_id=product.id, version=version, state="draft", created_at=now, **columns
            )
            session.add(newest)
        for name, value in {**columns, "author_id": author}.items():
            setattr(newest, name, value)
        session.flush()
        _record(session, context, actor, "advice.write", newest, product)
        return newest.version, outcome


def submit_card(context: Context, actor: Actor, code: str) -> int:
    """Ask for approval; refused where the lint blocks any of its words. Returns the version."""
    author = _writer(actor)
    with context.db.write() as session:
        product = _product(session, code)
        card = _newest(session, product, "draft", "没有草稿可提交", "has no draft to submit")
        _check_words(card, product, rules_in_force(session))
        card.state, card.author_id, card.submitted_at = "submitted", author, context.clock.now()
        _record(session, context, actor, "advice.submit", card, product)
        return card.version


def approve_card(context: Context, actor: Actor, code: str) -> int:
    """Agree as compliance and as the second person; the version before is retired with what waits of it.

    Returns the version.
    """
    if not actor.has(Role.COMPLIANCE):
        raise AccessDenied("only compliance approves advice cards")
    with context.db.write() as session:
        product = _product(session, code)
        card = _newest(
            session, product, "submitted", "没有待批准的版本", "has no version that waits for approval"
        )
        if card.author_id is None or card.author_id == actor.user_id:
            raise Refused("写的人不能批准自己的建议卡 (nobody approves what they wrote; ask a second person)")
        _check_words(card, product, rules_in_force(session))
        older = rows.approved_card(session, product.id)
        if older is not None:
            _retire(session, context, actor, older, product)
        card.state, card.approved_by, card.approved_at = "approved", actor.user_id, context.clock.now()
        _record(session, context, actor, "advice.approve", card, product)
        context.passed("advice.before_commit")
        version = card.version
    context.passed("advice.after_commit")
    return version


def retire_card(context: Context, actor: Actor, code: str) -> int:
    """Take a card back: it is shown no more, and what waits of it is cancelled at once; how many messages."""
    _writer(actor)
    with context.db.write() as session:
        product = _product(session, code)
        card = rows.approved_card(session, product.id)
        if card is None:
            raise Refused(f"{code} 没有在用的建议卡 (product {code} has no card in use)")
        return _retire(session, context, actor, card, product)


def list_cards(context: Context, actor: Actor, *, customer: str | None = None) -> list[Card]:
    """The newest version of each product's card; for a customer in sight the approved ones with their suitability.

    Who only advises sees approved ones alone. AccessDenied for a customer out of sight.
    """
    _reader(actor)
    only_approved = customer is not None or not actor.has(*_WRITERS)
    with context.db.read() as session:
        found = access.get_customer(session, actor, customer) if customer is not None else None
        standing = rows.list_cards(session, approved_only=only_approved)
        fits = _fits(session, context, [product for _, product in standing], found) if found else {}
        return [_card(session, card, product, fits.get(product.code)) for card, product in standing]


def show_card(context: Context, actor: Actor, code: str, *, customer: str | None = None) -> Card:
    """A product's card; for a customer in sight the approved one, with suitability and what became of sending it.

    Raises InputError where there is none, AccessDenied for a customer out of sight.
    """
    _reader(actor)
    with context.db.read() as session:
        found = access.get_customer(session, actor, customer) if customer is not None else None
        product = _product(session, code)
        card = rows.approved_card(session, product.id)
        if card is None and found is None and actor.has(*_WRITERS):
            card = rows.newest_card(session, product.id)
        if card is None:
            raise InputError(f"product {code} has no approved card; `wenhou advice list` names them")
        if found is None:
            return _card(session, card, product, None)
        fit = _fits(session, context, [product], found)[code]
        before = rows.sent_before(session, found.id, card.id, SOURCE)
        sent = _sent(context, *before) if before else None
        return _card(session, card, product, fit, sent)


def send_card(context: Context, actor: Actor, ref: str, code: str, *, version: int) -> None:
    """Ask that the card, as it was shown, be sent to an own customer; every gate and two persons come after.

    Refused: it does not suit, is not on sale, changed since it was shown, or was asked for today already.
    """
    if not actor.has(Role.ADVISOR):
        raise AccessDenied("only advisors send cards to their customers")
    card = show_card(context, actor, code, customer=ref)
    now = context.clock.now()
    if card.version != version:
        raise Refused("建议卡刚刚更新，请再看一遍 (the card changed meanwhile; look at it again)")
    if card.fit is None or not card.fit.may_be_sent:
        words = card.fit.words if card.fit else ("", "")
        raise Refused(f"不能发送：{words[0]} (cannot be sent: {words[1]})", code="unsuitable")
    with context.db.read() as session:
        customer = access.get_customer(session, actor, ref)
        if not _has_campaign(session):
            raise Refused(
                "产品建议卡的活动没有启用，请联系运营 (no live campaign sends advice cards; ask operations)"
            )
    today = now.astimezone(context.bank.zone).date()
    event = NewEvent(
        source=SOURCE,
        source_id=f"{card.id.hex}:{customer.id.hex[-16:]}:{today:%Y%m%d}",
        kind=CARD_ASKED,
        customer=customer.external_ref,
        happened_at=now,
        details=card_details(card),
    )
    if take_in(context, actor, [event]).created == 0:
        raise Refused("今天已提交过这张卡 (this card was asked for today already)")
    with context.db.write() as session:
        details = {"product": code, "version": card.version}
        record(session, now, actor, "advice.send", "customer", customer.id, details)


def card_details(card: Card) -> dict[str, Any]:
    """What the words are filled from: the card as it was shown, so that no later change slips in."""
    return {
        "product": card.product,
        "name": card.name,
        "issuer": card.issuer,
        "risk": f"R{card.risk_level}",
        "risk_sentence": card.risk_sentence,
        "card": card.id.hex,
        "version": card.version,
        "source": card.source,
        "source_on": card.source_on.isoformat(),
        "blocks": {locale: dict(one.each()) for locale, one in card.blocks.items()},
    }


def fit_of(reason: str | None, risk_level: int, customer_level: int | None) -> Fit:
    """A reason of the gates, or none, as what is said on the card."""
    risk = f"R{risk_level}"
    if reason is None:
        words = (
            f"产品 {risk}，客户 C{customer_level}，测评有效",
            f"Product {risk}, customer C{customer_level}, assessment valid",
        )
        return Fit(
            verdict=SUITABLE, reason=None, words=words, risk_level=risk_level, customer_level=customer_level
        )
    verdict = UNASSESSED if reason in UNASSESSED_REASONS else UNSUITABLE
    level = f"C{customer_level}" if customer_level is not None else "—"
    words = (
        f"{sentence(reason)}（产品 {risk}，客户 {level}）",
        f"{sentence(reason, 'en')} (product {risk}, customer {level})",
    )
    return Fit(
        verdict=verdict, reason=reason, words=words, risk_level=risk_level, customer_level=customer_level
    )


def _fits(
    session: Session, context: Context, products: list[Product], customer: Customer
) -> Mapping[str, Fit]:
    """Each product against a customer today, by the rule of gate 10."""
    now = context.clock.now()
    today = now.astimezone(context.bank.zone).date()
    policy = policy_in_force(session, now)
    offers = load_offers(session, [product.code for product in products], [customer.id])
    found: dict[str, Fit] = {}
    for product in products:
        offer = offers.suitability(product.code, customer.id, today)
        if offer is None:
            continue
        refused = unsuitable(offer, customer.life_stage, policy)
        reason = refused.reason if refused is not None else None
        if customer.life_stage in _MINORS:  # gate 1 refuses them any offer
            reason = "minor"
        found[product.code] = fit_of(reason, offer.risk_level, offer.customer_level)
    return found


def _card(
    session: Session, row: AdviceCard, product: Product, fit: Fit | None, sent: Sent | None = None
) -> Card:
    names = user_names(session, [row.author_id, row.approved_by])
    return Card(
        id=row.id,
        product=product.code,
        name=product.name,
        issuer=product.issuer,
        risk_level=product.risk_level,
        risk_sentence=product.risk_sentence or "",
        on_sale_from=product.on_sale_from,
        on_sale_until=product.on_sale_until,
        version=row.version,
        state=row.state,
        source=row.source,
        source_on=row.source_on,
        blocks=_blocks(row),
        author=names.get(row.author_id, "") if row.author_id else "",
        approver=names.get(row.approved_by, "") if row.approved_by else "",
        approved_at=row.approved_at,
        fit=fit,
        sent=sent,
    )


def _sent(context: Context, at: datetime, status: str | None, reason: str | None) -> Sent:
    zone = context.bank.zone
    is_today = at.astimezone(zone).date() == context.clock.now().astimezone(zone).date()
    return Sent(at=at, status=status, reason=reason, is_today=is_today)


def _blocks(row: AdviceCard) -> dict[str, Blocks]:
    return {locale: Blocks(**texts) for locale, texts in row.blocks.items()}


def _check_words(card: AdviceCard, product: Product, book: RuleBook) -> None:
    """Raise Refused with every block that the rules in force stop; a product without its risk sentence has no card."""
    if not product.risk_sentence:
        raise Refused(
            f"产品 {product.code} 没有风险提示语，不能做建议卡 (product {product.code} has no risk sentence)",
            code="content_blocked",
        )
    said = [
        (f"{BLOCK_NAMES[block][0]}：{zh}", f"{locale} {block}: {en}")
        for locale, blocks in _blocks(card).items()
        for block, zh, en in blocked_words(blocks, product, locale, book)
    ]
    if said:
        zh, en = "；".join(one[0] for one in said), "; ".join(one[1] for one in said)
        raise Refused(f"{zh} ({en})", code="content_blocked")


def _says(card: AdviceCard, columns: Mapping[str, Any]) -> bool:
    return all(getattr(card, name) == value for name, value in columns.items())


def _retire(session: Session, context: Context, actor: Actor, card: AdviceCard, product: Product) -> int:
    """Cancel what waits, also what a worker has claimed: its start no longer finds it scheduled."""
    now = context.clock.now()
    card.state, card.retired_by, card.retired_at = "retired", actor.user_id, now
    session.flush()
    events = rows.end_events(session, card.id, SOURCE)
    changes = [
        Change(message_id=one, was=Status(was), event=Event.CANCEL, actor=actor.label, reason=RETIRED)
        for one, was in rows.waiting_of(session, events)
    ]
    gone = len(change_status(session, changes, now))
    _record(session, context, actor, "advice.retire", card, product)
    return gone


def _has_campaign(session: Session) -> bool:
    live = list_campaigns(session, states=("live",))
    specs = specs_of(session, [one.version_id for one in live])
    return any(
        isinstance(spec.trigger, BusinessEventTrigger) and spec.trigger.event == CARD_ASKED
        for spec in specs.values()
    )


def _newest(session: Session, product: Product, state: str, zh: str, en: str) -> AdviceCard:
    card = rows.newest_card(session, product.id)
    if card is None or card.state != state:
        raise Refused(f"{product.code} {zh} (product {product.code} {en})")
    return card


def _product(session: Session, code: str) -> Product:
    product = find_product(session, code)
    if product is None:
        raise InputError(f"there is no product {code} on the bank's list; `wenhou products list` names them")
    return product


def _writer(actor: Actor) -> uuid.UUID:
    if actor.user_id is None or not actor.has(*_WRITERS):
        raise AccessDenied("only operations or compliance writes advice cards")
    return actor.user_id


def _reader(actor: Actor) -> None:
    if not actor.has(*_READERS):
        raise AccessDenied("advice cards are not for your role to see")


def _record(
    session: Session, context: Context, actor: Actor, act: str, card: AdviceCard, product: Product
) -> None:
    details = {"product": product.code, "version": card.version}
    record(session, context.clock.now(), actor, act, "advice_card", card.id, details)
