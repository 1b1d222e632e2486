"""Groups and their sessions: API."""
