"""What will be made of a source and what it costs: pure decisions."""
