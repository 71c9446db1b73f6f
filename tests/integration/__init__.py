"""Tests against real migrated databases and real servers on loopback.

May import anything. Runs on SQLite and on PostgreSQL. Start at ``conftest.py``.
"""
