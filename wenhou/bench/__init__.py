"""Measuring: how fast the main walk is on this machine, each figure beside the limit it cannot pass.

May import everything but integrations' insides. Start at ``wenhou/cli/bench.py``.
"""
