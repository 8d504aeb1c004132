"""Environments as Temporal itself knows them: which live, what they say, and ending one."""
