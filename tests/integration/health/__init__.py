"""Accounts that fall ill and get well: hand-over really fails, the watch really looks.

Start reading at `test_accounts`.
"""
