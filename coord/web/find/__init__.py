"""One search for everything: pages and API."""
