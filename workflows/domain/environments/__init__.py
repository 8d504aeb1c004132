"""Environments that come and go: their lease, price, census, phases, and how one is asked for."""
