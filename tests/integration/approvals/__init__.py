"""Approvals: hash, rights, two persons, edits, undo.

May import anything. Mirrors the services of approval; start at ``test_approvals.py``.
"""
