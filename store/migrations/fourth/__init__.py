"""The parts of revision 0004, one file an area; imports alembic and sqlalchemy only.

Start reading at `store.migrations.versions.0004_channels`.
"""
