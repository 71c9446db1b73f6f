"""A store of the release before, with wordings that were used, brought up to head."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import JSON, MetaData, Table, bindparam, insert, select
from sqlalchemy.exc import DBAPIError

from store import migrate
from store.database import Database
from store.models.campaigns import TemplateVersion
from store.schema import metadata
from store.template_versions import newest_edition
from store.words import template_version_id
from tests.integration.words.desk import document
from wenhou.core.ids import new_id

Open = Callable[[str], Database]
AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def upgraded(empty_url: str, open_store: Open, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Revision 0002 with one used wording, then head."""
    store = open_store(empty_url)
    real = command.upgrade
    with monkeypatch.context() as before:
        before.setattr(command, "upgrade", lambda config, _revision: real(config, "0002"))
        migrate.upgrade(store)
    with store.write() as session:
        reflected = Table("template_versions", MetaData(), autoload_with=session.connection())
        assert "origin" not in reflected.columns
        row = {
            "id": new_id(),
            "template_key": "birthday",
            "locale": "zh-CN",
            "number": 1,
            "state": "approved",
            "document": {"source": document()},
            "digest": bytes(32),
            "effective_from": AT,
            "created_at": AT,
        }
        known = metadata.tables["template_versions"].columns
        types = {name: JSON() if name == "document" else known[name].type for name in row}
        statement = insert(reflected).values({name: bindparam(name, type_=types[name]) for name in row})
        session.execute(statement, row)
    migrate.upgrade(store)
    return store


def test_what_was_used_is_what_ships_approved_and_whole(upgraded: Database) -> None:
    with upgraded.read() as session:
        row = session.scalars(select(TemplateVersion)).one()
        assert (row.origin, row.state, row.number, row.effective_from) == ("bundled", "approved", 1, AT)
        assert row.document == {"source": document()}
        assert (row.authors, row.submitted_by, row.decided_by, row.retired_at) == (None,) * 4
        assert newest_edition(session) is None
    with upgraded.engine.connect() as connection:
        assert migrate.differences(connection) == []


def test_from_now_on_it_never_changes(upgraded: Database) -> None:
    with pytest.raises(DBAPIError, match="never changes"):
        _rewrite(upgraded)


def test_the_release_before_goes_on_writing_what_it_uses_beside_it(upgraded: Database) -> None:
    with upgraded.write() as session:
        used = template_version_id(
            session, key="birthday", locale="zh-CN", number=1, source="-", digest="ab" * 32, at=AT
        )
        row = session.get_one(TemplateVersion, used)
        assert (row.number, row.origin, row.state) == (2, "bundled", "approved")


def _rewrite(store: Database) -> None:
    with store.write() as session:
        session.scalars(select(TemplateVersion)).one().document = {"source": "-"}
