"""Campaigns in a store: who may move them from draft to the end, and what each move does to what waits."""
