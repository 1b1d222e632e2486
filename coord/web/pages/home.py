"""Pages of the area "home"."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("home", __name__)


@pages.get("/")
def show() -> str:
    """Placeholder until the area is written."""
    return ""
