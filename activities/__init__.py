"""The effectful half: one folder for each port, one file for each outside system."""
