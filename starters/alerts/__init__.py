"""Alerts that are pushed, and handed on to the releases that they are about."""
