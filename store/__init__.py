"""The customer store: the only place that knows SQLAlchemy.

May import ``wenhou.core`` alone. Start at ``store/models`` and ``store/uow.py``.
"""
