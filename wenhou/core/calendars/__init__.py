"""Days: lunar dates, solar terms, festivals, personal dates, workdays, and reading dates people write.

Imports nothing of ours outside this package. Start at ``festivals.py`` and ``personal.py`` (who is due).
"""
