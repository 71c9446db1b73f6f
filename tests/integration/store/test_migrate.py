from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from sqlalchemy import CheckConstraint, MetaData, Table, bindparam, insert, inspect, select, text, update
from sqlalchemy.orm import Session

from store import migrate
from store.database import Database
from store.models.campaigns import Campaign, CampaignVersion
from store.models.customers import Customer
from store.schema import PARTITIONED, metadata
from wenhou.core.errors import SchemaMismatch
from wenhou.core.ids import new_id

Open = Callable[[str], Database]


def test_an_upgraded_empty_database_equals_the_models(empty_url: str, open_store: Open) -> None:
    store = open_store(empty_url)
    assert migrate.upgrade(store) is True
    with store.engine.connect() as connection:
        assert migrate.differences(connection) == []


def test_the_comparison_with_the_models_sees_a_missing_column(database: Database) -> None:
    with database.write() as session:
        session.execute(text("ALTER TABLE media DROP COLUMN size"))
    with database.engine.connect() as connection:
        assert [found[0] for found in migrate.differences(connection)] == ["add_column"]


def test_every_check_and_foreign_key_of_the_models_stands_in_the_database(database: Database) -> None:
    look = inspect(database.engine)
    for table in metadata.sorted_tables:
        checks = {check["name"] for check in look.get_check_constraints(table.name)}
        foreign = {key["name"] for key in look.get_foreign_keys(table.name)}
        for constraint in table.constraints:
            if constraint.__class__.__name__ == "CheckConstraint":
                assert constraint.name in checks
            elif constraint.__class__.__name__ == "ForeignKeyConstraint":
                assert constraint.name in foreign


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_checks_and_partial_indexes_say_what_the_models_say(database: Database) -> None:
    look = inspect(database.engine)
    for table in metadata.sorted_tables:
        stands = {str(found["name"]): found["sqltext"] for found in look.get_check_constraints(table.name)}
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                assert " ".join(stands[str(constraint.name)].split()) == str(constraint.sqltext)
        where = {
            found["name"]: str(found.get("dialect_options", {}).get("sqlite_where"))
            for found in look.get_indexes(table.name)
        }
        for index in table.indexes:
            assert where[index.name] == str(index.dialect_options["sqlite"]["where"])


def test_an_upgraded_database_passes_the_check_and_a_second_upgrade_does_nothing(database: Database) -> None:
    migrate.check_schema(database)
    assert migrate.upgrade(database) is False


def test_an_empty_database_is_told_from_an_old_one(empty_url: str, open_store: Open) -> None:
    with pytest.raises(SchemaMismatch, match="holds no Wenhou yet; run `wenhou init`"):
        migrate.check_schema(open_store(empty_url))


def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="install a newer Wenhou"):
        migrate.check_schema(database)
    with pytest.raises(SchemaMismatch, match="install a newer Wenhou"):
        migrate.upgrade(database)


def test_an_older_database_is_told_how_to_catch_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "head", lambda: "0999")
    with pytest.raises(SchemaMismatch, match=r"older than the code .*; run `wenhou init` to upgrade it"):
        migrate.check_schema(database)


def test_two_upgrades_at_once_both_succeed(empty_url: str, open_store: Open) -> None:
    stores = [open_store(empty_url), open_store(empty_url)]
    changed: list[bool] = []
    threads = [Thread(target=lambda store=store: changed.append(migrate.upgrade(store))) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(changed) == [False, True]


def test_a_failing_upgrade_leaves_nothing_half_done(
    empty_url: str, open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(empty_url)
    from store.migrations.first import append_only  # noqa: PLC0415 - only this test breaks a revision

    def fail() -> None:
        raise RuntimeError

    monkeypatch.setattr(append_only, "create", fail)
    with pytest.raises(RuntimeError):
        migrate.upgrade(store)
    assert inspect(store.engine).get_table_names() == []


def test_foreign_keys_are_enforced_again_after_an_upgrade(empty_url: str, open_store: Open) -> None:
    store = open_store(empty_url)
    migrate.upgrade(store)
    if store.is_sqlite:
        with store.read() as session:
            assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_the_revisions_are_one_line_and_know_no_models() -> None:
    folder = Path(migrate.__file__).parent / "migrations"
    sources = [path for path in folder.rglob("*.py") if path.name != "env.py"]
    assert len(sources) > 5
    assert [path.name for path in sources if "from store.models" in path.read_text()] == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_every_partitioned_table_has_a_default_and_months_ahead(database: Database) -> None:
    with database.read() as session:
        names = set(
            session.scalars(text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"))
        )
    for table in PARTITIONED:
        parts = [name for name in names if name.startswith(f"{table}_")]
        assert f"{table}_default" in parts
        assert len(parts) == 5


def test_a_store_of_the_release_before_keeps_its_live_campaign_and_its_customers(
    empty_url: str, open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(empty_url)
    real = command.upgrade
    with monkeypatch.context() as before:
        before.setattr(command, "upgrade", lambda config, _revision: real(config, "0001"))
        migrate.upgrade(store)
    ids = {name: new_id() for name in ("campaign", "old", "live", "customer")}
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with store.write() as session:
        _put(session, "customers", id=ids["customer"], external_ref="C-1", name="王芳", gender="female")
        _put(
            session,
            "campaigns",
            id=ids["campaign"],
            key="birthday",
            name="生日",
            purpose="care",
            state="live",
        )
        for number, name in enumerate(("old", "live"), start=1):
            version = {"number": number, "source": "key: birthday", "digest": b"d", "document": {}}
            _put(session, "campaign_versions", id=ids[name], campaign_id=ids["campaign"], **version)
        session.execute(
            update(Campaign).where(Campaign.key == "birthday").values(current_version_id=ids["live"]),
            execution_options={"synchronize_session": False},
        )
    migrate.upgrade(store)
    with store.read() as session:
        versions = session.scalars(select(CampaignVersion)).all()
        live = session.scalars(select(CampaignVersion).where(CampaignVersion.state == "live")).one()
        customer = session.scalars(select(Customer)).one()
    assert {one.number: one.state for one in versions} == {1: "retired", 2: "live"}
    assert live.live_at == at
    assert (customer.name, customer.life_stage, customer.festivals) == ("王芳", None, None)


def _put(session: Session, table: str, **values: object) -> None:
    """A row as the release before wrote it: only the columns it knew, every instant the same."""
    instants = {"created_at": datetime(2026, 11, 1, tzinfo=UTC)}
    if table != "campaign_versions":
        instants["updated_at"] = instants["created_at"]
    if table == "customers":
        values |= {"locale": "zh-CN", "state": "active", "is_staff": False}
    reflected = Table(table, MetaData(), autoload_with=session.connection())
    known = metadata.tables[table].columns
    row = {**values, **instants}
    statement = insert(reflected).values({name: bindparam(name, type_=known[name].type) for name in row})
    session.execute(statement, row)
