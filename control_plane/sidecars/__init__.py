"""What creators add to a film that is there: captions as files, and another poster."""
