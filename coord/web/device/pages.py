"""What a device is given: the key of its person, the service worker, and pages for when Coord cannot be reached."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from coord.office.accounts import LANGUAGES
from coord.web.kit.device import HEADER, owner_of, seals_of
from coord.web.visit import require_actor

pages = Blueprint("device", __name__)

KINDS = ("note", "goal", "pupils", "session")
"""The forms whose last page is kept, to be read without a connection (``data-coord-keep``)."""
STATES = ("away", "signed-out", "not-ended")
"""Why a page is not there: Coord is out of reach; the sign-in has ended too; it was to end, and Coord was not told."""
_NOT_KEPT = {".txt", ".png"}
_NEEDED_BY_NO_FORM = {"built/goals.js", "built/worker.js"}


@pages.get("/account/device-key")
def key() -> ResponseReturnValue:
    """The keys of the person who is signed in, for a script of ours alone: no page shows them, and another site's
    script can neither send the header nor read the answer."""
    actor = require_actor()
    if HEADER not in request.headers:
        abort(404)
    further = actor.role.value if actor.further else ""
    return jsonify(person=owner_of(actor), seals=seals_of(actor.person_id, further))


@pages.get("/worker.js")
def worker() -> Response:
    """The service worker, at the root because it stands in for every page; it is another one whenever a file is."""
    response = Response(_worker(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@cache
def _worker() -> str:
    folder = Path(str(current_app.static_folder))
    url = cast("Callable[[str], str]", current_app.jinja_env.globals["static_url"])
    script = (folder / "built/worker.js").read_text()
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    files = [url(name) for name in names if Path(name).suffix not in _NOT_KEPT and name not in _NEEDED_BY_NO_FORM]
    said = "".join(offline(language, state).get_data(as_text=True) for language in LANGUAGES for state in STATES)
    known = {
        "cache": f"coord-{hashlib.sha256((script + said + str(files)).encode()).hexdigest()[:16]}",
        "files": files,
        "policy": current_app.extensions["coord-policy"],
        "kinds": KINDS,
        "languages": LANGUAGES,
    }
    return f"self.COORD = {json.dumps(known)};\n{script}"


@pages.get('/offline/<any(en, it):language>/<any(away, "signed-out", "not-ended"):state>')
def offline(language: str, state: str) -> Response:
    """What stands for a page that is not on the device while Coord cannot be reached. It has nobody's name on it."""
    with force_locale(language):
        nobody = {"current_actor": None, "navigation": (), "languages": (), "health_url": None, "home_url": "/"}
        page = render_template("device/offline.html", state=state, current_language=language, **nobody)
    return make_response(page)
