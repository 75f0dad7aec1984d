"""Viewers who ask to become creators, and what they are told."""
