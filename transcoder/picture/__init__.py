"""Decoded pictures to the rungs' encoded ones, on the film's grid."""
