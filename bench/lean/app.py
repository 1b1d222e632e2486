"""The lean app: who is asking, and what every page and answer has."""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, Response, abort, current_app, redirect, render_template, request, session
from sqlalchemy import Connection, Row, bindparam, select, true
from werkzeug.exceptions import HTTPException

from bench.lean import words
from bench.lean.tables import CHANGES, CHILDREN, METADATA, PEOPLE, TEAM, TOKENS, opened

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
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
PERSON = ASKING.where(PEOPLE.c.id == bindparam("id"))
PERSON_ABOUT = ABOUT.where(PEOPLE.c.id == bindparam("id"))
TOKEN_ABOUT = ABOUT.join(TOKENS, TOKENS.c.person == PEOPLE.c.id).where(
    TOKENS.c.hash == bindparam("hash"), TOKENS.c.expires > bindparam("now")
)
BY_EMAIL = select(PEOPLE).where(PEOPLE.c.email == bindparam("email"), PEOPLE.c.active)


def lean(url: str, secret: str) -> Flask:
    """The app, over the database at ``url``."""
    from bench.lean import notes, pages

    app = Flask(__name__, static_url_path="/static")
    app.secret_key = secret
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
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
    return lean(os.environ["BENCH_LEAN_URL"], os.environ["BENCH_LEAN_SECRET"])


def asking() -> Connection:
    """A connection to read by."""
    connection: Connection = current_app.extensions["lean"].connect()
    return connection


def finished(response: Response) -> Response:
    """Headers, and gzip for who takes it."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "gzip" in request.headers.get("Accept-Encoding", "") and not response.direct_passthrough:
        response.set_data(gzip.compress(response.get_data(), 5))
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response


# ---- by page


def signed_in(connection: Connection, child: UUID | None = None) -> Row[Any]:
    """Who has signed in, with the child they ask about; anybody else is led to the sign-in."""
    found = None
    if "person" in session:
        asked = {"id": session["person"]} | ({"child": str(child)} if child else {})
        found = connection.execute(PERSON_ABOUT if child else PERSON, asked).first()
    if found is None:
        raise HTTPException(response=redirect("/sign-in", 303))
    return found if child is None else with_child(found)


def with_child(found: Row[Any]) -> Row[Any]:
    """The same, unless the child is none of theirs."""
    if found.child is None:
        abort(404)
    return found


def csrf_token() -> str:
    """What a form must bring back."""
    if "csrf_token" not in session:
        session["csrf_token"] = secrets.token_urlsafe(32)
    token: str = session["csrf_token"]
    return token


def check_form() -> None:
    """Refuse a form of another site."""
    if not secrets.compare_digest(request.form.get("csrf_token", ""), csrf_token()):
        abort(400)


def sign_in() -> Any:
    """By email and password."""
    if request.method == "GET":
        return render_template("sign_in.html", email="", wrong="")
    check_form()
    email = request.form.get("email", "").strip().lower()
    with asking() as connection:
        person = connection.execute(BY_EMAIL, {"email": email}).first()
    try:
        PasswordHasher().verify(person.password if person else "", request.form.get("password", ""))
    except (InvalidHashError, VerificationError):
        return render_template("sign_in.html", email=email, wrong="Email address or password is wrong."), 422
    assert person
    session.clear()
    session["person"] = person.id
    csrf_token()
    return redirect("/", 303)


def sign_out() -> Any:
    """Forget who it was."""
    check_form()
    session.clear()
    return redirect("/sign-in", 303)


# ---- by API


def bearer(connection: Connection, child: UUID) -> Row[Any]:
    """Whose token it is, with the child they ask about."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    asked = {"hash": hash_of(token), "now": datetime.now(UTC), "child": str(child)}
    found = connection.execute(TOKEN_ABOUT, asked).first()
    if found is None:
        abort(answer({"code": "token-invalid"}, 401))
    return with_child(found)


def hash_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def answer(body: Any, status: int = 200) -> Response:
    """As JSON."""
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status, content_type="application/json")
