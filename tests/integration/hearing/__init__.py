"""Hearing: callbacks taken in, words understood, effects seen.

Start with ``test_opt_out.py``; may import everything.
"""
