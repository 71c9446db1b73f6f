"""What providers and customers call: callbacks, feedback page, preferences, complaint page.

May import ``wenhou.services`` and what lies below, never ``integrations``. Start at ``webhooks/blueprint.py``.
"""
