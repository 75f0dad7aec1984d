"""The media store behind one small interface: a local directory here, an object store elsewhere."""
