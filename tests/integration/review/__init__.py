"""Defects a hostile reading found, each held by the test that proved it."""
