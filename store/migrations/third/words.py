"""The bank's own versions of templates: their life, what came into force when, and the words before an edit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT, JSON

_STATES = "state IN ('draft', 'submitted', 'approved', 'rejected', 'retired')"
_ORIGINS = "origin IN ('bundled', 'bank')"
_ANOTHER = "decided_by <> created_by AND decided_by <> submitted_by"
_SOMEBODY = (
    "origin = 'bundled' OR state <> 'approved' OR (submitted_by IS NOT NULL AND decided_by IS NOT NULL)"
)
_CHECKS = {
    "ck_template_versions_state_known": _STATES,
    "ck_template_versions_origin_known": _ORIGINS,
    "ck_template_versions_decided_by_another": _ANOTHER,
    "ck_template_versions_approved_by_somebody": _SOMEBODY,
}
_COPY = """
INSERT INTO template_versions
    (id, template_key, locale, number, state, document, digest, effective_from, created_by, created_at)
SELECT id, template_key, locale, number, state, document, digest, effective_from, created_by, created_at
FROM template_versions_before
"""
_FIXED = ("template_key", "locale", "number", "origin", "document", "digest", "created_by", "created_at")
"""Columns of a version that nobody changes once it is no draft."""


def create() -> None:
    """What stood before is what ships and was used: bundled, approved."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
    else:
        _extend()
    _editions()
    _planned_words()
    op.create_index(
        "ix_messages_template_version_id",
        "messages",
        ["template_version_id", "planned_for"],
        sqlite_where=sa.text("template_version_id IS NOT NULL"),
        postgresql_where=sa.text("template_version_id IS NOT NULL"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_triggers()
    else:
        _postgresql_triggers()


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("origin", sa.String(8), nullable=False, server_default="bundled"),
        sa.Column("authors", JSON, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("effective_until", INSTANT, nullable=True),
        sa.Column("retired_at", INSTANT, nullable=True),
    ]


def _extend() -> None:
    for column in _columns():
        op.add_column("template_versions", column)
    op.drop_constraint("ck_template_versions_state_known", "template_versions", type_="check")
    for name, rule in _CHECKS.items():
        op.execute(f"ALTER TABLE template_versions ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
        op.execute(f"ALTER TABLE template_versions VALIDATE CONSTRAINT {name}")


def _rebuild() -> None:
    """SQLite cannot change a CHECK: the table is written anew. It is small, and nothing refers to it yet."""
    op.rename_table("template_versions", "template_versions_before")
    op.create_table(
        "template_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template_key", sa.String(80), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("effective_from", INSTANT, nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        *_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_template_versions"),
        sa.UniqueConstraint("template_key", "locale", "number", name="uq_template_versions_template_key"),
        *(sa.CheckConstraint(rule, name=op.f(name)) for name, rule in _CHECKS.items()),
    )
    op.execute(_COPY)
    op.drop_table("template_versions_before")


def _editions() -> None:
    op.create_table(
        "word_editions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("template_key", sa.String(80), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("decision", sa.String(12), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_id", sa.Uuid(), nullable=True),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("effective_until", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_word_editions"),
        sa.UniqueConstraint("number", name="uq_word_editions_number"),
        sa.CheckConstraint(
            "decision IN ('approved', 'rolled_back', 'retired', 'withdrawn')",
            name=op.f("ck_word_editions_decision_known"),
        ),
        sa.ForeignKeyConstraint(["version_id"], ["template_versions.id"], name="fk_word_editions_version_id"),
        sa.ForeignKeyConstraint(
            ["withdrawn_id"], ["template_versions.id"], name="fk_word_editions_withdrawn_id"
        ),
    )


def _planned_words() -> None:
    op.create_table(
        "planned_words",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("skeleton", sa.String(60), nullable=True),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "channel", name="pk_planned_words"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_planned_words_message_id"),
    )


def _sqlite_triggers() -> None:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in _FIXED)
    for act, when in (
        ("update", f"OLD.state <> 'draft' AND (NEW.state = 'draft' OR {changed})"),
        ("delete", "OLD.state <> 'draft'"),
    ):
        op.execute(
            f"CREATE TRIGGER template_versions_no_{act} BEFORE {act.upper()} ON template_versions WHEN {when} "
            "BEGIN SELECT RAISE(ABORT, 'a template version that is no draft never changes'); END"
        )
    for act in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER word_editions_no_{act} BEFORE {act.upper()} ON word_editions "
            "BEGIN SELECT RAISE(ABORT, 'word_editions is append-only'); END"
        )


def _postgresql_triggers() -> None:
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _FIXED)
    op.execute(f"""
CREATE FUNCTION wenhou_words_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR NEW.state = 'draft' OR {changed}) THEN
        RAISE EXCEPTION 'a template version that is no draft never changes'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END
$$
""")
    op.execute(
        "CREATE TRIGGER template_versions_never_change BEFORE UPDATE OR DELETE ON template_versions "
        "FOR EACH ROW EXECUTE FUNCTION wenhou_words_never_change()"
    )
    op.execute(
        "CREATE TRIGGER word_editions_append_only BEFORE UPDATE OR DELETE ON word_editions "
        "FOR EACH ROW EXECUTE FUNCTION wenhou_append_only()"
    )
    for table in ("word_editions", "template_versions"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION wenhou_append_only()"
        )
