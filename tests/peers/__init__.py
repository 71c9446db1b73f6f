"""Real servers for tests (Postfix, Dovecot, Kannel): private instances on loopback, ended by their own process id.

May import ``tests.ports`` and nothing of ours. Start at ``process.py``, then the one that is needed.
"""
