"""Tests of the compliance lint.

May import what the package imports and the corpora.
"""
