"""The clock: what is due, for whom, whether it may go, and handing it over.

May import ``wenhou.services`` and what lies below, never ``integrations``. Start at ``scheduler/planning.py``.
"""
