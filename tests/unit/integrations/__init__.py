"""Adapters without a network: what they write and how they read."""
