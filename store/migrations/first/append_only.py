"""Triggers that refuse to change or remove what is only ever added: audit log, status events, consents.

They stop mistakes, ours included; who owns the database can drop them, which is what the audit chain is for.
"""

from __future__ import annotations

from alembic import op

TABLES = ("audit_log", "message_events", "consents")

_FUNCTION = """
CREATE FUNCTION wenhou_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


def create() -> None:
    """One set of triggers a table."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    op.execute(_FUNCTION)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION wenhou_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION wenhou_append_only()"
        )
