"""Pages of the area "summaries"."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("summaries", __name__)
