"""Every ruling on a release, whole, in the ledger."""

from activities.decision_log.activities import DecisionLogActivities

__all__ = ["DecisionLogActivities"]
