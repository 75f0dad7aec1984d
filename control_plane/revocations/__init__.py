"""What opens nothing any more: kept as rows, told to edges over a Redis stream."""
