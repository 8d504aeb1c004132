"""Synthetic journeys: what a person writes, what is run, and what is told of it."""
