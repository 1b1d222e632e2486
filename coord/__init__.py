"""Coord: event-sourced coordination of the people around a child in therapy."""
