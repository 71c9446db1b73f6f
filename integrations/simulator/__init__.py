"""The pretend provider of demo and tests: sender, parser and the server that plays the customers.

May import `wenhou.core` and `integrations`. Start reading at `magic.py`, then `sender.py` and `server.py`.
"""
