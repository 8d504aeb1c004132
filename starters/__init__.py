"""Front doors: what people and pipelines use; they need a Temporal address and nothing else."""
