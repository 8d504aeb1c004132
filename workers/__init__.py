"""Processes that run stories and activities."""
