"""What a channel and a provider carry: lengths, characters, filed texts with variables, fields of platform templates.

Pure: imports nothing of ours but `wenhou.core`. Start with `check.check_limits`.
"""
