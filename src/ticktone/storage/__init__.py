"""Where files lie, and how they are replaced."""
