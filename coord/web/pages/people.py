"""Pages of the area "people"."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("people", __name__)


@pages.get("/people")
def index() -> str:
    """Placeholder until the area is written."""
    return ""
