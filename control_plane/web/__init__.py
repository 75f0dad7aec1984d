"""The pages viewers see."""
