"""Imports of customers.

Reading and mapping need no store (unit); comparing and writing run on both databases (integration).
"""
