"""Campaign documents, without a store.

What is refused and where it is said, and that what is written reads back the same.
"""
