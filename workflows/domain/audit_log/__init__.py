"""One tree over every record of every chain, and what can be proved to somebody who has none."""
