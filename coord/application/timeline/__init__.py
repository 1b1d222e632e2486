"""The timeline of a child."""
