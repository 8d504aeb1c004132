"""Freezes that people declare, in the ledger."""

from activities.freezes.activities import FreezesActivities

__all__ = ["FreezesActivities"]
