"""Rulings on time, run where their answer is recorded."""

from activities.windows.activities import WindowsActivities

__all__ = ["WindowsActivities"]
