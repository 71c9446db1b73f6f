"""Mail in: raw mails into provider events, and the two ways that fetch them (IMAP, LMTP).

May import `wenhou.core` and `integrations`. Start reading at `verdicts.py`; listeners at `imap.py` and `lmtp.py`.
"""
