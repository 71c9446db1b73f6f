"""Deciding, gate by gate and together.

May import anything. Mirrors the tree.
"""
