"""The rules by which a customer's words are understood: pure, table-driven, linear in the text.

Imports the standard library and `wenhou.core.purposes`.
Start reading at `wenhou.core.inbound`, the only door to this package.
"""
