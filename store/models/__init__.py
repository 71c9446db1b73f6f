"""The tables, one module an aggregate: typed SQLAlchemy models and their constraints.

May import ``store.types`` and ``wenhou.core``. Start at ``base.py``, then ``messages.py``.
"""
