import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from store.anchors import read_anchors, write_anchor
from store.audit import AuditReport, newest_seal, record, seal, verify
from store.database import Database
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import SystemClock
from wenhou.core.errors import InputError
from wenhou.core.ids import first_id_at

KEY = b"k" * 32
_ROW = (
    "INSERT INTO audit_log (id, at, actor_kind, act, subject_kind)"
    " VALUES ({}, '2027-01-29 00:00:00', 'user', 'message.approve', 'message')"
)
AT = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)


def _write(database: Database, count: int = 5, *, sealed: bool = True) -> None:
    with database.write() as session:
        for number in range(count):
            record(session, AT, SYSTEM, "test.act", "thing", uuid.uuid4(), {"n": number, "ratio": 0.5})
    if sealed:
        with database.write() as session:
            assert seal(session, SystemClock().real()) == count


def _tamper(database: Database, *statements: str) -> None:
    """As somebody would who owns the database: without the triggers, by SQL."""
    with database.write() as session:
        _drop_guards(session)
        for statement in statements:
            session.execute(text(statement))


def _drop_guards(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TRIGGER audit_log_no_update"))
        session.execute(text("DROP TRIGGER audit_log_no_delete"))
    else:
        session.execute(text("DROP TRIGGER audit_log_append_only ON audit_log"))


def _verify(database: Database, path: Path | None = None) -> AuditReport:
    with database.read() as session:
        return verify(session, read_anchors(path, KEY) if path else ())


def _anchor(database: Database, path: Path) -> None:
    with database.read() as session:
        newest = newest_seal(session)
    assert newest is not None
    write_anchor(path, KEY, newest, AT)


def _kinds(report: AuditReport) -> list[tuple[str, int | None]]:
    return [(problem.kind, problem.seq) for problem in report.problems]


def test_an_untouched_chain_is_sound_and_its_tail_is_counted(database: Database, tmp_path: Path) -> None:
    _write(database)
    _anchor(database, tmp_path / "anchors")
    _write(database, 3)
    _write(database, 2, sealed=False)
    report = _verify(database, tmp_path / "anchors")
    assert (report.sealed, report.tail, report.anchors, report.is_sound) == (8, 2, 1, True)


def test_the_audit_log_refuses_change_and_removal(database: Database) -> None:
    _write(database, 1)
    for act in ("UPDATE audit_log SET act = 'x'", "DELETE FROM audit_log"):
        with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
            session.execute(text(act))


def test_a_changed_row_is_found_and_only_that_one(database: Database) -> None:
    _write(database)
    _tamper(
        database,
        "UPDATE audit_log SET act = 'other' WHERE id = (SELECT audit_id FROM audit_seals WHERE seq = 3)",
    )
    assert _kinds(_verify(database)) == [("changed", 3)]


def test_a_changed_detail_is_found(database: Database) -> None:
    _write(database)
    _tamper(
        database,
        'UPDATE audit_log SET details = \'{"n": 9, "ratio": 0.5}\''
        " WHERE id = (SELECT audit_id FROM audit_seals WHERE seq = 2)",
    )
    assert _kinds(_verify(database)) == [("changed", 2)]


def test_a_removed_row_is_found(database: Database) -> None:
    _write(database)
    _tamper(database, "DELETE FROM audit_log WHERE id = (SELECT audit_id FROM audit_seals WHERE seq = 2)")
    assert _kinds(_verify(database)) == [("removed", 2)]


def test_a_row_removed_with_its_seal_is_found(database: Database) -> None:
    _write(database)
    _tamper(
        database,
        "DELETE FROM audit_log WHERE id = (SELECT audit_id FROM audit_seals WHERE seq = 2)",
        "DELETE FROM audit_seals WHERE seq = 2",
    )
    assert _kinds(_verify(database)) == [("removed", 2)]


def test_a_row_put_in_later_under_an_old_id_is_found_and_never_sealed(database: Database) -> None:
    _write(database)
    old = first_id_at(SystemClock().real() - timedelta(hours=2))
    value = f"'{old.hex}'" if database.is_sqlite else f"'{old}'"
    _tamper(
        database,
        _ROW.format(value),
    )
    with database.write() as session:
        assert seal(session, SystemClock().real()) == 0
    report = _verify(database)
    assert [(problem.kind, problem.audit_id) for problem in report.problems] == [("inserted", old)]


def test_a_chain_cut_off_at_the_end_no_longer_meets_its_anchor(database: Database, tmp_path: Path) -> None:
    _write(database)
    _anchor(database, tmp_path / "anchors")
    _tamper(
        database,
        "DELETE FROM audit_log WHERE id IN (SELECT audit_id FROM audit_seals WHERE seq > 3)",
        "DELETE FROM audit_seals WHERE seq > 3",
    )
    assert _verify(database).is_sound
    assert _kinds(_verify(database, tmp_path / "anchors")) == [("truncated", 5)]


def test_a_chain_made_anew_no_longer_meets_its_anchor(database: Database, tmp_path: Path) -> None:
    _write(database)
    _anchor(database, tmp_path / "anchors")
    _tamper(
        database,
        "UPDATE audit_log SET act = 'other' WHERE id = (SELECT audit_id FROM audit_seals WHERE seq = 3)",
        "DELETE FROM audit_seals",
    )
    with database.write() as session:
        seal(session, SystemClock().real())
    assert _verify(database).is_sound
    assert _kinds(_verify(database, tmp_path / "anchors")) == [("rewritten", 5)]


def test_an_altered_anchor_is_refused_by_its_line(database: Database, tmp_path: Path) -> None:
    _write(database)
    path = tmp_path / "anchors"
    _anchor(database, path)
    path.write_text(path.read_text().replace('"seq": 5', '"seq": 4'))
    with pytest.raises(InputError, match="anchors:1: this anchor was altered"):
        read_anchors(path, KEY)


def test_a_row_committed_late_is_sealed_in_the_next_round(database: Database) -> None:
    _write(database, 3)
    late = first_id_at(SystemClock().real() - timedelta(minutes=5))
    value = f"'{late.hex}'" if database.is_sqlite else f"'{late}'"
    with database.write() as session:
        session.execute(text(_ROW.format(value)))
    with database.write() as session:
        assert seal(session, SystemClock().real()) == 1
    assert _verify(database).is_sound
