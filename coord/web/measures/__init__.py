"""Measures: pages and API."""
