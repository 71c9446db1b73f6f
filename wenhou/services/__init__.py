"""One function per act: opens the unit of work, checks the right, writes row, event and audit.

May import ``store``, ``templates`` and ``wenhou.core``. Start at ``approvals.py``.
"""
