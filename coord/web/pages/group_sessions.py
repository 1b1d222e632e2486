"""One session of a course: planned, printed, run, recorded, corrected."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from coord.domain.errors import NotFound

pages = Blueprint("group_sessions", __name__)


@pages.get("/groups/<uuid:course_id>/sessions/<int:number>")
def show(course_id: UUID, number: int) -> str:
    """One session: its plan, and what was recorded."""
    raise NotFound


@pages.get("/groups/<uuid:course_id>/sessions/<int:number>/plan")
def plan(course_id: UUID, number: int) -> str:
    """A form for the plan."""
    raise NotFound


@pages.get("/groups/<uuid:course_id>/sessions/<int:number>/run")
def run(course_id: UUID, number: int) -> str:
    """The page to record with, standing."""
    raise NotFound
