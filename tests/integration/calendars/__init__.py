"""The operator's calendar in the store and as a feed.

Start with ``test_editions.py``; may import everything.
"""
