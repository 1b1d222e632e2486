"""What waits for somebody, in pages and API."""
