"""What of the store needs no database: sealing, partitions' bounds, the chain of the audit.

May import everything. Start at ``test_vault.py``.
"""
