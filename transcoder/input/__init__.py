"""A stranger's file is opened and read, and what is found in it becomes facts."""
