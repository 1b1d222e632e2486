"""The bare Flask app that everything is counted in: a *hello*."""

from __future__ import annotations

from flask import Flask


def bare() -> Flask:
    """One small GET."""
    app = Flask("bare")

    @app.get("/")
    def show() -> dict[str, str]:
        return {"status": "ok"}

    return app
