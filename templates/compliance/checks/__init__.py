"""What no pattern can express: one function a check, named in the rule file by `check:`.

May import `templates.compliance.reading` and what that imports. Start reading at `registry.py`.
"""
