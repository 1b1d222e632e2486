"""What Coord is measured against: a CRUD app as a good engineer would write one in a day.

It has one table, the same page and the same durability (WAL with synchronous=FULL, or PostgreSQL's default),
and neither sign-in nor permissions nor audit nor versions.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import orjson
from flask import Flask, Response, render_template, request
from flask_babel import Babel
from sqlalchemy import Column, Index, MetaData, Table, Text, Uuid, insert, select

from bench import plain_courses, plain_goals
from bench.lean.tables import opened
from bench.plain_courses import add_courses
from bench.plain_goals import add_goals
from coord.application.shown import Shown
from coord.columns import Document, Instant
from coord.web.layout import init_layout
from coord.web.pages import WORDS
from coord.web.spelling import init_spelling
from coord.web.timeline import rows as timeline_rows
from coord.web.timeline import search as timeline_search

ZONE = ZoneInfo("Europe/Rome")
ENDPOINTS = (
    "home.show",
    "timeline.show",
    "children.team",
    "children.overview",
    "children.alerts",
    "summaries.show",
    "notes.new",
    "notes.show",
    "audit.child",
    "child_groups.index",
)
MEMBERS = [{"person_id": uuid4(), "name": name, "relation": "occupational-therapist"} for name in ("Ada", "Ben")]
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


def crud() -> Flask:
    """Post a note, list the newest twenty as JSON and as the page that Coord shows."""
    engine = opened(os.environ["BENCH_URL"])
    METADATA.create_all(engine)
    app = Flask("crud", template_folder=os.environ["BENCH_TEMPLATES"], static_folder=os.environ["BENCH_STATIC"])
    app.secret_key = "bench"
    init_layout(app, Path(os.environ["BENCH_COMPILED"]))
    Babel(app, locale_selector=lambda: "en_GB", timezone_selector=lambda: ZONE.key)
    init_spelling(app, ZONE)
    app.jinja_env.globals |= {**WORDS, "csrf_token": lambda: "token"}
    for endpoint in {*ENDPOINTS, *plain_goals.ENDPOINTS, *plain_courses.ENDPOINTS}:  # where the page's links lead to
        app.add_url_rule(f"/to/{endpoint}", endpoint=endpoint)

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
        """The very template of Coord's timeline, with as many rows and the same presentation work."""
        form = timeline_search.SEARCH.asked()
        timeline_search.offer_authors(form, MEMBERS)
        rows = timeline_rows.Rows({})
        entries = [rows.row(_as_entry(note)) for note in newest(child)]
        return render_template(
            "timeline/show.html",
            form=form,
            case_id=child,
            preferred_name="Bench",
            role="therapist",
            teacher=False,
            leads=False,
            shown=Shown(1, datetime.now(UTC)),
            closed=False,
            months=timeline_rows.by_month(entries, ZONE),
            first_new=None,
            visited=None,
            unfolded=False,
            further_down=(),
            older="/older",
            newest={},
            paging=False,
            added=False,
            as_of=None,
            active=[],
            unfiltered="/",
            done="",
            **AROUND,
        )

    add_goals(app, engine, AROUND)
    add_courses(app, engine, AROUND)
    return app


AROUND = {
    "current_language": "en",
    "languages": (("en", "English"), ("it", "Italiano")),
    "language_url": "/language",
    "home_url": "/",
    "current_actor": {"name": "Ada Bench", "role": "Therapist"},
    "account_url": "/account",
    "sign_out_url": "/sign-out",
    "navigation": [{"href": "/", "text": "Home", "current": False}],
}
"""What the base of every page asks for."""


def _as_entry(note: dict[str, Any]) -> dict[str, Any]:
    at = note["created_at"]
    return {
        "kind": "note",
        "case_id": note["child_id"],
        "subject_id": None,
        "entry_id": note["id"],
        "author_id": None,
        "author_name": note["author"],
        "role": "therapist",
        "discipline": "ot",
        "audience": "care-team",
        "status": "signed",
        "format": note["format"],
        "setting": note["setting"],
        "observed_from": note["observed_at"],
        "observed_to": note["observed_at"],
        "recorded_at": at,
        "signed_at": at,
        "received_at": at,
        "version": 1,
        "text_version": 1,
        "sections": note["sections"],
        "present": [],
        "addenda": [],
        "detail": {},
        "late": False,
        "ratings": [],
        "new": False,
    }


crud_app = crud
