"""A confidential restriction never shows its kind: worlds that differ only in it look alike, byte by byte, to everybody
below compliance.

One seeded bank is copied once a kind; in each copy the same event of another confidential kind comes in. Then every
surface is read as advisor, supervisor and operations, and compared. Ids of new rows are blanked, nothing else is.
"""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from console.app import create_console
from console.settings import ConsoleSettings, DemoAccount
from store.access import list_restrictions
from store.database import open_database
from store.keys import open_vault
from store.models.customers import Customer
from store.models.messages import Message, MessageEvent
from store.models.organisation import User
from store.models.records import AuditRow
from store.users import find_user, load_actor
from store.vault import LocalKeyService
from tests import databases
from tests.browser import bank
from tests.integration.bank_in.conftest import SHANGHAI
from tests.integration.console.conftest import post
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import WenhouError
from wenhou.core.risk import RISK_KINDS
from wenhou.services import explain_why, queue_items, tasks, today
from wenhou.services.context import Bank, Context
from wenhou.services.customer_file import export_customer, show_customer
from wenhou.services.events import NewEvent, take_in
from wenhou.services.portrait import list_lines, read_portrait

NOW = datetime(2027, 1, 30, 9, 5, tzinfo=SHANGHAI)
KINDS = sorted(name for name, kind in RISK_KINDS.items() if kind.is_confidential)
ROLES = ("advisor", "supervisor", "operations")
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_TOKEN = re.compile(r'(csrf[-_]token"[^>]*?(?:value|content)=")[^"]+')


@pytest.fixture(scope="module")
def seeded(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str], str]:
    """(the database file, login of each role, a customer with a waiting message)."""
    path = tmp_path_factory.mktemp("secrecy") / "base.db"
    shutil.copyfile(sqlite_template, path)
    with _open(path) as context:
        with context.db.write() as session:
            people = bank.seed(session, context.vault, 4)
            logins = {role: getattr(people, role).login for role in ROLES}
        with context.db.read() as session:
            ref = session.scalars(
                select(Customer.external_ref)
                .join(Message, Message.customer_id == Customer.id)
                .where(Message.status == "proposed")
                .order_by(Customer.external_ref)
            ).first()
    assert ref is not None
    return path, logins, ref


@contextmanager
def _open(path: Path) -> Iterator[Context]:
    database = open_database(f"sqlite:///{path}", synchronous="OFF")
    with database.read() as session:
        vault = open_vault(session, LocalKeyService(databases.SECRET_KEY))
    yield Context(db=database, vault=vault, clock=ShiftedClock(NOW, frozen=True), bank=Bank())
    database.close()


World = Callable[[str], Any]


@pytest.fixture
def worlds(seeded: tuple[Path, dict[str, str], str], tmp_path: Path) -> dict[str, Path]:
    """A copy of the bank for each confidential kind, with its event taken in; and one with two kinds at once."""
    base, _, ref = seeded
    found = {}
    for name, kinds in {**{kind: (kind,) for kind in KINDS}, "two at once": tuple(KINDS[:2])}.items():
        found[name] = tmp_path / f"{name}.db"
        shutil.copyfile(base, found[name])
        with _open(found[name]) as context:
            for kind in kinds:
                event = NewEvent(
                    source="core",
                    source_id=f"R-{kinds.index(kind)}",
                    kind=kind,
                    customer=ref,
                    happened_at=NOW - timedelta(days=1),
                )
                assert take_in(context, SYSTEM, [event]).created == 1
    return found


def _blank(text: str) -> str:
    return _TOKEN.sub(r"\1<token>", _ID.sub("<id>", text))


def _said(act: Callable[[], Any]) -> str:
    """What an act answers, or how it refuses."""
    try:
        return _blank(json.dumps(act(), ensure_ascii=False, default=repr))
    except WenhouError as error:
        return _blank(f"{type(error).__name__}: {error}")


def _services(context: Context, actor: Actor, ref: str) -> dict[str, str]:
    day = NOW.date()
    found: dict[str, Callable[[], Any]] = {
        "show": lambda: show_customer(context, actor, ref),
        "portrait": lambda: read_portrait(context, actor, ref),
        "lines": lambda: list_lines(context, actor),
        "queue": lambda: queue_items.list_rows(context, actor),
        "tasks": lambda: tasks.list_open(context, actor),
        "today": lambda: today.read_today(context, actor),
        "held": lambda: today.list_held(context, actor, day),
        "export": lambda: export_customer(context, actor, ref),
        "restrictions": lambda: _restrictions(context, actor, ref),
    }
    for campaign in ("birthday", "spring_festival"):
        found[f"explain {campaign}"] = lambda campaign=campaign: explain_why.explain(  # type: ignore[misc]
            context, actor, ref, campaign, day
        )
    return {name: _said(act) for name, act in found.items()}


def _restrictions(context: Context, actor: Actor, ref: str) -> list[Any]:
    with context.db.read() as session:
        customer = session.scalars(select(Customer).where(Customer.external_ref == ref)).one()
        return [repr(one) for one in list_restrictions(session, actor, customer.id, NOW.date())]


def _pages(context: Context, user: User, ref: str) -> dict[str, str]:
    account = DemoAccount(user_id=user.id, name=user.name, role_zh="角色", role_en="role")
    settings = ConsoleSettings(secret_key=b"s" * 32, secure_cookies=False, demo_accounts=(account,))
    client = create_console(context, settings).test_client()
    post(client, f"/sign-in/as/{user.id}", page="/sign-in")
    with context.db.read() as session:
        messages = session.scalars(
            select(Message.id)
            .join(Customer, Customer.id == Message.customer_id)
            .where(Customer.external_ref == ref)
            .order_by(Message.id)
        ).all()
    paths = [
        *("/", "/queue", "/queue/approve-all", "/conversations", "/cases", "/tasks", "/customers"),
        *(f"/customers/{ref}", "/why", f"/why?customer={ref}", "/delivery", "/delivery/stop"),
        *("/fragments/today", "/fragments/nav", "/fragments/delivery"),
        *(f"/queue/{message}" for message in messages),
        *(f"/why?message={message}" for message in messages),
    ]
    found = {}
    for language in ("zh", "en"):
        client.get(f"/language/{language}?next=/")
        for number, path in enumerate(paths):
            answer = client.get(path)
            found[f"{language} {number} {_blank(path)}"] = _blank(f"{answer.status_code} {answer.text}")
    return found


@pytest.mark.parametrize("role", ROLES)
def test_no_role_below_compliance_can_tell_which_kind_it_is(
    seeded: tuple[Path, dict[str, str], str], worlds: dict[str, Path], role: str
) -> None:
    _, logins, ref = seeded
    seen: dict[str, dict[str, str]] = {}
    for name, path in worlds.items():
        with _open(path) as context:
            with context.db.read() as session:
                user = find_user(session, logins[role])
                assert user is not None
                actor = load_actor(session, user, NOW)
            seen[name] = _services(context, actor, ref) | _pages(context, user, ref)
    first, *others = seen.values()
    assert len(first) > 30
    assert any("按规定暂不联系" in text for text in first.values())
    for other in others:
        for surface, text in first.items():
            assert other[surface] == text, surface


def test_the_records_of_messages_and_the_audit_tell_nothing_either(
    seeded: tuple[Path, dict[str, str], str], worlds: dict[str, Path]
) -> None:
    seen = {}
    for kind in KINDS:
        with _open(worlds[kind]) as context, context.db.read() as session:
            rows: list[Any] = [
                (one.status, one.reason, one.hold_key, one.trace, one.due_at)
                for one in session.scalars(select(Message).order_by(Message.id))
            ]
            rows += [
                (one.event, one.status, one.reason, one.actor)
                for one in session.scalars(select(MessageEvent).order_by(MessageEvent.id))
            ]
            rows += [
                (one.act, one.subject_kind, one.actor_kind, one.details)
                for one in session.scalars(select(AuditRow).order_by(AuditRow.id))
            ]
            seen[kind] = _blank(repr(rows))
    first, *others = seen.values()
    assert "care_restricted" in first
    assert all(other == first for other in others)


def test_all_confidential_kinds_stop_the_same_for_as_long() -> None:
    assert len(KINDS) > 3
    assert (
        len({(RISK_KINDS[kind].stops, RISK_KINDS[kind].days, RISK_KINDS[kind].asks) for kind in KINDS}) == 1
    )


def test_compliance_is_told_the_kind(
    seeded: tuple[Path, dict[str, str], str], worlds: dict[str, Path]
) -> None:
    compliance = Actor(kind="user", user_id=uuid.uuid4(), roles=frozenset({"compliance"}), org_path="/")
    told = set()
    for kind in KINDS:
        with _open(worlds[kind]) as context:
            told.add(str(_restrictions(context, compliance, seeded[2])))
    assert len(told) == len(KINDS)
