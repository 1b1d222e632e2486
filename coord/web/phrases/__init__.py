"""Phrases on the pages and by the API."""
