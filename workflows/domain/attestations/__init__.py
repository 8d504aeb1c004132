"""Evidence that is bound to a build: what it says, who signed it, and whether it is enough."""
