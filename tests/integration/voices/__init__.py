"""Advisors' voices, filed texts and what an editor may change on lines that carry nothing else.

Start reading at `test_voices.py`.
"""
