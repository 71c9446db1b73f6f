"""What other systems use: ``/api/v1`` and its OpenAPI description.

May import ``wenhou.services`` and what lies below, never ``integrations``. Start at ``api/app.py``.
"""
