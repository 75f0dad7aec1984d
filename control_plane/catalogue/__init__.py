"""What exists: videos and the assets they play."""
