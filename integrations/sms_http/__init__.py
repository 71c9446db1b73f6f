"""A generic HTTP SMS gateway: what banks' own SMS platforms speak, described by settings.

May import `wenhou.core` and `integrations`. Start reading at `profile.py` (the language), then `sender.py`,
`parser.py`.
"""
