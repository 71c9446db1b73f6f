"""Templates as people look at them: the list, one whole, its versions, who read which words. Changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from store.database import Session
from store.models.campaigns import TemplateVersion as Row
from store.template_readers import Reader, ReadersWanted, list_readers
from store.template_versions import BUNDLED, list_editions, list_template_versions
from templates.library import TemplateVersion
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, TemplateError
from wenhou.services.campaigns import live_campaigns
from wenhou.services.context import Context
from wenhou.services.template_history import DecisionLine, VersionLine, decision_lines, version_lines
from wenhou.services.template_standing import as_words, check_locale, may_decide, may_write, said
from wenhou.services.words_in_force import in_force_at, library_in_force, read_stored, shipped

_READERS = (Role.OPERATIONS, Role.COMPLIANCE, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.ADVISOR)
_SEE_CUSTOMERS = (Role.OPERATIONS, Role.COMPLIANCE, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateLine:
    """A template in the list. `number`: in force now; None: it has no words.

    `waiting`: (number, state) of the bank's newest version that is a draft, submitted, or approved for a day to come.
    """

    key: str
    locale: str
    name: str
    purpose: str
    channels: tuple[str, ...]
    number: int | None
    origin: str
    variants: int
    wordings: int
    waiting: tuple[int, str] | None
    campaigns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTemplate:
    """One version whole. `version` None: this release cannot read it, `unreadable` says why.

    `seen`: the draft's digest to hand to `save_drafts`, "" where there is no draft. `may_decide`: this person may
    approve or reject this very version.
    """

    key: str
    locale: str
    number: int
    origin: str
    state: str
    is_in_force: bool
    source: str
    version: TemplateVersion | None
    unreadable: str
    versions: tuple[VersionLine, ...]
    decisions: tuple[DecisionLine, ...]
    campaigns: tuple[str, ...]
    seen: str
    may_write: bool
    may_decide: bool


def may_read(actor: Actor) -> bool:
    """Whether this person looks at templates."""
    return actor.kind == "system" or actor.has(*_READERS)


def list_templates(context: Context, actor: Actor) -> list[TemplateLine]:
    """Every template and locale that ships or that the bank wrote, by key, Chinese first."""
    _check(actor)
    now = context.clock.now()
    with context.db.read() as session:
        library = library_in_force(session, now)
        own = in_force_at(list_editions(session), now)
        rows = list_template_versions(session)
        used = _campaigns_by_template(session)
    mine: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.origin != BUNDLED:
            mine.setdefault((row.template_key, row.locale), []).append(row)
    pairs = {*shipped().versions, *mine}
    return [
        _line(pair, library.versions.get(pair), mine.get(pair, []), own.get(pair), used.get(pair[0], ()))
        for pair in sorted(pairs, key=lambda pair: (pair[0], pair[1] != "zh-CN", pair[1]))
    ]


def show_template(
    context: Context, actor: Actor, key: str, *, locale: str = "zh-CN", number: int | None = None
) -> WholeTemplate:
    """One version whole, the one in force unless a number is given; InputError where there is none."""
    _check(actor)
    check_locale(locale)
    now = context.clock.now()
    with context.db.read() as session:
        editions = list_editions(session, key)
        rows = [row for row in list_template_versions(session, key) if row.locale == locale]
        current = in_force_at(editions, now).get((key, locale))
        in_force = _number_in_force(key, locale, rows, current)
        wanted = number if number is not None else in_force if in_force is not None else _newest(rows)
        source = get_source(session, key, locale, wanted)
        lines = version_lines(session, key, locale, rows, current)
        decisions = decision_lines(session, [one for one in editions if one.locale == locale])
        campaigns = _campaigns_by_template(session).get(key, ())
    row = next((one for one in rows if one.number == wanted), None)
    version, why = _read(row, key, locale)
    draft = next((one for one in rows if one.state == "draft"), None)
    return WholeTemplate(
        key=key,
        locale=locale,
        number=wanted if wanted is not None else 0,
        origin=row.origin if row else BUNDLED,
        state=row.state if row else "approved",
        is_in_force=wanted == in_force,
        source=source,
        version=version,
        unreadable=why,
        versions=lines,
        decisions=decisions,
        campaigns=campaigns,
        seen=draft.digest.hex() if draft else "",
        may_write=may_write(actor),
        may_decide=row is not None and row.state == "submitted" and may_decide(actor, row),
    )


def list_versions(
    context: Context, actor: Actor, key: str, *, locale: str | None = None
) -> list[VersionLine]:
    """Every version of a template, the newest first: what ships (used or not) and the bank's own; InputError."""
    _check(actor)
    now = context.clock.now()
    with context.db.read() as session:
        own = in_force_at(list_editions(session, key), now)
        rows = list_template_versions(session, key)
        locales = sorted(
            {row.locale for row in rows} | {known for one, known in shipped().versions if one == key},
            reverse=True,
        )
        found = [
            line
            for one in locales
            if locale in (None, one)
            for line in version_lines(
                session, key, one, [row for row in rows if row.locale == one], own.get((key, one))
            )
        ]
    if not found:
        raise InputError(f"there is no template {key}; `wenhou templates list` names them")
    return found


def list_decisions(context: Context, actor: Actor, key: str) -> list[DecisionLine]:
    """What came into force when, by whom: the history of approvals, roll-backs and retirements, the newest first."""
    _check(actor)
    with context.db.read() as session:
        return list(decision_lines(session, list_editions(session, key)))


def readers(context: Context, actor: Actor, wanted: ReadersWanted) -> list[Reader]:
    """Which customers got which wording; only those this person sees. InputError for a template nobody knows."""
    if actor.kind != "system" and not actor.has(*_SEE_CUSTOMERS):
        raise AccessDenied("only operations, compliance and supervisors ask who read what")
    with context.db.read() as session:
        rows = list_template_versions(session, wanted.key)
        if not rows and not any(key == wanted.key for key, _ in shipped().versions):
            raise InputError(f"there is no template {wanted.key}; `wenhou templates list` names them")
        return list(list_readers(session, actor, wanted))


def export(
    context: Context, actor: Actor, key: str, *, locale: str = "zh-CN", number: int | None = None
) -> str:
    """A version's document as it was written; the one in force unless a number is given. InputError."""
    return show_template(context, actor, key, locale=locale, number=number).source


def get_source(session: Session, key: str, locale: str, number: int | None) -> str:
    """The document of a version that the store keeps or that ships; InputError where there is none."""
    row = next((one for one in list_template_versions(session, key, locale) if one.number == number), None)
    if row is not None:
        return str(row.document["source"])
    bundled = shipped().versions.get((key, locale))
    if bundled is not None and bundled.version == number:
        return bundled.source
    if number is None:
        raise InputError(f"there is no template {key} ({locale}); `wenhou templates list` names them")
    raise InputError(
        f"template {key} ({locale}) has no version {number}; `wenhou templates versions {key}` lists them"
    )


def _check(actor: Actor) -> None:
    if not may_read(actor):
        raise AccessDenied("only staff of the bank look at templates")


def _line(
    pair: tuple[str, str],
    version: TemplateVersion | None,
    mine: Sequence[Row],
    current: uuid.UUID | None,
    campaigns: tuple[str, ...],
) -> TemplateLine:
    newest = next((row for row in mine if row.state in ("draft", "submitted")), None)
    coming = next((row for row in mine if row.state == "approved" and row.id != current), None)
    if newest is None and coming is not None and coming.number > (version.version if version else 0):
        newest = coming
    shown = version or (_read(mine[0], *pair)[0] if mine else None)
    return TemplateLine(
        key=pair[0],
        locale=pair[1],
        name=shown.name if shown else "",
        purpose=shown.purpose if shown else "",
        channels=shown.channels if shown else (),
        number=version.version if version else None,
        origin=BUNDLED if current is None else "bank",
        variants=len(version.variants) if version else 0,
        wordings=sum(one.count for one in version.variants) if version else 0,
        waiting=(newest.number, newest.state) if newest else None,
        campaigns=campaigns,
    )


def _read(row: Row | None, key: str, locale: str) -> tuple[TemplateVersion | None, str]:
    """The version as a value, or why it cannot be read today."""
    if row is None:
        return shipped().versions.get((key, locale)), ""
    try:
        return read_stored(as_words(row)), ""
    except TemplateError as error:
        return None, said(str(error)[:400])


def _number_in_force(key: str, locale: str, rows: Sequence[Row], current: uuid.UUID | None) -> int | None:
    if current is not None:
        return next(row.number for row in rows if row.id == current)
    bundled = shipped().versions.get((key, locale))
    return bundled.version if bundled else None


def _newest(rows: Sequence[Row]) -> int | None:
    return rows[0].number if rows else None


def _campaigns_by_template(session: Session) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for row, spec in live_campaigns(session):
        for step in spec.message_steps:
            for key in (step.template, step.alternative.template if step.alternative else step.template):
                found.setdefault(key, set()).add(row.key)
    return {key: tuple(sorted(campaigns)) for key, campaigns in found.items()}
