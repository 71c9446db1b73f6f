"""The kill harness: a child process killed at labelled points, then counted.

May import anything. Run it with ``make crash``. Start at ``__main__.py``.
"""
