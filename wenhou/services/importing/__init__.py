"""Customers from the bank's files: CSV and XLSX, compared with what stands, written by the chunk.

Imports the store and the kernel. Start at ``run.py``; a file is read by ``tables.py``, a cell by ``cells.py``.
"""
