"""Lines that carry only texts filed with their provider: what they may say when planning, and again at hand-over."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.carriers import Carriers
from scheduler.judging_again import Rejudged
from store.attempts import load_addresses
from store.database import Session
from store.orgs import paths_of
from store.vault import Vault
from templates.library import TemplateVersion
from templates.wordings import Wordings
from wenhou.core.channels import SMS, Content
from wenhou.core.mobile_carriers import carrier_of
from wenhou.core.policy.decide import decide
from wenhou.core.policy.rules import Policy
from wenhou.services.filed_texts import TEMPLATE_NOT_FILED, FiledWording, Filings, load_filings

_POOLS: dict[tuple[object, ...], Wordings] = {}
_MOST_POOLS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a filed line offers one customer: its texts by wording, those wordings to choose from (never empty).

    `spare`: wordings without values, for a customer whose name is longer than the line takes.
    """

    texts: Mapping[str, FiledWording]
    pool: Wordings
    spare: Wordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be written, for whose org: `voice` and `tier` are wishes, as with every choice of words."""

    version: TemplateVersion
    org_path: str
    signature: str
    tone: str = ""
    tier: str = ""
    voice: str = ""


def read_lines(session: Session, carriers: Carriers) -> dict[str, Filings]:
    """Channel → what is filed with its account, of those that carry nothing else; read once a run."""
    return {
        channel: load_filings(
            session,
            sender.provider,
            sender.account,
            allows_variables=sender.capabilities.allows_variables,
            max_variable=sender.capabilities.max_variable,
        )
        for channel, sender in carriers.senders.items()
        if sender.capabilities.carries_filed_only
    }


def look(filings: Filings, asked: Asked) -> Line | str:
    """What the line may say; or the code of why it may say nothing of this template to this org's customers."""
    version = asked.version
    why = filings.why_not(asked.org_path, version.key, version.locale, asked.signature)
    if why:
        return why
    texts = filings.texts(asked.org_path, version.key, version.locale)
    pool = _pool(version, frozenset(texts), asked)
    if not pool:
        return TEMPLATE_NOT_FILED
    spare = version.wordings_for(asked.tone, nameless=True).only(texts)
    return Line(texts=texts, pool=pool, spare=spare)


def _pool(version: TemplateVersion, ids: frozenset[str], asked: Asked) -> Wordings:
    """Filed wordings for the day: those that suit tier and voice, else any; those with a name before nameless ones."""
    key = (version.digest, version.locale, ids, asked.tone, asked.tier, asked.voice)
    known = _POOLS.get(key)
    if known is None:
        if len(_POOLS) >= _MOST_POOLS:
            _POOLS.clear()
        known = _POOLS[key] = _found(version, ids, asked)
    return known


def _found(version: TemplateVersion, ids: frozenset[str], asked: Asked) -> Wordings:
    for tier, voice in ((asked.tier, asked.voice), (asked.tier, ""), ("", "")):
        for nameless in (False, True):
            pool = version.wordings_for(asked.tone, tier=tier, voice=voice, nameless=nameless).only(ids)
            if pool:
                return pool
    return version.wordings_for(asked.tone).only(())


def mind_filings(
    session: Session,
    vault: Vault,
    carriers: Carriers,
    items: Sequence[Rejudged],
    contents: Mapping[uuid.UUID, Content],
    *,
    policy: Policy,
    now: datetime,
) -> list[Rejudged]:
    """At hand-over: a text or signature that is not filed (any longer) does not leave on such a line.

    The next channel may carry it. Signatures are looked at by the carrier of the number.
    """
    lines = read_lines(session, carriers) | _signed_lines(session, carriers)
    minded = [item for item in items if item.message.channel in lines]
    if not minded:
        return list(items)
    paths = paths_of(session, [item.message.org_id for item in minded])
    points = [item.decision.contact_point_id for item in minded if item.message.channel == SMS]
    addresses = load_addresses(session, vault, [point for point in points if point is not None])
    found = []
    for item in items:
        filings, org_id, point = (
            lines.get(item.message.channel),
            item.message.org_id,
            item.decision.contact_point_id,
        )
        carrier = carrier_of(addresses.get(point, "")) if point else ""
        path = paths.get(org_id, "") if org_id else ""
        words = carriers.senders[item.message.channel].capabilities.carries_filed_only
        why = filings and _why_not_now(
            filings, contents[item.message.id], path, carrier=carrier, checks_words=words
        )
        found.append(_without(item, why, policy, now) if why else item)
    return found


def _signed_lines(session: Session, carriers: Carriers) -> dict[str, Filings]:
    """Channel → what is filed with its account, of lines whose words are free but whose signatures are not."""
    return {
        channel: load_filings(session, sender.provider, sender.account)
        for channel, sender in carriers.senders.items()
        if sender.capabilities.checks_signature and not sender.capabilities.carries_filed_only
    }


def _why_not_now(
    filings: Filings, content: Content, org_path: str, *, carrier: str, checks_words: bool
) -> str:
    if not filings.has_signature(org_path, content.sender, carrier):
        return "signature_not_filed"
    if not checks_words:
        return ""
    is_filed = content.provider_template is not None and filings.find(content.provider_template, org_path)
    return "" if is_filed else TEMPLATE_NOT_FILED


def _without(item: Rejudged, why: str, policy: Policy, now: datetime) -> Rejudged:
    routes = tuple(
        replace(route, unfiled=why) if route.channel == item.message.channel else route
        for route in item.facts.routes
    )
    facts = replace(item.facts, routes=routes)
    return Rejudged(message=item.message, facts=facts, decision=decide(facts, policy, now))
