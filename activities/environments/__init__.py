"""Environments that come and go: one provisioner for each type that a template may name."""

from activities.environments.activities import EnvironmentsActivities

__all__ = ["EnvironmentsActivities"]
