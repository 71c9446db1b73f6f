"""What the second revision adds, an area a module: who, when and whether.

May import SQLAlchemy and Alembic, never the models. Start at ``planning.py``.
"""
