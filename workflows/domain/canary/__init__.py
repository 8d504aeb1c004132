"""Judging a canary against its baseline: counts in, verdict out."""
