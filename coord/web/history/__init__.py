"""Who did and who saw what: pages and API."""
