"""What came of releases, in the ledger."""

from activities.outcomes.activities import OutcomesActivities

__all__ = ["OutcomesActivities"]
