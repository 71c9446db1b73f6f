"""What an outcome does to its message.

May import anything. Mirrors the tree.
"""
