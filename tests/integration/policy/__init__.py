"""The gates against real, migrated stores: facts, limits of platforms, hand-over.

May import anything; start at ``test_facts.py``.
"""
