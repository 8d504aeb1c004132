"""Looking at releases through Temporal itself: which ended, and what they left undone."""
