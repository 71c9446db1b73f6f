"""A generic HTTP SMS gateway: what banks' own SMS platforms and aggregators speak, described by settings
alone.

May import `wenhou.core` and `integrations`. Start reading at `profile.py` (the language), then `sender.py`,
`parser.py`.
"""
