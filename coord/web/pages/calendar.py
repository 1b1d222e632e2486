"""The calendar feed: its address, and the feed."""

from __future__ import annotations

from flask import Blueprint

from coord.domain.errors import NotFound

pages = Blueprint("calendar", __name__)


@pages.get("/calendar")
def show() -> str:
    """The addresses of my calendar feed."""
    raise NotFound
