"""Data expected daily: declaring feeds, taking in arrivals, and letting go what waited for one.

A feed of deaths, closures, overdue loans or opt-outs that is late, or suddenly small, means that we may be about to
greet the dead. Until it has come, what it holds waits with 数据未到 (gate 1, `feed_late`).
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from store import feeds as store_feeds
from store.audit import record
from store.database import Session
from store.feeds import FeedState, feed_states, find_feed
from store.models.campaigns import DataFeed, FeedArrival
from store.notices import notify
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.ids import new_id
from wenhou.core.purposes import PURPOSE_NAMES, Purpose
from wenhou.services.context import Context
from wenhou.services.text_files import read_text
from wenhou.services.yaml_reading import YamlReader, load_documents

KINDS = ("death", "closure", "overdue", "opt_out", "customers", "events", "other")
_HOLDS = (Purpose.CARE.value, Purpose.MARKETING.value)
_MAY = (Role.OPERATIONS, Role.COMPLIANCE, Role.ADMINISTRATOR)
PROBLEMS = {
    "total_missing": ("没有给出控制总数", "no control total was given"),
    "total_differs": ("笔数与控制总数不符", "the rows differ from the control total"),
    "too_small": ("笔数比平常少得多", "far fewer rows than usual"),
}
"""Why a delivery was not accepted, by code; the code is stored with its figures behind a space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """A feed as declared. `holds`: the purposes that wait while it is late; none: it is only watched."""

    key: str
    name: str
    kind: str
    expected_by: str
    smallest_share_percent: int
    control: str
    holds: tuple[str, ...]
    first_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery. `day`: the day it was expected on, by default today. `total`: what the sender says it holds.

    `accept`: a person has looked at what is odd about it and takes it as it is.
    """

    key: str
    rows: int
    day: date | None = None
    total: str | None = None
    accept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What became of a delivery; `released`: messages that waited for it."""

    key: str
    day: date
    rows: int
    accepted: bool
    problem: str | None
    released: int


def read_feeds(path: Path) -> list[FeedSpec]:
    """The feeds a YAML file declares under `feeds:`; InputError with file and line."""
    file = str(path)
    documents = load_documents(read_text(path), file)
    reader = YamlReader(file)
    found: list[FeedSpec] = []
    for document in documents:
        top = reader.mapping(document, "the file", parent=None, name=None)
        reader.known(top, ("feeds",))
        rows = top.get("feeds")
        if not isinstance(rows, list) or not rows:
            reader.fail(top, "feeds", "feeds: give a list of feeds")
        found += [_spec(reader, rows, index) for index in range(len(rows))]
    keys = [spec.key for spec in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise InputError(f"feed {twice} stands twice", file=file)
    if not found:
        raise InputError("the file is empty; start with `feeds:`", file=file)
    return found


def apply_feeds(context: Context, actor: Actor, specs: list[FeedSpec]) -> dict[str, str]:
    """Declare feeds; key → `created`, `changed` or `unchanged`. Those not named stay as they are.

    A new one is first expected on its next hour, unless it says from which day. What a changed one held is let go,
    for the gates to decide anew.
    """
    _check(actor)
    now = context.clock.now()
    local = now.astimezone(context.bank.zone)
    outcomes: dict[str, str] = {}
    with context.db.write() as session:
        for spec in specs:
            outcomes[spec.key] = _save(session, spec, local)
            if outcomes[spec.key] == "changed":
                store_feeds.release(session, spec.key, at=now)
        changed = {key: outcome for key, outcome in outcomes.items() if outcome != "unchanged"}
        if changed:
            record(session, now, actor, "feeds.apply", "data_feed", None, changed)
    context.submit("dispatch")
    return outcomes


def list_feeds(context: Context) -> list[FeedState]:
    """Every feed as it stands now."""
    with context.db.read() as session:
        return feed_states(session, context.clock.now(), context.bank.zone)


def record_arrival(context: Context, actor: Actor, delivery: Delivery) -> Arrival:
    """Note that a feed arrived, from the shell or the job that loaded it; releases what waited for it."""
    _check(actor)
    with context.db.write() as session:
        arrival = take_arrival(session, context, actor, delivery)
    context.submit("dispatch")
    return arrival


def check_feed(context: Context, key: str | None) -> None:
    """Raise InputError when there is no such feed: before a file is imported in its name, not after."""
    if key is not None:
        with context.db.read() as session:
            _get(session, key)


def take_arrival(session: Session, context: Context, actor: Actor, delivery: Delivery) -> Arrival:
    """The same inside the caller's transaction: the import whose last rows these are.

    A day accepted once stays accepted, whatever comes again for it.
    """
    now = context.clock.now()
    today = now.astimezone(context.bank.zone).date()
    feed = _get(session, delivery.key)
    day = delivery.day or today
    if day > today:
        raise InputError(f"{day} is still to come: a delivery counts for today or an earlier day")
    if delivery.rows < 0:
        raise InputError("the number of rows is 0 or more")
    problem = _problem(session, feed, delivery, day)
    before = store_feeds.find_arrival(session, feed, day)
    accepted = problem is None or delivery.accept or (before is not None and before.accepted)
    row = before or FeedArrival(id=new_id(), feed_id=feed.id, business_day=day)
    row.rows, row.control_total = delivery.rows, delivery.total
    row.accepted, row.problem, row.arrived_at = accepted, problem, now
    session.add(row)
    feed.last_arrival_at, feed.last_rows = now, delivery.rows
    session.flush()
    record(
        session,
        now,
        actor,
        "feed.arrived",
        "data_feed",
        feed.id,
        {"day": day.isoformat(), "rows": delivery.rows, "accepted": accepted, "problem": problem},
    )
    released = 0
    if not any(
        state.is_late for state in feed_states(session, now, context.bank.zone) if state.key == feed.key
    ):
        released = store_feeds.release(session, feed.key, at=now)
    return Arrival(
        key=feed.key, day=day, rows=delivery.rows, accepted=accepted, problem=problem, released=released
    )


def watch_feeds(context: Context) -> list[str]:
    """Tell operations once a day of each feed that is late; called every few minutes. The keys told of now."""
    now = context.clock.now()
    told: list[str] = []
    with context.db.read() as session:
        late = [state for state in feed_states(session, now, context.bank.zone) if state.is_late]
    if not late:
        return told
    with context.db.write() as session:
        for state in late:
            body = {"feed": state.key, "day": str(state.due_on)}
            if not store_feeds.was_noticed(session, state.key, str(state.due_on)):
                notify(session, kind=store_feeds.LATE_NOTICE, body=body, at=now)
                told.append(state.key)
    return told


def warnings(context: Context, locale: str = "zh-CN") -> list[str]:
    """A sentence for each feed that is late, for the desk of operations and `wenhou check`."""
    return [late_sentence(state, locale) for state in list_feeds(context) if state.is_late]


def late_sentence(state: FeedState, locale: str = "zh-CN") -> str:
    """What is late, since when, and what waits for it, in one sentence."""
    in_chinese = locale.startswith("zh")
    names = [PURPOSE_NAMES[Purpose(word)][0 if in_chinese else 1] for word in state.holds]
    if in_chinese:
        tail = f"，{'、'.join(names)}暂不发送" if names else ""
        return f"数据未到：{state.name}（{state.due_on} {state.expected_by} 应到）{tail}。"
    tail = f"; waiting for it: {', '.join(names)}" if names else ""
    return f"Data is late: {state.name} (expected {state.due_on} by {state.expected_by}){tail}."


def _spec(reader: YamlReader, rows: list[Any], index: int) -> FeedSpec:
    top = reader.mapping(rows[index], "a feed", parent=rows, name=index)
    reader.known(
        top,
        (
            "key",
            "name",
            "kind",
            "expected_by",
            "smallest_share_percent",
            "control",
            "holds",
            "first_on",
        ),
    )
    holds = () if top.get("holds") == [] else reader.words(top, "holds", list(Purpose), _HOLDS)
    return FeedSpec(
        key=reader.text(top, "key"),
        name=reader.text(top, "name"),
        kind=reader.word(top, "kind", KINDS),
        expected_by=f"{reader.time(top, 'expected_by'):%H:%M}",
        smallest_share_percent=reader.number(top, "smallest_share_percent", 50, least=0, most=100),
        control=reader.word(top, "control", ("none", "rows"), "none"),
        holds=tuple(sorted(holds)),
        first_on=reader.date(top, "first_on") if "first_on" in top else None,
    )


def _save(session: Session, spec: FeedSpec, local: datetime) -> str:
    values: dict[str, Any] = {
        "name": spec.name,
        "kind": spec.kind,
        "expected_by": spec.expected_by,
        "smallest_share_percent": spec.smallest_share_percent,
        "control": spec.control,
        "holds_purposes": list(spec.holds),
    }
    if spec.first_on is not None:
        values["first_on"] = spec.first_on
    found = find_feed(session, spec.key)
    if found is None:
        today = local.date()
        over = f"{local:%H:%M}" >= spec.expected_by
        first = today.fromordinal(today.toordinal() + 1) if over else today
        session.add(DataFeed(id=new_id(), key=spec.key, **{"first_on": first, **values}))
        session.flush()
        return "created"
    if all(getattr(found, name) == value for name, value in values.items()):
        return "unchanged"
    for name, value in values.items():
        setattr(found, name, value)
    session.flush()
    return "changed"


def _problem(session: Session, feed: DataFeed, delivery: Delivery, day: date) -> str | None:
    if feed.control == "rows":
        if not delivery.total:
            return "total_missing"
        if delivery.total.replace(",", "").strip() != str(delivery.rows):
            return f"total_differs {delivery.rows}/{delivery.total.strip()}"
    sizes = store_feeds.sizes_before(session, feed, day)
    if not sizes:
        return None
    usual = int(statistics.median(sizes))
    if delivery.rows * 100 < usual * feed.smallest_share_percent:
        return f"too_small {delivery.rows}/{usual}"
    return None


def problem_sentence(problem: str | None, locale: str = "zh-CN") -> str:
    """Why a delivery was not accepted, with its figures."""
    if problem is None:
        return ""
    code, _, figures = problem.partition(" ")
    words = PROBLEMS.get(code, (code, code))[0 if locale.startswith("zh") else 1]
    return f"{words} ({figures})" if figures else words


def _get(session: Session, key: str) -> DataFeed:
    feed = find_feed(session, key)
    if feed is None:
        known = ", ".join(store_feeds.list_keys(session))
        raise InputError(f"there is no feed {key}; known: {known or 'none (wenhou feeds apply FILE)'}")
    return feed


def _check(actor: Actor) -> None:
    if actor.kind != "system" and not actor.has(*_MAY):
        raise AccessDenied(
            "only operations, compliance or an administrator declares feeds and their arrivals"
        )
