"""Defects that a hostile reading found, each held by the test that proved it.

May import the worlds of planning, hand-over and hearing beside it. Start at ``test_handover_promises.py``.
"""
