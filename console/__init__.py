"""What staff use: pages rendered on the server.

May import ``wenhou.services`` and what lies below, never ``integrations``. Start at ``console/app.py``.
"""
