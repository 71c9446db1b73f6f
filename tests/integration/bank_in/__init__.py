"""What comes from the bank's other systems: risk events, corrections, feeds, contacts, dates to be asked about.

Both databases, the real services; start at `test_risk_events.py`.
"""
