"""Groups: my sessions of this week, the courses of the service team, one course with who is in it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from coord.domain.errors import NotFound

pages = Blueprint("groups", __name__)


@pages.get("/groups")
def index() -> str:
    """My sessions of a week, and the courses of the team."""
    raise NotFound


@pages.get("/groups/new")
def new() -> str:
    """A form for a new course."""
    raise NotFound


@pages.get("/groups/<uuid:course_id>")
def show(course_id: UUID) -> str:
    """One course; with its children for who may know them."""
    raise NotFound


@pages.get("/groups/<uuid:course_id>/enrol")
def enrol(course_id: UUID) -> str:
    """Whether the course fits a child, and a place."""
    raise NotFound
