"""A child's case, care team and circle."""
