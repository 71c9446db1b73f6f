"""The pretend bank: its customers, its day, and what a visitor may break without harm.

May import everything. Start at the command `wenhou demo`.
"""
