"""Tests of the running whole, driven from outside."""
