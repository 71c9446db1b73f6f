"""Audiences, tiers and tags against real, migrated stores.

May import anything; start at ``test_agreement.py``.
"""
