"""The edge: verifies playback tokens and sends media, with every other service down if need be."""
