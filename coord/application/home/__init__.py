"""The first page: one's children, and what waits."""
