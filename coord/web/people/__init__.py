"""People and their access: pages and API."""
