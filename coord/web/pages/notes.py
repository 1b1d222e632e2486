"""Pages of the area "notes"."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("notes", __name__)
