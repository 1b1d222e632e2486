"""The lean app: who is asking, and what every page and answer has."""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, Response, abort, current_app, g, redirect, render_template, request
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, true
from werkzeug.exceptions import HTTPException

from bench.lean import words
from bench.lean.tables import CHANGES, CHILDREN, METADATA, PEOPLE, TEAM, TOKENS, opened

HEADERS = [
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
]
COOKIE, SIGNED_IN_FOR = "lean", timedelta(hours=12)
HEAD = select(CHANGES.c.position, CHANGES.c.at).order_by(CHANGES.c.position.desc()).limit(1).subquery()
ASKING = select(PEOPLE, HEAD).select_from(PEOPLE).join(HEAD, true()).where(PEOPLE.c.active)
"""Who asks, and up to which change they will be shown everything."""
ABOUT = (
    ASKING.add_columns(CHILDREN.c.id.label("child"), CHILDREN.c.name.label("preferred_name"))
    .add_columns(CHILDREN.c.full_name, CHILDREN.c.born)
    .outerjoin(TEAM, (TEAM.c.person == PEOPLE.c.id) & (TEAM.c.child == bindparam("child")))
    .outerjoin(CHILDREN, CHILDREN.c.id == TEAM.c.child)
)
"""And the child they ask about, if they are on its care team."""
ME, ME_ABOUT = (
    of.join(TOKENS, TOKENS.c.person == PEOPLE.c.id).where(
        TOKENS.c.hash == bindparam("hash"), TOKENS.c.expires > bindparam("now")
    )
    for of in (ASKING, ABOUT)
)
BY_EMAIL = select(PEOPLE).where(PEOPLE.c.email == bindparam("email"), PEOPLE.c.active)


def lean(url: str) -> Flask:
    """The app, over the database at ``url``."""
    from bench.lean import notes, pages

    app = Flask(__name__, static_url_path="/static")
    app.extensions["lean"] = opened(url)
    METADATA.create_all(app.extensions["lean"])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {name: word for name, word in vars(words).items() if not name.startswith("_")}
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.register_blueprint(pages.pages)
    app.register_blueprint(notes.api, url_prefix="/api/v1/cases/<uuid:case>")
    app.add_url_rule("/sign-in", view_func=sign_in, methods=["GET", "POST"])
    app.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"])
    app.after_request(finished)
    return app


def lean_app() -> Flask:
    """What gunicorn is given."""
    return lean(os.environ["BENCH_LEAN_URL"])


def asking() -> Connection:
    """A connection to read by."""
    connection: Connection = current_app.extensions["lean"].connect()
    return connection


def finished(response: Response) -> Response:
    """Headers, a cookie for who is new, and gzip for who takes it; files have their own."""
    if response.direct_passthrough:
        return response
    response.headers.extend(HEADERS)
    if "visitor" in g:
        response.set_cookie(COOKIE, g.visitor, httponly=True, samesite="Lax")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(response.get_data(), 5))
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response


def whose(connection: Connection, token: str, child: UUID | None) -> Row[Any] | None:
    """Who was given a token, with the child they ask about; 404, if it is none of theirs."""
    asked: dict[str, Any] = {"hash": hash_of(token), "now": datetime.now(UTC)}
    if child is None:
        return connection.execute(ME, asked).first()
    found = connection.execute(ME_ABOUT, asked | {"child": str(child)}).first()
    if found is not None and found.child is None:
        abort(404)
    return found


def hash_of(token: str) -> bytes:
    """What is kept of a token, of whichever purpose: its first word."""
    return hashlib.sha256(token.encode()).digest()


# ---- by page


def visitor() -> str:
    """What a browser is known by, in its cookie; signed in or not."""
    known: str = g.get("visitor") or request.cookies.get(COOKIE, "")
    if not known:
        known = g.visitor = secrets.token_urlsafe(32)
    return known


def csrf_token() -> str:
    """What a form must bring back: it cannot be known without the cookie, nor the cookie by it."""
    return hash_of(f"form {visitor()}").hex()


def check_form() -> None:
    """Refuse a form of another site."""
    if not secrets.compare_digest(request.form.get("csrf_token", ""), csrf_token()):
        abort(400)


def signed_in(connection: Connection, child: UUID | None = None) -> Row[Any]:
    """Who has signed in, with the child they ask about; anybody else is led to the sign-in."""
    found = whose(connection, f"session {visitor()}", child)
    if found is None:
        raise HTTPException(response=redirect("/sign-in", 303))
    return found


def sign_in() -> Any:
    """By email and password."""
    if request.method == "GET":
        return render_template("sign_in.html", email="", wrong="")
    check_form()
    email = request.form.get("email", "").strip().lower()
    with current_app.extensions["lean"].begin() as connection:
        person = connection.execute(BY_EMAIL, {"email": email}).first()
        try:
            PasswordHasher().verify(person.password if person else "", request.form.get("password", ""))
        except (InvalidHashError, VerificationError):
            return render_template("sign_in.html", email=email, wrong="Email address or password is wrong."), 422
        g.visitor = secrets.token_urlsafe(32)
        session = {"hash": hash_of(f"session {g.visitor}"), "person": person.id}
        connection.execute(insert(TOKENS), session | {"expires": datetime.now(UTC) + SIGNED_IN_FOR})
    return redirect("/", 303)


def sign_out() -> Any:
    """End the session."""
    check_form()
    with current_app.extensions["lean"].begin() as connection:
        connection.execute(delete(TOKENS).where(TOKENS.c.hash == hash_of(f"session {visitor()}")))
    return redirect("/sign-in", 303)


# ---- by API


def bearer(connection: Connection, child: UUID) -> Row[Any]:
    """Whose token it is, with the child they ask about."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    found = whose(connection, f"token {sent}", child)
    if found is None:
        abort(answer({"code": "token-invalid"}, 401))
    return found


def answer(body: Any, status: int = 200) -> Response:
    """As JSON."""
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status, content_type="application/json")
