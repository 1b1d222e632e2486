"""The library of activities: pages and API."""
