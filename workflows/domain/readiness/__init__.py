"""Is everybody ready: the dossier, the review of it, and the runbook people go by."""
