"""The deterministic half: what a release is, decides and says."""
