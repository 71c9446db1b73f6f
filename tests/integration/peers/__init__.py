"""The real servers of the tests themselves: they start, do what tests of channels need of them, and end.

May import ``tests.peers``. Start at the smoke tests.
"""
