"""What Temporal starts by the clock: declared in files, compared with it, and made so."""
