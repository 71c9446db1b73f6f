"""Campaigns as people look at them: the list, one of them whole, its versions and what differs between two."""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from store.campaigns import NOT_YET_LIVE, LiveCampaign, list_campaigns, list_versions, newest_states
from store.database import Session
from store.models.campaigns import Campaign as CampaignRow
from store.models.campaigns import CampaignVersion
from store.overview import user_names
from wenhou.core.actors import Actor, Role
from wenhou.core.campaigns import Campaign
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services import campaign_sentences as say
from wenhou.services.campaign_files import campaign_from_document
from wenhou.services.campaign_life import may_approve, needs_compliance
from wenhou.services.campaign_specs import specs_of
from wenhou.services.campaign_writing import write_campaign
from wenhou.services.campaigns import get_campaign
from wenhou.services.context import Context

_READERS = (Role.OPERATIONS, Role.COMPLIANCE, Role.SUPERVISOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A campaign in the list. `waiting`: number and state of a version that is not in force yet."""

    key: str
    name: str
    name_en: str
    purpose: str
    state: str
    version: int
    waiting: tuple[int, str] | None
    trigger: say.Said
    paused_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version in a campaign's history."""

    number: int
    state: str
    is_current: bool
    created_by: str
    created_at: datetime
    checked_at: datetime | None
    approved_by: str
    approved_at: datetime | None
    live_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One campaign. `spec` None: this release cannot read the version in force. `text`: of the newest version.

    `may_approve`: this person's roles allow it and somebody else wrote it.
    """

    line: Line
    spec: Campaign | None
    audience: say.Said
    steps: tuple[say.Said, ...]
    late: say.Said
    approval: say.Said
    versions: tuple[VersionLine, ...]
    text: str
    may_write: bool
    may_approve: bool
    needs_two: bool
    needs_compliance: bool


def may_read(actor: Actor) -> bool:
    """Whether this person sees how campaigns are configured."""
    return actor.kind == "system" or actor.has(*_READERS)


def list_lines(context: Context, actor: Actor) -> list[Line]:
    """Every campaign by its key."""
    _check(actor)
    with context.db.read() as session:
        rows = list_campaigns(session)
        specs = specs_of(session, [row.version_id for row in rows])
        newest = newest_states(session)
        return [_line(row, specs.get(row.version_id), newest.get(row.id)) for row in rows]


def show_campaign(context: Context, actor: Actor, key: str) -> Whole:
    """One campaign whole; raises InputError."""
    _check(actor)
    with context.db.read() as session:
        row = get_campaign(session, key)
        live = next(one for one in list_campaigns(session) if one.id == row.id)
        spec = specs_of(session, [live.version_id]).get(live.version_id)
        versions = list_versions(session, row.id)
        newest = versions[0]
        lines = _version_lines(session, row, versions)
        line = _line(live, spec, (newest.number, newest.state), row.paused_reason)
    proposed = _spec_of(newest, key) or spec
    return Whole(
        line=line,
        spec=spec,
        audience=say.audience_sentence(spec) if spec else ("", ""),
        steps=tuple(say.step_sentence(step) for step in spec.steps) if spec else (),
        late=say.late_sentence(spec) if spec else ("", ""),
        approval=say.APPROVALS[spec.approval] if spec else ("", ""),
        versions=lines,
        text=newest.source or (write_campaign(proposed) if proposed else ""),
        may_write=actor.has(Role.OPERATIONS),
        may_approve=proposed is not None
        and may_approve(actor, proposed)
        and (newest.created_by is None or newest.created_by != actor.user_id),
        needs_two=context.campaigns_need_two,
        needs_compliance=proposed is not None and needs_compliance(proposed),
    )


def list_history(context: Context, actor: Actor, key: str) -> list[dict[str, object]]:
    """Every version as plain data, the newest first; raises InputError."""
    return [asdict(one) for one in show_campaign(context, actor, key).versions]


def diff_versions(context: Context, actor: Actor, key: str, before: int, after: int) -> str:
    """What differs in meaning between two versions, as a unified diff of their canonical YAML; empty for nothing."""
    _check(actor)
    with context.db.read() as session:
        row = get_campaign(session, key)
        found = {version.number: version for version in list_versions(session, row.id)}
        texts = [_canonical(found, number, key) for number in (before, after)]
    lines = difflib.unified_diff(
        texts[0].splitlines(keepends=True),
        texts[1].splitlines(keepends=True),
        f"{key} {before}",
        f"{key} {after}",
    )
    return "".join(lines)


def _canonical(found: dict[int, CampaignVersion], number: int, key: str) -> str:
    version = found.get(number)
    if version is None:
        known = ", ".join(str(one) for one in sorted(found))
        raise InputError(f"campaign {key} has no version {number}; it has {known}")
    spec = _spec_of(version, key)
    return write_campaign(spec) if spec else version.source


def _spec_of(version: CampaignVersion, key: str) -> Campaign | None:
    """A draft may hold faults: then there is no value of it."""
    try:
        return campaign_from_document(version.document, key)
    except InputError:
        return None


def _line(
    row: LiveCampaign,
    spec: Campaign | None,
    newest: tuple[int, str] | None,
    paused_reason: str | None = None,
) -> Line:
    waiting = newest if newest and newest[0] != row.number and newest[1] in NOT_YET_LIVE else None
    return Line(
        key=row.key,
        name=row.name,
        name_en=spec.name_en if spec else row.name,
        purpose=row.purpose,
        state=row.state,
        version=row.number,
        waiting=waiting,
        trigger=say.trigger_sentence(spec.trigger) if spec else ("", ""),
        paused_reason=paused_reason,
    )


def _version_lines(
    session: Session, row: CampaignRow, versions: Sequence[CampaignVersion]
) -> tuple[VersionLine, ...]:
    people = {one for version in versions for one in (version.created_by, version.approved_by) if one}
    names: dict[uuid.UUID, str] = user_names(session, people)
    return tuple(
        VersionLine(
            number=version.number,
            state=version.state,
            is_current=version.id == row.current_version_id,
            created_by=names.get(version.created_by, "") if version.created_by else "",
            created_at=version.created_at,
            checked_at=version.checked_at,
            approved_by=names.get(version.approved_by, "") if version.approved_by else "",
            approved_at=version.approved_at,
            live_at=version.live_at,
            ended_at=version.ended_at,
        )
        for version in versions
    )


def _check(actor: Actor) -> None:
    if not may_read(actor):
        raise AccessDenied("only operations, compliance, supervisors and administrators read campaigns")
