"""The API under /api/v1: the same doors, the same permissions, bearer tokens."""

from __future__ import annotations

from flask import Blueprint, Flask

from coord.application.services import Services


def init_api(app: Flask, services: Services) -> list[Blueprint]:
    """Register the API; the blueprints, for which cookies and so CSRF tokens mean nothing."""
    return []
