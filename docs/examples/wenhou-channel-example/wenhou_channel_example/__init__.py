"""A channel of one's own for Wenhou: a pretend SMS relay.

May import `wenhou.core` and `integrations`. Start at `provider.py`.
"""
