"""Acts on campaign files: read, apply, export; and what the planner reads. Its life after that: `campaign_life`."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from store.audit import record
from store.campaigns import (
    NOT_YET_LIVE,
    LiveCampaign,
    add_campaign,
    add_version,
    find_campaign,
    list_campaigns,
    newest_version,
    put_into_force,
)
from store.database import Session
from store.frozen_audiences import freeze_audience
from store.models.campaigns import Campaign as CampaignRow
from store.models.campaigns import CampaignVersion
from store.orgs import find_org
from wenhou.core.actors import Actor, Role
from wenhou.core.campaigns import Campaign, OnceTrigger
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services import opinions
from wenhou.services.campaign_checks import NOTHING_KNOWN, Surroundings
from wenhou.services.campaign_files import CampaignDocument, campaign_from_document, read_all
from wenhou.services.campaign_specs import specs_of
from wenhou.services.campaign_surroundings import refuse_misfits, surroundings_of
from wenhou.services.campaign_writing import digest_of, write_campaign
from wenhou.services.context import Context
from wenhou.services.text_files import read_text
from wenhou.services.yaml_reading import load_documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applying a file did to one campaign.

    `outcome`: `created`, `changed` or `unchanged`. `state` of this version now: `live`, or `checked` where a second
    person has yet to approve it, or `retired` where the campaign has ended.
    """

    key: str
    version: int
    outcome: str
    state: str


def read_file(path: Path) -> list[CampaignDocument]:
    """A campaign file from disk; InputError says what is wrong and where."""
    return read_files([path])


def read_files(
    paths: Iterable[Path], *, surroundings: Surroundings = NOTHING_KNOWN, bundled: bool = False
) -> list[CampaignDocument]:
    """Campaigns of several files that stand together, with `bundled` those that ship with Wenhou too."""
    texts = [(read_text(path), str(path)) for path in paths]
    return read_all([*(_bundled_texts() if bundled else ()), *texts], surroundings=surroundings)


def bundled_campaigns() -> list[CampaignDocument]:
    """The campaigns that ship with Wenhou."""
    return list(_bundled())


@functools.lru_cache(maxsize=1)
def _bundled() -> tuple[CampaignDocument, ...]:
    return tuple(read_all(_bundled_texts()))


def _bundled_texts() -> list[tuple[str, str]]:
    folder = files("wenhou") / "content" / "campaigns"
    entries = sorted(folder.iterdir(), key=lambda one: one.name)
    return [
        (entry.read_text(encoding="utf-8"), entry.name) for entry in entries if entry.name.endswith(".yaml")
    ]


def apply_campaigns(context: Context, actor: Actor, documents: Sequence[CampaignDocument]) -> list[Applied]:
    """Keep each campaign as a new checked version; the same again changes nothing. All or none.

    It goes live at once, unless a second person has to approve it (`Context.campaigns_need_two`). Raises AccessDenied,
    and InputError where it does not fit into what the store knows: then every live campaign stays as it was.
    """
    check_may_write(actor)
    with context.db.write() as session:
        refuse_misfits(documents, surroundings_of(context, session))
        applied = [_apply(session, context, actor, document) for document in documents]
    context.submit("planning")
    return applied


def export_campaign(context: Context, key: str, *, canonical: bool = False) -> str:
    """The YAML of the version in force: the author's own text where it still says the same, else written anew.

    `canonical`: always written anew, every step and field in one order. Raises InputError.
    """
    with context.db.read() as session:
        found = next((one for one in list_campaigns(session) if one.key == key), None)
    if found is None:
        raise InputError(f"there is no campaign {key}; `wenhou campaigns list` names them")
    campaign = campaign_from_document(found.document, key)
    if not canonical and _says_the_same(found.source, campaign):
        return found.source
    return write_campaign(campaign)


def english_names(context: Context) -> dict[str, str]:
    """The English name of each campaign by its Chinese one, from the document in force."""
    with context.db.read() as session:
        documents = [(one.name, one.document.get("name")) for one in list_campaigns(session)]
    return {zh: str(names["en"]) for zh, names in documents if isinstance(names, dict) and names.get("en")}


def live_campaigns(session: Session) -> list[tuple[LiveCampaign, Campaign]]:
    """Campaigns to plan, the more important ones first. Paused ones are planned too: only sending waits.

    Each version is read once a process; one that today's release cannot read plans nothing (`campaigns show` says so).
    """
    rows = list_campaigns(session, states=("live", "paused"))
    specs = specs_of(session, [row.version_id for row in rows])
    found = [(row, specs[row.version_id]) for row in rows if row.version_id in specs]
    return sorted(found, key=lambda pair: (pair[1].importance, pair[0].key))


def get_campaign(session: Session, key: str) -> CampaignRow:
    """The campaign of that key; raises InputError."""
    campaign = find_campaign(session, key)
    if campaign is None:
        raise InputError(f"there is no campaign {key}; `wenhou campaigns list` names them")
    return campaign


def check_may_write(actor: Actor) -> None:
    """Raise AccessDenied unless this person configures campaigns."""
    if actor.kind != "system" and not actor.has(Role.OPERATIONS):
        raise AccessDenied("only operations configures campaigns")


def keep_version(
    session: Session, context: Context, actor: Actor, document: CampaignDocument, *, state: str
) -> tuple[CampaignRow, CampaignVersion, str]:
    """Keep a checked document as the newest version of its campaign; with `created`, `changed` or `unchanged`."""
    now = context.clock.now()
    spec = document.campaign
    row = find_campaign(session, spec.key)
    outcome = "created" if row is None else "changed"
    if row is None:
        row = add_campaign(session, key=spec.key, name=spec.name_zh, purpose=spec.purpose, at=now)
    newest = newest_version(session, row.id)
    digest = digest_of(spec)
    if newest is not None and newest.digest == digest and newest.state != "draft":
        return row, newest, "unchanged"
    version = add_version(
        session,
        row,
        document=document.document,
        source=document.source,
        digest=digest,
        state=state,
        by=actor.user_id,
        at=now,
    )
    return row, version, outcome


def make_live(
    session: Session, context: Context, actor: Actor, row: CampaignRow, version: CampaignVersion
) -> None:
    """Put a version into force: name, purpose and part of the bank follow it, and its audience is frozen if once."""
    now = context.clock.now()
    spec = campaign_from_document(version.document, row.key)
    put_into_force(session, row, version, now)
    org = find_org(session, spec.org) if spec.org is not None else None
    row.name, row.purpose, row.org_id = spec.name_zh, spec.purpose, org.id if org else None
    opinions.keep(session, context, actor, row, spec)
    freeze_once(session, context, version, spec)
    record(
        session,
        now,
        actor,
        "campaign.live",
        "campaign",
        row.id,
        {"key": row.key, "version": version.number},
    )


def freeze_once(session: Session, context: Context, version: CampaignVersion, spec: Campaign) -> None:
    """Fix who a one-time campaign speaks to, the first time this is asked for the version."""
    if isinstance(spec.trigger, OnceTrigger):
        freeze_audience(session, version.id, spec.reach, context.clock.now(), context.bank.zone)


def _apply(session: Session, context: Context, actor: Actor, document: CampaignDocument) -> Applied:
    row, version, outcome = keep_version(session, context, actor, document, state="checked")
    if outcome != "unchanged":
        details = {"key": row.key, "version": version.number}
        record(session, context.clock.now(), actor, "campaign.apply", "campaign", row.id, details)
    is_free = version.state == "approved" or not context.campaigns_need_two
    # Without an opinion of consumer protection, where one is needed, it stays checked: `campaigns live` says why.
    waits = opinions.problem(session, context, document.campaign) is not None
    if version.state in NOT_YET_LIVE and is_free and not waits:
        make_live(session, context, actor, row, version)
    return Applied(key=row.key, version=version.number, outcome=outcome, state=version.state)


def _says_the_same(source: str, campaign: Campaign) -> bool:
    if not source:
        return False
    try:
        (document,) = load_documents(source, campaign.key)
        return campaign_from_document(document, campaign.key) == campaign
    except (InputError, ValueError):
        return False
