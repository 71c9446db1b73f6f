"""What people settle by hand, on real stores.

May import anything; start at ``test_reconciling.py``.
"""
