"""Campaigns in a store, on both databases.

Who may move them from draft to the end, and what each move does to what waits.
"""
