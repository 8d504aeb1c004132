"""Who somebody is, how that is proved, and what they may not do besides."""
