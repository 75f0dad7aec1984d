"""Tests for control_plane/sidecars."""
