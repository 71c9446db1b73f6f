"""The bank's published rates: entered as announced, approved by a second person, and then the only ones words quote.

Editions are only added. Of those approved the newest that has taken effect counts; when a newer one is approved, what
still waits and would quote an older one on or after its day is withdrawn and planned anew (`rates_changed`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from store import published_rates as rows
from store.audit import record
from store.campaigns import list_campaigns
from store.database import Session
from store.models.offers import RateTable
from store.overview import user_names
from store.transitions import Change, change_status
from templates.library import Library
from wenhou.core.actors import Actor, Role
from wenhou.core.campaigns import Campaign
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.published_rates import PublishedRates, RateLine
from wenhou.core.statuses import Event, Status
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context
from wenhou.services.text_files import read_text
from wenhou.services.words_in_force import library_in_force
from wenhou.services.yaml_reading import YamlReader, load_documents

CHANGED = "rates_changed"
_FIELDS = ("number", "published_on", "effective_on", "source", "url", "rates")
_LINE = ("key", "product", "term", "rate")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_RATE = re.compile(r"\d{1,2}(?:\.\d{1,4})?\Z")
_URL = re.compile(r"https://\S{1,290}\Z")
_MOST = 200
_BATCH = 500
_LENGTHS = {"number": 60, "source": 200, "product": 40, "term": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesDraft:
    """An edition as written in a file."""

    number: str
    published_on: date
    effective_on: date
    source: str
    lines: tuple[RateLine, ...]
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An edition as lists show it. `state`: proposed, coming, in_force or past, as of today."""

    number: str
    state: str
    published_on: date
    effective_on: date
    source: str
    url: str | None
    entered_by: str
    approved_by: str
    lines: tuple[RateLine, ...]


def read_rates(path: Path) -> RatesDraft:
    """An edition's YAML file; InputError names file, line, column and what would be right."""
    file = str(path)
    documents = load_documents(read_text(path), file)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise InputError("one edition a file: start with `number:` and `published_on:`", file=file)
    reader, top = YamlReader(file), documents[0]
    reader.known(top, _FIELDS)
    published_on, effective_on = reader.date(top, "published_on"), reader.date(top, "effective_on")
    url = top.get("url")
    if url is not None and (not isinstance(url, str) or not _URL.match(url)):
        reader.fail(top, "url", f"url is the announcement's https:// address, not {url!r}")
    specs = top.get("rates")
    if not isinstance(specs, list) or not specs or len(specs) > _MOST:
        reader.fail(top, "rates", "rates: give a list of {key, product, term, rate}, at least one")
    lines = tuple(_read_line(reader, specs, index) for index in range(len(specs)))
    keys = [line.key for line in lines]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            reader.fail(specs, index, f"rates[{index}]: two lines are called {key}")
    return RatesDraft(
        number=_text(reader, top, "number"),
        published_on=published_on,
        effective_on=effective_on,
        source=_text(reader, top, "source"),
        url=url,
        lines=lines,
    )


def apply_rates(context: Context, actor: Actor, draft: RatesDraft) -> str:
    """Enter an edition: `created`, `changed` (not yet approved) or `unchanged`. It counts once a second person approved.

    Refused where its number stands for an approved edition with other figures.
    """
    if actor.user_id is None or not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("only operations or compliance enters published rates")
    now, columns = context.clock.now(), _columns(draft)
    with context.db.write() as session:
        row = rows.find_table(session, draft.number)
        if row is not None and all(getattr(row, name) == value for name, value in columns.items()):
            return "unchanged"
        if row is not None and row.state == "approved":
            raise Refused(
                f"{draft.number} 已批准，不能改动；更正请用新文号 (edition {draft.number} is approved and never changes; "
                "a correction has a number of its own)"
            )
        outcome = "created" if row is None else "changed"
        if row is None:
            row = rows.add_table(session, columns, by=actor.user_id, at=now)
        else:
            for name, value in columns.items():
                setattr(row, name, value)
            row.entered_by, row.entered_at = actor.user_id, now
        record(session, now, actor, "rates.enter", "rate_table", row.id, {"number": draft.number})
    return outcome


def approve_rates(context: Context, actor: Actor, number: str) -> int:
    """Agree, as the second person, that these are the figures of the announcement; how many messages are planned anew."""
    if not actor.has(Role.COMPLIANCE):
        raise AccessDenied("only compliance approves published rates")
    now = context.clock.now()
    with context.db.write() as session:
        row = _get(session, number)
        if row.state == "approved":
            raise Refused(f"{number} 已批准过 (edition {number} is approved already)")
        if row.entered_by == actor.user_id:
            raise Refused(
                "录入的人不能批准，请另一位同事核对 (nobody approves what they entered; ask a second person)"
            )
        row.state, row.approved_by, row.approved_at = "approved", actor.user_id, now
        record(session, now, actor, "rates.approve", "rate_table", row.id, {"number": number})
        context.passed("rates.before_commit")
    context.passed("rates.after_commit")
    withdrawn = withdraw_outdated(context)
    context.submit("planning")
    return withdrawn


def list_editions(context: Context) -> list[Edition]:
    """Every edition, the newest in force first."""
    with context.db.read() as session:
        return _editions(session, context, list(rows.list_tables(session)))


def show_edition(context: Context, number: str) -> Edition:
    """One edition with its figures; InputError where there is none of that number."""
    with context.db.read() as session:
        return _editions(session, context, [_get(session, number)])[0]


def rates_in_force(session: Session, day: date) -> PublishedRates | None:
    """The edition that counts on a day; None: none is approved and in force, so no rate may be quoted."""
    row = rows.table_in_force(session, day)
    if row is None:
        return None
    return PublishedRates(
        number=row.number,
        published_on=row.published_on,
        effective_on=row.effective_on,
        source=row.source,
        lines=tuple(RateLine(**line) for line in row.figures),
    )


def withdraw_outdated(context: Context) -> int:
    """Cancel what waits and quotes an older edition than the newest approved one; the planner writes it anew.

    Done at the approval, and again by the clock: a process that dies between the two leaves nothing outdated.
    """
    now, withdrawn = context.clock.now(), 0
    with context.db.read() as session:
        newest = rows.newest_approved(session)
        if newest is None or newest.approved_at is None:
            return 0
        approved_at, effective_on = newest.approved_at, newest.effective_on
        campaigns = _quoting(session, context)
    while campaigns:
        with context.db.write() as session:
            found = rows.waiting_since(session, campaigns, effective_on, approved_at, most=_BATCH)
            changes = [
                Change(message_id=one, was=Status(was), event=Event.CANCEL, actor="system", reason=CHANGED)
                for one, was in found
            ]
            moved = change_status(session, changes, now)
            rows.free_keys(session, list(moved))
        withdrawn += len(moved)
        if not moved:
            break
    return withdrawn


def quotes_rates(library: Library, campaign: Campaign) -> bool:
    """Whether any of the campaign's words are filled from the published rates."""
    keys = {step.template for step in campaign.message_steps}
    keys |= {step.alternative.template for step in campaign.message_steps if step.alternative is not None}
    return any(
        placeholder.source.startswith("rates.")
        for (key, _), version in library.versions.items()
        if key in keys
        for placeholder in version.placeholders.values()
    )


def _quoting(session: Session, context: Context) -> list[Any]:
    live = list_campaigns(session, states=("live", "paused"))
    specs = specs_of(session, [one.version_id for one in live])
    library = library_in_force(session, context.clock.now())
    return [
        one.id for one in live if one.version_id in specs and quotes_rates(library, specs[one.version_id])
    ]


def _editions(session: Session, context: Context, tables: Sequence[RateTable]) -> list[Edition]:
    today = context.clock.now().astimezone(context.bank.zone).date()
    standing = rows.table_in_force(session, today)
    people = [one for row in tables for one in (row.entered_by, row.approved_by)]
    names = user_names(session, people)

    def state(row: RateTable) -> str:
        if row.state != "approved":
            return row.state
        if row.effective_on > today:
            return "coming"
        return "in_force" if standing is not None and standing.id == row.id else "past"

    return [
        Edition(
            number=row.number,
            state=state(row),
            published_on=row.published_on,
            effective_on=row.effective_on,
            source=row.source,
            url=row.source_url,
            entered_by=names.get(row.entered_by, "") if row.entered_by else "",
            approved_by=names.get(row.approved_by, "") if row.approved_by else "",
            lines=tuple(RateLine(**line) for line in row.figures),
        )
        for row in tables
    ]


def _columns(draft: RatesDraft) -> dict[str, Any]:
    return {
        "number": draft.number,
        "published_on": draft.published_on,
        "effective_on": draft.effective_on,
        "source": draft.source,
        "source_url": draft.url,
        "figures": [asdict(line) for line in draft.lines],
    }


def _read_line(reader: YamlReader, specs: Any, index: int) -> RateLine:
    spec = reader.mapping(specs[index], f"rates[{index}]", parent=specs, name=index)
    reader.known(spec, _LINE, f"rates[{index}].")
    key, rate = reader.text(spec, "key"), spec.get("rate")
    if not _KEY.match(key):
        reader.fail(spec, "key", f"{key!r} is no key: use lower-case letters, digits and _, e.g. time_1y")
    if not isinstance(rate, str) or not _RATE.match(rate):
        reader.fail(
            spec, "rate", f'rate is the percentage as announced, in quotes, e.g. "0.95", not {rate!r}'
        )
    return RateLine(
        key=key, product=_text(reader, spec, "product"), term=_text(reader, spec, "term"), rate=str(rate)
    )


def _text(reader: YamlReader, spec: Mapping[str, Any], name: str) -> str:
    text = reader.text(spec, name).strip()
    if len(text) > _LENGTHS[name]:
        reader.fail(spec, name, f"{name} is longer than {_LENGTHS[name]} characters")
    return text


def _get(session: Session, number: str) -> RateTable:
    row = rows.find_table(session, number)
    if row is None:
        raise InputError(f"there is no edition {number} of published rates; `wenhou rates list` names them")
    return row
