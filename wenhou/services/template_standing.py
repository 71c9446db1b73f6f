"""What the acts on a template share: the version that is meant, who may decide on it, what it must fit into, the record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from store.audit import record
from store.database import Session
from store.models.campaigns import TemplateVersion as Row
from store.template_versions import (
    BANK,
    NewEdition,
    StoredWords,
    add_edition,
    list_editions,
    list_template_versions,
)
from templates.engine import LOCALES
from templates.library import Library
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services.campaigns import live_campaigns
from wenhou.services.context import Context
from wenhou.services.template_checks import (
    Checked,
    TemplateText,
    check_campaigns,
    check_gone,
    check_purposes,
)
from wenhou.services.words_in_force import in_force_at, library_in_force, read_stored, shipped

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRef:
    """Which version is meant; `number` None: the newest one that the act can be done to."""

    key: str
    locale: str = "zh-CN"
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From which local day on a version is in force, and until before which; None: from now on, until superseded."""

    first_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What an act left: the version and its state; of a text that was kept, `outcome` created, changed or unchanged.

    `in_force`: the number in force now for its key and locale; None: there are no words.
    """

    key: str
    locale: str
    version: int
    state: str
    outcome: str = "done"
    in_force: int | None = None
    effective_from: datetime | None = None
    effective_until: datetime | None = None
    remarks: tuple[str, ...] = ()


def may_write(actor: Actor) -> bool:
    """Whether this person writes templates."""
    return actor.kind == "system" or actor.has(Role.OPERATIONS, Role.COMPLIANCE)


def may_decide(actor: Actor, row: Row) -> bool:
    """Whether this person may decide on a version: compliance, and neither wrote nor submitted it."""
    return actor.has(Role.COMPLIANCE) and not _is_own(actor, row)


def check_may_write(actor: Actor) -> None:
    """AccessDenied unless this person writes templates."""
    if not may_write(actor):
        raise AccessDenied("只有运营或合规能写模板 (only operations or compliance writes templates)")


def check_compliance(actor: Actor) -> None:
    """AccessDenied for who is not compliance."""
    if not actor.has(Role.COMPLIANCE):
        raise AccessDenied("只有合规能决定模板的去留 (only compliance decides on templates)")


def check_may_decide(actor: Actor, row: Row) -> None:
    """AccessDenied for who is not compliance, Refused for who wrote or submitted it."""
    check_compliance(actor)
    if _is_own(actor, row):
        raise Refused(
            "写的人和送审的人不能自己批准，请另一位合规同事决定 "
            "(nobody decides on what they wrote or submitted; ask a second person)",
            code="own_words",
        )


def _is_own(actor: Actor, row: Row) -> bool:
    if actor.user_id is None:
        return False
    return actor.user_id in (row.created_by, row.submitted_by) or actor.user_id.hex in (row.authors or [])


def get_version(session: Session, ref: VersionRef, *states: str) -> Row:
    """The version that is meant, in one of the states; InputError where there is none, Refused where it is past that."""
    check_locale(ref.locale)
    rows = list_template_versions(session, ref.key, ref.locale)
    if ref.number is None:
        own = [row for row in rows if row.origin == BANK]
        found = next((row for row in own if row.state in states), own[0] if own else None)
    else:
        found = next((row for row in rows if row.number == ref.number), None)
    if found is None:
        which = f"version {ref.number}" if ref.number is not None else "version of the bank's own"
        raise InputError(
            f"template {ref.key} ({ref.locale}) has no {which} in the store; `wenhou templates versions {ref.key}` "
            "lists them"
        )
    if found.state not in states:
        raise Refused(
            f"{ref.key} 第 {found.number} 版是 {found.state} (version {found.number} of {ref.key} is {found.state}; "
            f"this needs one that is {' or '.join(states)})",
            code="state",
        )
    return found


def check_locale(locale: str) -> None:
    """InputError unless it is a locale of templates."""
    if locale not in LOCALES:
        raise InputError(f"{locale!r} is no locale; there are {', '.join(LOCALES)}", column="--locale")


def check_together(found: Sequence[Checked]) -> None:
    """Texts given at once: one of a kind, and one purpose in all locales of a key."""
    if not found:
        raise InputError("name a template file")
    seen: dict[tuple[str, str], Checked] = {}
    for one in found:
        pair = (one.version.key, one.version.locale)
        if pair in seen:
            raise InputError(
                f"two texts for {pair[0]} ({pair[1]}); the other is {seen[pair].file}", file=one.file, line=1
            )
        seen[pair] = one
    for one in found:
        alike = {pair[1]: other for pair, other in seen.items() if pair[0] == one.version.key}
        check_purposes(one, {locale: other.version.purpose for locale, other in alike.items()})


def check_in_store(
    session: Session, context: Context, found: Sequence[Checked], *, is_file: bool = True
) -> None:
    """Against the other versions of each template and against live campaigns; InputError."""
    library = library_in_force(session, context.clock.now())
    live = [spec for _, spec in live_campaigns(session)]
    for one in found:
        check_purposes(one, _purposes(session, library, one.version.key))
        check_campaigns(one.version, live, one.file if is_file else None)


def _purposes(session: Session, library: Library, key: str) -> dict[str, str]:
    """Purpose of everything that ships, is in force, or waits to be: which → purpose."""
    found = {
        f"{locale} {version.version}": version.purpose
        for source in (shipped(), library)
        for (known, locale), version in source.versions.items()
        if known == key
    }
    for row in list_template_versions(session, key):
        if row.origin == BANK and row.state in ("submitted", "approved"):
            found[f"{row.locale} {row.number}"] = read_stored(as_words(row)).purpose
    return found


def instants(context: Context, span: Span) -> tuple[datetime, datetime | None]:
    """The span as instants: from midnight to midnight in the bank's zone, from now on where no day is given."""
    now, zone = context.clock.now(), context.bank.zone
    if span.first_on and span.first_on < now.astimezone(zone).date():
        raise InputError("生效日不能早于今天 (the first day lies in the past)", column="--from")
    starts = max(datetime.combine(span.first_on, time(), tzinfo=zone), now) if span.first_on else now
    ends = datetime.combine(span.until_on, time(), tzinfo=zone) if span.until_on else None
    if ends is not None and ends <= starts:
        raise InputError("失效日须在生效日之后 (the end must lie after the first day)", column="--until")
    return starts, ends


def put_in_force(
    session: Session,
    actor: Actor,
    row: Row,
    decision: str,
    span: tuple[datetime, datetime | None],
    *,
    reason: str,
    at: datetime,
) -> None:
    """Write the decision. Where it has an end, there must be words after it too, for campaigns that need them."""
    starts, ends = span
    add_edition(
        session,
        NewEdition(
            key=row.template_key,
            locale=row.locale,
            decision=decision,
            version_id=row.id,
            effective_from=starts,
            effective_until=ends,
            reason=said(reason) or None,
            decided_by=actor.user_id,
            decided_at=at,
        ),
    )
    if ends is not None:
        check_left(session, row, ends)


def take_out(session: Session, actor: Actor, row: Row, *, reason: str, at: datetime) -> None:
    """`retired` where it was in force: what ships counts from now on. `withdrawn` where it was not."""
    was = in_force(session, row.template_key, row.locale, at) == row.id
    add_edition(
        session,
        NewEdition(
            key=row.template_key,
            locale=row.locale,
            decision="retired" if was else "withdrawn",
            withdrawn_id=row.id,
            effective_from=at,
            reason=said(reason),
            decided_by=actor.user_id,
            decided_at=at,
        ),
    )
    check_left(session, row, at)


def check_left(session: Session, row: Row, at: datetime) -> None:
    """InputError, naming the campaign, where live ones would not find their words at an instant."""
    library = library_in_force(session, at)
    live = [spec for _, spec in live_campaigns(session)]
    check_gone(row.template_key, library, live)
    left = library.versions.get((row.template_key, row.locale))
    if left is not None:
        check_campaigns(left, live)


def in_force(session: Session, key: str, locale: str, at: datetime) -> uuid.UUID | None:
    """The version of the store in force; None: what ships."""
    return in_force_at(list_editions(session, key), at).get((key, locale))


def number_in_force(session: Session, key: str, locale: str, at: datetime) -> int | None:
    """The number of the version in force; None where there are no words."""
    current = in_force(session, key, locale, at)
    if current is not None:
        return next(one.number for one in list_template_versions(session, key, locale) if one.id == current)
    bundled = shipped().versions.get((key, locale))
    return bundled.version if bundled else None


def note_act(
    session: Session,
    actor: Actor,
    row: Row,
    act: str,
    at: datetime,
    *,
    span: tuple[datetime | None, datetime | None] = (None, None),
) -> Acted:
    """Audit an act and say what it left."""
    details = {
        "key": row.template_key,
        "locale": row.locale,
        "version": row.number,
        "digest": row.digest.hex(),
    }
    details |= {
        name: one.isoformat() for name, one in zip(("from", "until"), span, strict=True) if one is not None
    }
    record(session, at, actor, f"template.{act}", "template", row.id, details)
    return Acted(
        key=row.template_key,
        locale=row.locale,
        version=row.number,
        state=row.state,
        in_force=number_in_force(session, row.template_key, row.locale, at),
        effective_from=span[0],
        effective_until=span[1],
    )


def as_text(row: Row) -> TemplateText:
    """A version's document as it would be given again."""
    file = f"{row.template_key} {row.locale} {row.number}"
    return TemplateText(text=str(row.document["source"]), locale=row.locale, file=file)


def as_words(row: Row) -> StoredWords:
    """A version's document, to be read."""
    return StoredWords(
        id=row.id,
        key=row.template_key,
        locale=row.locale,
        number=row.number,
        source=str(row.document["source"]),
        digest=row.digest,
    )


def said(reason: str) -> str:
    """A reason on one line; InputError when it is too long."""
    short = " ".join(reason.split())
    if len(short) > _LONGEST_REASON:
        raise InputError(f"at most {_LONGEST_REASON} characters of reason", column="--reason")
    return short
