"""Notes: pages and API."""
