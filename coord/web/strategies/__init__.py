"""Strategies: pages and API."""
