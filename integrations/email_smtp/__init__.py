"""Mail out over SMTP; bounces and answers in, as a signed push of the raw mail.

May import `wenhou.core` and `integrations`. Start reading at `sender.py`; inbound at `parser.py`.
"""
