"""May this release go: the facts, the class of the change, and the ruling."""
