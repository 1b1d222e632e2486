"""Pages of the area "children"."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("children", __name__)
