"""The gates at hand-over: every one of them again, as of now, with the campaign as it was planned (DESIGN §7).

The audience and the holdout were frozen when the message was planned. What its step waits for, its wave, mourning and
the platforms' limits are looked at anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from scheduler.carriers import Carriers
from scheduler.details import naming_details
from scheduler.offering import NO_PRODUCT, agreed_at_hand_over, products_of_cards
from store.articles import stopped_articles
from store.conditions import MET, UNKNOWN, Asked, load_conditions
from store.database import Session
from store.facts import Question, load_facts
from store.handing import load_documents, load_earlier
from store.outbox import Claimed
from store.waves import wave_hold_key, waves_out
from wenhou.core.campaigns import ArticleTrigger, Campaign, Step
from wenhou.core.dedupe import follow_up_key, task_key
from wenhou.core.errors import WenhouError
from wenhou.core.ids import new_id
from wenhou.core.policy.decide import Decision, decide
from wenhou.core.policy.facts import Facts
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose
from wenhou.services.campaign_files import campaign_from_document
from wenhou.services.context import Context

_KEPT: Final = 64
_campaigns: dict[uuid.UUID, Campaign | None] = {}
"""Campaigns by version: a version never changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """A claimed message, what is known of it and what the gates say."""

    message: Claimed
    facts: Facts
    decision: Decision


def judge_again(
    session: Session, context: Context, carriers: Carriers, messages: Sequence[Claimed], *, policy: Policy
) -> list[Rejudged]:
    """Every gate for each message, as of now."""
    if not messages:
        return []
    now = context.clock.now()
    campaigns = _load_campaigns(session, messages)
    conditions = _conditions(session, carriers, messages, campaigns)
    waves = _waiting_waves(session, messages)
    withdrawn = _withdrawn(session, context, messages, campaigns)
    cards = products_of_cards(session, messages, campaigns)
    agreed = agreed_at_hand_over(session, context, policy, messages, campaigns)
    asked = [
        _question(
            message,
            context,
            campaigns.get(message.id),
            condition=conditions.get(message.id, MET),
            wave=waves.get(message.id),
            is_withdrawn=message.id in withdrawn,
        )
        for message in messages
    ]
    questions = [
        replace(one, product=cards.get(one.message_id, one.product), agreed=agreed.get(one.message_id))
        if one.message_id in cards or one.message_id in agreed
        else one
        for one in asked
    ]
    facts = load_facts(
        session,
        questions,
        policy=policy,
        zone=context.bank.zone,
        now=now,
        platform=carriers.platform,
        accounts=carriers.accounts,
    )
    shared = [one.id for one in messages if any(route.shared_by > 1 for route in facts[one.id].routes)]
    for message_id in naming_details(session, shared):
        facts[message_id] = replace(facts[message_id], names_product=True)
    return [
        Rejudged(message=one, facts=facts[one.id], decision=decide(facts[one.id], policy, now))
        for one in messages
    ]


def in_mourning(one: Rejudged, policy: Policy, now: datetime) -> Rejudged:
    """The same message once its words were found festive while its customer's region mourns."""
    facts = replace(one.facts, festive=True)
    return Rejudged(message=one.message, facts=facts, decision=decide(facts, policy, now))


def _question(
    message: Claimed,
    context: Context,
    campaign: Campaign | None,
    *,
    condition: str,
    wave: str | None,
    is_withdrawn: bool,
) -> Question:
    """As at planning, for the rest of the channel plan and the day it would leave: what was held counts today."""
    plan = message.channel_plan
    position = plan.index(message.channel) if message.channel in plan else 0
    step = _step_of(message, campaign)
    # A version that can no longer be read grants nothing: a sales text without its product is not sold, a later step
    # without its conditions does not follow.
    is_lost = message.campaign_version_id is not None and campaign is None
    if is_lost and message.step > 1:
        condition = UNKNOWN
    lost_product = NO_PRODUCT if is_lost and message.purpose == Purpose.MARKETING else None
    return Question(
        message_id=message.id,
        customer_id=message.customer_id,
        purpose=Purpose(message.purpose),
        origin=message.origin,
        channels=plan[position:],
        planned_for=max(message.planned_for, context.clock.now().astimezone(context.bank.zone).date()),
        planned_at=message.not_before,
        expires_at=message.expires_at,
        only_contact=message.contact_point_id if message.origin != "campaign" else None,
        campaign_id=message.campaign_id,
        statutory=campaign is not None and campaign.statutory,
        asks=step is not None and step.asks is not None,
        refers=campaign is not None and campaign.refers,
        product=campaign.product if campaign is not None else lost_product,
        condition=condition,
        wave=wave,
        is_withdrawn=is_withdrawn,
    )


def _step_of(message: Claimed, campaign: Campaign | None) -> Step | None:
    if campaign is None:
        return None
    return next((step for step in campaign.message_steps if step.number == message.step), None)


def _load_campaigns(session: Session, messages: Sequence[Claimed]) -> dict[uuid.UUID, Campaign | None]:
    """Each message's campaign as of its version; None where there is none, or none that can be read any more."""
    versions = {one.campaign_version_id for one in messages if one.campaign_version_id is not None}
    missing = [version for version in versions if version not in _campaigns]
    if missing:
        for version, (key, document) in load_documents(session, missing).items():
            while len(_campaigns) >= _KEPT:
                _campaigns.pop(next(iter(_campaigns)), None)
            _campaigns[version] = _read(key, document)
    return {
        one.id: _campaigns.get(one.campaign_version_id)
        for one in messages
        if one.campaign_version_id is not None
    }


def _read(key: str, document: dict[str, object]) -> Campaign | None:
    """A document of an older release that can no longer be read grants nothing: not statutory, no step of its own."""
    try:
        return campaign_from_document(document, key)
    except (WenhouError, KeyError, TypeError, ValueError):
        return None


def _withdrawn(
    session: Session,
    context: Context,
    messages: Sequence[Claimed],
    campaigns: Mapping[uuid.UUID, Campaign | None],
) -> set[uuid.UUID]:
    """Messages that tell of an article which may not be told any more."""
    told = {
        one.id: one.origin_id
        for one in messages
        if one.origin_id is not None
        and (campaign := campaigns.get(one.id)) is not None
        and isinstance(campaign.trigger, ArticleTrigger)
    }
    if not told:
        return set()
    today = context.clock.now().astimezone(context.bank.zone).date()
    stopped = stopped_articles(session, set(told.values()), today)
    return {message_id for message_id, article_id in told.items() if article_id in stopped}


def _waiting_waves(session: Session, messages: Sequence[Claimed]) -> dict[uuid.UUID, str]:
    """Hold keys of messages whose wave may not leave: whatever else released them."""
    later = [one for one in messages if one.wave and one.occurrence_id is not None]
    if not later:
        return {}
    out = waves_out(session, sorted({one.occurrence_id for one in later if one.occurrence_id is not None}))
    return {
        one.id: wave_hold_key(one.occurrence_id, one.wave)
        for one in later
        if one.occurrence_id is not None and one.wave is not None and one.wave > out[one.occurrence_id]
    }


def _conditions(
    session: Session,
    carriers: Carriers,
    messages: Sequence[Claimed],
    campaigns: Mapping[uuid.UUID, Campaign | None],
) -> dict[uuid.UUID, str]:
    """What later steps wait for, asked once more: a customer may have answered since."""
    waiting: list[tuple[Claimed, Step, Mapping[str, str]]] = []
    for message in messages:
        campaign = campaigns.get(message.id)
        step = _step_of(message, campaign)
        if campaign is None or step is None or not step.when or step.after is None:
            continue
        named = {step.after, *(condition.of for condition in step.when if condition.of)}
        waiting.append((message, step, {key: _key_of(campaign, key, message.dedupe_key) for key in named}))
    if not waiting:
        return {}
    found: dict[uuid.UUID, str] = {}
    earlier = load_earlier(
        session,
        {message.customer_id for message, _, _ in waiting},
        {key for _, _, keys in waiting for key in keys.values()},
    )
    asked: dict[uuid.UUID, tuple[uuid.UUID, Asked]] = {}
    for message, step, keys in waiting:
        known = {
            name: earlier[message.customer_id, key]
            for name, key in keys.items()
            if (message.customer_id, key) in earlier
        }
        if step.after not in known:  # what nobody can know meets no condition
            found[message.id] = f"{UNKNOWN}:{step.after}"
        else:
            row = new_id()
            asked[row] = (
                message.id,
                Asked(
                    id=row,
                    customer_id=message.customer_id,
                    conditions=step.when,
                    before={name: one.id for name, one in known.items()},
                    previous=step.after,
                    since=known[step.after].since,
                ),
            )
    able = {channel: sender.capabilities for channel, sender in carriers.senders.items()}
    answers = load_conditions(session, [one for _, one in asked.values()], able)
    return found | {asked[row][0]: answer for row, answer in answers.items()}


def _key_of(campaign: Campaign, step_key: str, dedupe_key: str) -> str:
    step = campaign.step(step_key)
    if step.task is not None:
        return task_key(dedupe_key, step.key)
    return follow_up_key(dedupe_key, step.number)
