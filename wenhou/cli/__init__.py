"""The command line: arguments in, one service called, a table or JSON out.

May import ``wenhou.bootstrap`` and ``wenhou.services``; holds no rules. Start at ``app.py``.
"""
