"""SMS lines with a real store: extension codes, filed signatures by carrier, hours.

Start reading at `test_lines`.
"""
