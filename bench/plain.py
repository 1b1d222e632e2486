"""What Coord is measured against: a bare Flask app, and a CRUD app as a good engineer would write one in a day.

The CRUD app has one table, the same page and the same durability (WAL with synchronous=FULL, or PostgreSQL's default),
and neither sign-in nor permissions nor audit nor versions.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from flask import Flask, Response, render_template, request
from flask_babel import Babel
from sqlalchemy import Column, Index, MetaData, Table, Text, Uuid, create_engine, event, insert, select

from coord.columns import Document, Instant
from coord.web.labels import label
from coord.web.layout import init_layout

METADATA = MetaData()
NOTES = Table(
    "notes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("child_id", Uuid, nullable=False),
    Column("author", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("setting", Text, nullable=False),
    Column("observed_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sections", Document, nullable=False),
)
Index("notes_page", NOTES.c.child_id, NOTES.c.observed_at.desc())


def bare() -> Flask:
    """One small GET."""
    app = Flask("bare")

    @app.get("/")
    def show() -> dict[str, str]:
        return {"status": "ok"}

    return app


def crud() -> Flask:
    """Post a note, list the newest twenty as JSON and as the page that Coord shows."""
    url = os.environ["BENCH_URL"]
    engine = create_engine(url, pool_size=8)
    if url.startswith("sqlite"):

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA busy_timeout=30000")

    METADATA.create_all(engine)
    app = Flask("crud", template_folder=os.environ["BENCH_TEMPLATES"], static_folder=os.environ["BENCH_STATIC"])
    app.secret_key = "bench"  # noqa: S105
    init_layout(app)
    Babel(app, locale_selector=lambda: "en_GB", timezone_selector=lambda: "Europe/Rome")
    app.jinja_env.globals |= {"label": label, "csrf_token": lambda: "token"}

    @app.post("/children/<uuid:child>/notes")
    def create(child: UUID) -> Response:
        body = request.get_json()
        note = {
            "id": uuid4(),
            "child_id": child,
            "author": body["author"],
            "format": body["format"],
            "setting": body["setting"],
            "observed_at": datetime.fromisoformat(body["observed_from"]),
            "created_at": datetime.now(UTC),
            "sections": body["sections"],
        }
        with engine.begin() as connection:
            connection.execute(insert(NOTES).values(note))
        return Response(orjson.dumps({"id": note["id"]}), status=201, content_type="application/json")

    def newest(child: UUID) -> list[dict[str, Any]]:
        query = select(NOTES).where(NOTES.c.child_id == child).order_by(NOTES.c.observed_at.desc()).limit(20)
        with engine.connect() as connection:
            return [dict(r) for r in connection.execute(query).mappings()]

    @app.get("/children/<uuid:child>/notes.json")
    def as_json(child: UUID) -> Response:
        return Response(orjson.dumps({"items": newest(child)}), content_type="application/json")

    @app.get("/children/<uuid:child>")
    def page(child: UUID) -> str:
        return render_template("crud.html", items=newest(child), child=child)

    return app


bare_app = bare
crud_app = crud
