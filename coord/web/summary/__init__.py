"""The school summary: pages and API."""
