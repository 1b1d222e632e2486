"""The timeline of a child: pages and API."""
