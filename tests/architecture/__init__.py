"""House rules as tests: layers, sizes, locks, packaging, words that must not appear.

Imports nothing of ours but reads all of it. Start at ``sources.py``.
"""
