"""Rego, evaluated in a process of its own: bounded in time and memory, without a way out."""
