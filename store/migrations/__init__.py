"""The revisions of the schema, run by ``store.migrate``; linear, named, never edited once released.

May import SQLAlchemy and Alembic, never the models. Start at ``versions/``.
"""
