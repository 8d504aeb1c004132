"""What gates cost, and the decision matrices that were published, in the ledger."""

from activities.gates.activities import GatesActivities

__all__ = ["GatesActivities"]
