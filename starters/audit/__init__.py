"""Reading, exporting and verifying the audit record."""
