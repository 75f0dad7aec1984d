"""Captions and chapters, from files beside the film and tracks in it."""
