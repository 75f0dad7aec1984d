"""Calls that create something and may be sent again: answered once more, not done once more."""
