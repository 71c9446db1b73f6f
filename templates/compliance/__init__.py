"""The compliance lint: rules as data, the fold that undoes tricks, checks that no pattern can express.

May import `wenhou.core` and nothing else of ours. Start reading at `lint.py`, then `rules.yaml`.
"""
