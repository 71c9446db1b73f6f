"""What the first revision creates, a module for each module of ``store.models``.

May import SQLAlchemy and Alembic, never the models. Start at ``organisation.py``.
"""
