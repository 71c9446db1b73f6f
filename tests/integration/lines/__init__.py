"""SMS lines with a real store: extension codes, filed signatures, hours."""
