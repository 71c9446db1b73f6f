"""The console over HTTP, in one process with its store.

May import anything. Start at ``test_pages.py``.
"""
