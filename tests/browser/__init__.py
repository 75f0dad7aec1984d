"""Tests of the pages in a real Chromium, against the running whole."""
