"""What can be said of a release before it starts."""
