"""Planning against real, migrated stores.

May import anything; start at ``test_planning.py``.
"""
