"""A child's details and care team, under one name."""

from coord.web.case import alerts, care_team, details, overview  # their addresses are this area's
from coord.web.case.page import pages

__all__ = ["alerts", "care_team", "details", "overview", "pages"]
