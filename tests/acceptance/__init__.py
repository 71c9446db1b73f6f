"""Stories told from the outside, driven by the clock, killed and restarted.

May import anything. Start at the walk from import to reply.
"""
