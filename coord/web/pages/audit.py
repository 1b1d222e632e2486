"""Pages of the area "audit"."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("audit", __name__)


@pages.get("/audit")
def team() -> str:
    """Placeholder until the area is written."""
    return ""
