"""Rulings of the domain, run where their answer is recorded."""
