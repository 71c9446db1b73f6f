"""Cards: taken in, approved, uploaded, and the mail that carries one.

Start reading at `test_cards`.
"""
