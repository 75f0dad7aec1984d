"""Poster, candidates and storyboard, from our own lowest rung."""
