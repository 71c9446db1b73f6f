"""Acts on campaigns: apply a file, pause, resume, export; and what the planner reads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from store.audit import record
from store.campaigns import LiveCampaign, add_version, find_campaign, list_campaigns
from store.database import Session
from store.models.campaigns import Campaign as CampaignRow
from wenhou.core.actors import Actor, Role
from wenhou.core.campaigns import Campaign
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.ids import new_id
from wenhou.services.campaign_files import CampaignDocument, campaign_from_document, read_campaigns
from wenhou.services.context import Context
from wenhou.services.text_files import read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applying a file did to one campaign: `created`, `changed` or `unchanged`."""

    key: str
    version: int
    outcome: str


def read_file(path: Path) -> list[CampaignDocument]:
    """A campaign file from disk; InputError says what is wrong and where."""
    return read_campaigns(read_text(path), str(path))


def bundled_campaigns() -> list[CampaignDocument]:
    """The campaigns that ship with Wenhou."""
    folder = files("wenhou") / "content" / "campaigns"
    found: list[CampaignDocument] = []
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".yaml"):
            found += read_campaigns(entry.read_text(encoding="utf-8"), entry.name)
    return found


def apply_campaigns(context: Context, actor: Actor, documents: list[CampaignDocument]) -> list[Applied]:
    """Make each campaign live in this version; the same text again changes nothing. All or none."""
    _may_configure(actor)
    with context.db.write() as session:
        return [_apply(session, context, actor, document) for document in documents]


def pause_campaign(context: Context, actor: Actor, key: str, reason: str) -> None:
    """Nothing of this campaign leaves until it is resumed; messages stay as they are."""
    _may_configure(actor)
    if not reason.strip():
        raise InputError("say why the campaign is paused: --reason")
    with context.db.write() as session:
        campaign = _get(session, key)
        if campaign.state != "live":
            raise Refused(f"campaign {key} is {campaign.state}, only a live one can be paused")
        campaign.state, campaign.paused_reason = "paused", reason.strip()
        campaign.updated_at = context.clock.now()
        record(session, context.clock.now(), actor, "campaign.pause", "campaign", campaign.id, {"key": key})


def resume_campaign(context: Context, actor: Actor, key: str) -> None:
    """Let a paused campaign go on."""
    _may_configure(actor)
    with context.db.write() as session:
        campaign = _get(session, key)
        if campaign.state != "paused":
            raise Refused(f"campaign {key} is {campaign.state}, only a paused one can be resumed")
        campaign.state, campaign.paused_reason = "live", None
        campaign.updated_at = context.clock.now()
        record(session, context.clock.now(), actor, "campaign.resume", "campaign", campaign.id, {"key": key})


def export_campaign(context: Context, key: str) -> str:
    """The YAML text of the version in force, as it was applied."""
    with context.db.read() as session:
        found = next((one for one in list_campaigns(session) if one.key == key), None)
    if found is None:
        raise InputError(f"there is no campaign {key}; `wenhou campaigns list` names them")
    return found.source


def english_names(context: Context) -> dict[str, str]:
    """The English name of each campaign by its Chinese one, from the document in force."""
    with context.db.read() as session:
        documents = [(one.name, one.document.get("name")) for one in list_campaigns(session)]
    return {zh: str(names["en"]) for zh, names in documents if isinstance(names, dict) and names.get("en")}


def live_campaigns(session: Session) -> list[tuple[LiveCampaign, Campaign]]:
    """Campaigns to plan, the more important ones first. Paused ones are planned too: only sending waits."""
    found = [
        (row, campaign_from_document(row.document, row.key))
        for row in list_campaigns(session, states=("live", "paused"))
    ]
    return sorted(found, key=lambda pair: (pair[1].importance, pair[0].key))


def _apply(session: Session, context: Context, actor: Actor, document: CampaignDocument) -> Applied:
    now = context.clock.now()
    campaign = find_campaign(session, document.campaign.key)
    created = campaign is None
    if campaign is None:
        campaign = CampaignRow(
            id=new_id(),
            key=document.campaign.key,
            name=document.campaign.name_zh,
            purpose=document.campaign.purpose,
            state="live",
            created_at=now,
            updated_at=now,
        )
        session.add(campaign)
        session.flush()
    version = add_version(
        session,
        campaign,
        document=document.document,
        source=document.source,
        digest=hashlib.sha256(repr(document.campaign).encode()).digest(),
        by=actor.user_id,
        at=now,
    )
    if version is None:
        return Applied(key=campaign.key, version=0, outcome="unchanged")
    campaign.name, campaign.purpose = document.campaign.name_zh, document.campaign.purpose
    details = {"key": campaign.key, "version": version.number}
    record(session, now, actor, "campaign.apply", "campaign", campaign.id, details)
    return Applied(key=campaign.key, version=version.number, outcome="created" if created else "changed")


def _get(session: Session, key: str) -> CampaignRow:
    campaign = find_campaign(session, key)
    if campaign is None:
        raise InputError(f"there is no campaign {key}; `wenhou campaigns list` names them")
    return campaign


def _may_configure(actor: Actor) -> None:
    if actor.kind != "system" and not actor.has(Role.OPERATIONS):
        raise AccessDenied("only operations configures campaigns")
