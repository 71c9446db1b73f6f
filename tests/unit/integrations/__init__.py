"""Adapters without a network: what they write and how they read.

May import `integrations` and `wenhou.core`. Start at the adapter's own name.
"""
