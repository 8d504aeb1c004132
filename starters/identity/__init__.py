"""Signing in, and proving who says something."""
