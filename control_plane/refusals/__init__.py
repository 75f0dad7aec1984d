"""What edges refused and why, kept for a while, so that somebody can be told."""
