"""How a message leaves and how a provider's dialect comes back: one folder a provider, translation only.

May import ``wenhou.core`` alone; only ``wenhou.bootstrap`` imports it. Start at ``integrations/registry.py``.
"""
