"""Decoded sound to AAC, aligned with the pictures and of one loudness."""
