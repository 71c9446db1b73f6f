"""What the database itself refuses, whatever our code believes."""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from store.database import Database, open_database
from store.keys import open_vault
from store.message_writes import NewMessage, insert_messages
from store.models.campaigns import Campaign
from store.models.customers import Consent, ContactPoint, Customer
from store.models.handover import Lease
from store.models.messages import Message, MessageEvent
from store.models.records import AuditRow
from store.partitions import ensure_partitions
from store.vault import LocalKeyService, Vault, VaultError
from tests.factories import AT, make_campaign, make_contact, make_customer, make_message
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import SystemClock
from wenhou.core.errors import ConfigurationError
from wenhou.core.ids import first_id_at, new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Status


def _message(customer: Customer, campaign: Campaign, **more: object) -> NewMessage:
    values: dict[str, object] = {
        "customer_id": customer.id,
        "dedupe_key": "birthday|birthday:solar:2027/1",
        "origin": "campaign",
        "purpose": Purpose.CARE,
        "channel_plan": ("sms",),
        "status": Status.PROPOSED,
        "planned_for": date(2027, 1, 30),
        "not_before": AT,
        "due_at": AT,
        "expires_at": AT,
        "campaign_id": campaign.id,
        "campaign_version_id": campaign.current_version_id,
        **more,
    }
    return NewMessage(**values)  # type: ignore[arg-type]


def test_one_customer_one_occasion_one_message(database: Database, vault: Vault) -> None:
    with database.write() as session:
        customer, campaign = make_customer(session, vault), make_campaign(session)
        first, second = _message(customer, campaign), _message(customer, campaign)
        assert insert_messages(session, vault, [first], at=AT) == {first.id}
        assert insert_messages(session, vault, [second], at=AT) == set()
    with database.read() as session:
        row = session.scalars(select(Message)).one()
    values = {column.key: getattr(row, column.key) for column in Message.__table__.columns}
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(insert(Message).values({**values, "id": new_id()}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"campaign_version_id": None},
        {"origin": "reply"},
        {"origin": "whim", "campaign_version_id": None},
        {"level": 3},
        {"status": "lost"},
    ],
    ids=[
        "campaign without version",
        "version without campaign",
        "unknown origin",
        "level 3",
        "unknown status",
    ],
)
def test_a_message_that_contradicts_itself_is_refused(
    database: Database, vault: Vault, wrong: dict[str, object]
) -> None:
    with database.write() as session:
        customer, campaign = make_customer(session, vault), make_campaign(session)
    with pytest.raises(IntegrityError), database.write() as session:
        insert_messages(session, vault, [_message(customer, campaign, **wrong)], at=AT)


def test_a_customer_number_is_unique_and_a_phone_is_not_of_one_customer(
    database: Database, vault: Vault
) -> None:
    with database.write() as session:
        mother = make_customer(session, vault, ref="C-1")
        child = make_customer(session, vault, ref="C-2")
        shared = make_contact(session, vault, mother, "sms", "+8613900000001")
        assert make_contact(session, vault, child, "sms", "+8613900000001", "guardian").id == shared.id
        count = select(func.count()).where(ContactPoint.blind_index == shared.blind_index)
        assert session.execute(count).scalar_one() == 1
    with pytest.raises(IntegrityError), database.write() as session:
        make_customer(session, vault, ref="C-1")


def test_a_row_of_a_customer_who_is_not_there_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(
            Consent(
                customer_id=uuid.uuid4(), channel="sms", purpose="care", act="granted", source="file", at=AT
            )
        )


@pytest.mark.parametrize("table", ["message_events", "consents"])
def test_history_is_only_ever_added_to(database: Database, vault: Vault, table: str) -> None:
    with database.write() as session:
        make_message(session, vault, make_customer(session, vault), make_campaign(session))
    for act in (f"UPDATE {table} SET at = at", f"DELETE FROM {table}"):  # noqa: S608 - names of ours
        with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
            session.execute(text(act))


def test_an_instant_without_a_zone_is_refused_and_others_come_back_in_utc(database: Database) -> None:
    with pytest.raises(StatementError, match="which zone"), database.write() as session:
        session.add(Lease(name="x", owner="y", until=datetime(2027, 1, 1)))  # noqa: DTZ001 - what is refused
    shanghai = datetime(2027, 1, 30, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with database.write() as session:
        session.add(Lease(name="x", owner="y", until=shanghai))
    with database.read() as session:
        until = session.get_one(Lease, "x").until
    assert until == shanghai
    assert until.tzinfo is UTC


def _write_and_raise(database: Database) -> None:
    with database.write() as session:
        session.add(Lease(name="x", owner="y", until=AT))
        session.flush()
        raise RuntimeError


def test_a_write_that_raises_leaves_nothing_and_a_read_writes_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        _write_and_raise(database)
    with database.read() as session:
        session.add(Lease(name="x", owner="y", until=AT))
        session.flush()
    with database.read() as session:
        assert session.get(Lease, "x") is None


def test_many_writers_lose_no_update(database_url: str, open_store: Callable[[str], Database]) -> None:
    stores = [open_store(database_url), open_store(database_url)]  # as two processes would
    with stores[0].write() as session:
        session.add(Lease(name="x", owner="y", until=AT, epoch=0))

    def add(store: Database) -> None:
        for _ in range(10):
            with store.write() as session:
                session.get_one(Lease, "x", with_for_update=True).epoch += 1

    threads = [threading.Thread(target=add, args=(stores[number % 2],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].read() as session:
        assert session.get_one(Lease, "x").epoch == 40


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sqlite_writer_holds_the_lock_from_its_first_moment_and_readers_do_not_wait(
    database_url: str, open_store: Callable[[str], Database]
) -> None:
    ours, theirs = open_store(database_url), open_database(database_url)
    with theirs.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    with ours.write() as session:
        session.connection()
        start = time.monotonic()
        with theirs.read() as reading:
            assert reading.execute(text("SELECT count(*) FROM leases")).scalar_one() == 0
        assert time.monotonic() - start < 5
        with pytest.raises(OperationalError, match="locked"), theirs.write() as other:
            other.execute(text("SELECT 1"))
    theirs.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "oracle+none://x"])
def test_an_address_that_is_no_store_of_ours_is_one_sentence(url: str) -> None:
    with pytest.raises(ConfigurationError, match="WENHOU_DATABASE_URL"):
        open_database(url)


def test_another_secret_key_is_told_in_one_sentence(database: Database) -> None:
    with database.read() as session, pytest.raises(VaultError) as refused:
        open_vault(session, LocalKeyService(b"another secret"))
    assert refused.value.code == "wrong_secret_key"
    assert str(refused.value) == (
        "this database was made with another WENHOU_SECRET_KEY; set the one it was made with"
    )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_rows_of_this_month_lie_in_its_partition_and_stray_ones_in_the_default(
    database: Database, vault: Vault
) -> None:
    now = SystemClock().real()
    with database.write() as session:
        make_message(session, vault, make_customer(session, vault), make_campaign(session))
        values = {"actor_kind": "system", "act": "x", "subject_kind": "y", "at": AT}
        session.execute(insert(AuditRow).values(id=first_id_at(now - timedelta(days=900)), **values))
    with database.read() as session:
        for table in ("message_events", "message_contents"):
            places = session.scalars(text(f"SELECT DISTINCT tableoid::regclass::text FROM {table}")).all()  # noqa: S608
            assert places == [f"{table}_{now:%Y_%m}"]
        assert (
            session.scalars(text("SELECT tableoid::regclass::text FROM audit_log")).one()
            == "audit_log_default"
        )
        plan = "\n".join(
            session.scalars(text(f"EXPLAIN SELECT * FROM message_events WHERE id = '{new_id()}'"))  # noqa: S608
        )
    assert f"message_events_{now:%Y_%m}" in plan
    assert "message_events_default" not in plan


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_partitions_are_made_ahead_once_and_a_month_with_strays_is_left_in_the_default(
    database: Database,
) -> None:
    ahead = SystemClock().real() + timedelta(days=400)
    with database.write() as session:
        session.execute(
            insert(AuditRow).values(
                id=first_id_at(ahead), actor_kind="system", act="x", subject_kind="y", at=AT
            )
        )
    made = ensure_partitions(database, ahead, months=1)
    assert len(made) == 9
    assert f"audit_log_{ahead:%Y_%m}" not in made
    assert ensure_partitions(database, ahead, months=1) == []


def test_the_first_event_of_a_message_stands_with_it(database: Database, vault: Vault) -> None:
    with database.write() as session:
        message = make_message(session, vault, make_customer(session, vault), make_campaign(session))
    with database.read() as session:
        event = session.scalars(select(MessageEvent)).one()
    assert (event.message_id, event.event, event.actor) == (message.id, "plan", SYSTEM.kind)
