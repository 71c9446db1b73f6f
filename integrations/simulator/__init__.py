"""The pretend provider of demo and tests: a sender and parser like any other, and the server that plays the
customers.

May import `wenhou.core` and `integrations`. Start reading at `magic.py`, then `sender.py` and `server.py`.
"""
