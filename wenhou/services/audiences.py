"""Acts on audiences: count one live, name its members, tell how a fixed one has drifted from its rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from store.audience_counts import Count, Line, Members, count_members, count_reachable, list_members
from store.audience_words import words_in_use
from store.audiences import compile_rule
from store.campaigns import LiveCampaign, list_campaigns
from store.database import Session
from store.frozen_audiences import Drift, drift, drift_of_run, is_frozen, runs_from
from store.rule_sheets import TIERS, find_sheet
from store.sight import customer_scope
from wenhou.core.actors import Actor
from wenhou.core.addresses import mask_name
from wenhou.core.audience import Rule
from wenhou.core.audience_sentences import EN, ZH, sentence
from wenhou.core.campaigns import Campaign, FestivalTrigger, OnceTrigger, RecurringTrigger
from wenhou.core.errors import InputError
from wenhou.services.audience_files import Vocabulary
from wenhou.services.campaign_files import campaign_from_document
from wenhou.services.context import Context
from wenhou.services.rule_files import AXES, read_rule_file
from wenhou.services.text_files import read_text

_WHOLE = (FestivalTrigger, OnceTrigger, RecurringTrigger)
"""Triggers whose run meets the whole audience; an article also asks for its topics, a birthday for its day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceCount:
    """A rule in words and figures, as far as the actor sees. `channels`: only where it was asked for."""

    sentence_zh: str
    sentence_en: str
    count: Count
    channels: dict[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedAudience:
    """What was fixed and how it has drifted: `frozen` at approval, or a planned `run` of a day."""

    kind: str
    on_day: date | None
    version: int
    drift: Drift


def count_audience(context: Context, actor: Actor, rule: Rule, *, channels: bool = False) -> AudienceCount:
    """How many of the actor's customers meet a rule now; raises AccessDenied for who sees none.

    `channels` also counts who can be reached by which: that looks at every member's addresses.
    """
    with context.db.read() as session:
        members = _in_sight(context, actor, rule)
        return AudienceCount(
            sentence_zh=sentence(rule, ZH),
            sentence_en=sentence(rule, EN),
            count=count_members(session, members),
            channels=count_reachable(session, members) if channels else None,
        )


def list_audience(context: Context, actor: Actor, rule: Rule, limit: int) -> list[Line]:
    """The first members by number, names masked, of the actor's customers."""
    with context.db.read() as session:
        members = _in_sight(context, actor, rule)
        found = list_members(session, members, limit=limit)
    return [
        Line(
            ref=one.ref,
            name=mask_name(one.name),
            tier=one.tier,
            has_advisor=one.has_advisor,
            last_contact_at=one.last_contact_at,
        )
        for one in found
    ]


def drift_of_campaign(context: Context, key: str) -> list[FixedAudience]:
    """The audience frozen at approval and each run planned for today or later, against the rule today."""
    now, zone = context.clock.now(), context.bank.zone
    with context.db.read() as session:
        live, campaign = _campaign(session, key)
        found = []
        if is_frozen(session, live.version_id):
            frozen = drift(session, live.version_id, campaign.audience, now, zone)
            found.append(FixedAudience(kind="frozen", on_day=None, version=live.number, drift=frozen))
        is_whole = isinstance(campaign.trigger, _WHOLE)
        for run_id, on_day in runs_from(session, live.id, now.astimezone(zone).date()):
            run = drift_of_run(session, run_id, campaign.audience, now, zone, is_whole=is_whole)
            found.append(FixedAudience(kind="run", on_day=on_day, version=live.number, drift=run))
        return found


def rule_of_file(context: Context, path: Path) -> Rule:
    """A rule from a file, its words checked against the bank's own."""
    with context.db.read() as session:
        words = vocabulary(session)
    return read_rule_file(read_text(path), str(path), words)


def rule_of_campaign(context: Context, key: str) -> Rule:
    """The audience of a campaign's version in force."""
    with context.db.read() as session:
        return _campaign(session, key)[1].audience


def vocabulary(session: Session) -> Vocabulary:
    """The bank's own words: those its tiers name and those in use. A field without any takes every word."""
    words = words_in_use(session)
    sheet = find_sheet(session, TIERS)
    named = sheet.document if sheet is not None else {}
    for axis in AXES:
        words[axis] |= {str(step["name"]) for step in named.get(axis, ())}
    return Vocabulary(words={field: known for field, known in words.items() if known})


def _in_sight(context: Context, actor: Actor, rule: Rule) -> Members:
    met = compile_rule(rule, context.clock.now(), context.bank.zone, counting=True)
    return met & customer_scope(actor)


def _campaign(session: Session, key: str) -> tuple[LiveCampaign, Campaign]:
    found = next((one for one in list_campaigns(session) if one.key == key), None)
    if found is None:
        raise InputError(f"there is no campaign {key}; `wenhou campaigns list` names them")
    return found, campaign_from_document(found.document, found.key)
