"""Words that offer something: opinions of consumer protection, advice cards and published rates.

On both databases.
"""
