"""Groups, their sessions and the calendar: pages and API."""
