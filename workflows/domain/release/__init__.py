"""A release: what is ordered, planned, promoted and undone, and where it stands."""
