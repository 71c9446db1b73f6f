"""Deciding whether a message may leave: pure, every gate always run, every verdict kept (DESIGN §7).

Imports nothing but wenhou.core. Start reading at `decide.py`, then `gates.py`.
"""
