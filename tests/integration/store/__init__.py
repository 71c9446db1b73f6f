"""The customer store on real databases, SQLite and PostgreSQL.

May import everything. Start at ``test_migrate.py``.
"""
