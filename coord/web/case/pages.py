"""A child's details and care team, under one name."""

from coord.web.case import care_team, details  # their addresses are this area's
from coord.web.case.page import pages

__all__ = ["care_team", "details", "pages"]
