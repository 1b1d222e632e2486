"""Goals: pages and API."""
