"""A transcode job's life: queued, leased, watched, retried, published."""
