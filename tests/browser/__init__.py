"""The pages in a real Chromium.

May import the demo. Needs Chromium; says so when it is missing. Start at ``conftest.py``.
"""
