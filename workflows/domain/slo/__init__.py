"""OpenSLO objectives: read, turned into queries for one version, and into limits for it."""
