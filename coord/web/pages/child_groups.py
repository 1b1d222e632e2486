"""The groups of one child: attendance, aims, messages; and what the child copes with."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from coord.domain.errors import NotFound

pages = Blueprint("child_groups", __name__)


@pages.get("/children/<uuid:case_id>/groups")
def index(case_id: UUID) -> str:
    """The groups of the child."""
    raise NotFound


@pages.get("/children/<uuid:case_id>/profile")
def profile(case_id: UUID) -> str:
    """A form for what the child copes with."""
    raise NotFound
