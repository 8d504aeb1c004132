"""Environments at the front door: asked for, followed, told, compared and counted."""
