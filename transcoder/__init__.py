"""The transcoder: turns one source into one immutable asset; it has no database."""
