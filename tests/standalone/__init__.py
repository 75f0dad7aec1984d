"""Tests of `standalone`."""
