"""The hand-over on real databases, with senders that count and the simulator over loopback.

May import anything. Mirrors the tree.
"""
