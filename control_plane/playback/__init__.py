"""Playback sessions and the signed URLs that begin them."""
