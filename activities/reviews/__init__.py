"""What people say of runbooks, and the dossiers of readiness reviews, in the ledger."""

from activities.reviews.activities import ReviewsActivities

__all__ = ["ReviewsActivities"]
