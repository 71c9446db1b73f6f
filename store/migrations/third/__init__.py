"""The parts of revision 0003, one file an area; imports alembic and sqlalchemy only.

Start reading at `store.migrations.versions.0003_words`.
"""
