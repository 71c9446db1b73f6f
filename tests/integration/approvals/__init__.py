"""Approvals: hash, rights, two persons, edits, undo."""
