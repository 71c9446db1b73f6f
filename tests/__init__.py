"""Everything that tries to break the promises of the engine.

May import anything. Start at ``conftest.py``, then ``acceptance``.
"""
