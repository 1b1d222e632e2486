"""Templates of notes: drawn up by the lead of a service team, written in by its people."""
