"""How runs are steered: waves, mourning, seeds, service plans, lateness, to-dos.

May import everything. Start at ``world.py``.
"""
