"""Tests of single modules, mirroring the tree.

May import the module under test. No database, no network. Start at ``core``.
"""
