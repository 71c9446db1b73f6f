"""A forecast and the planning it foretells.

On both databases.
"""
