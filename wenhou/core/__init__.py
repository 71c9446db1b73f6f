"""The pure kernel: statuses, policy, calendars, contracts. It decides and does nothing else.

Imports nothing of ours and no framework. Start at ``statuses.py`` and ``policy.py``.
"""
