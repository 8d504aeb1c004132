"""Every boundary of a story, one file each: asks, answers, and the port that joins them."""
