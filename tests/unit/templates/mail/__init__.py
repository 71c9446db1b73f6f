"""The mail around the words: skeletons, client rules, headers.

Mirrors `templates.mail`; start reading at `test_skeletons`.
"""
