"""Policies: pages and API."""
