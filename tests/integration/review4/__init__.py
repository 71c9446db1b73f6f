"""Promises of the words customers read, tried by somebody who meant them ill.

May import tests' factories and towns. Start reading at `test_rules_promises.py`.
"""
