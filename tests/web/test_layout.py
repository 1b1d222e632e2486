"""The page that all pages share: what it escapes, what it refuses to render, how its files are cached."""

import gzip
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, render_template, render_template_string
from flask.testing import FlaskClient
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import Environment, UndefinedError, nodes

from coord.web import layout
from coord.web.layout import init_layout
from coord.web.rendering import Templates
from coord.web.spelling import init_spelling

WEB = Path(layout.__file__).parent
STATIC = WEB / "static"


@pytest.fixture
def app():
    app = Flask("coord.web", root_path=str(WEB))
    app.secret_key = "only for this test"
    init_layout(app)
    Babel(app)
    init_spelling(app, ZoneInfo("Europe/Rome"))
    CSRFProtect(app)

    @app.get("/page")
    def page() -> str:
        return render_template_string('{% extends "base.html" %}{% block content %}<h1>Hello</h1>{% endblock %}')

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_no_page_leaves_a_day_to_the_date_field_of_the_browser():
    """It shows days in the browser's order, not in the reader's, and sends nothing of half a day: an end that somebody
    began to type would be no end."""
    for path in (WEB / "templates").rglob("*.html"):
        assert not re.search(r"""type["']?\s*[:=][^,>]*["']date["']""", path.read_text()), path.name


def test_every_page_asks_for_a_day_in_one_field():
    """A day in three fields is a second way to type one, and cannot be pasted."""
    for path in (WEB / "templates").rglob("*.html"):
        assert "dateInput" not in path.read_text(), path.name


def test_no_template_imports_what_it_does_not_use_and_no_macro_is_without_use(app: Flask):
    parsed = {name: app.jinja_env.parse(text) for name, text in templates().items()}
    imported = {name: imports_of(tree) for name, tree in parsed.items()}
    read = {name: {n.name for n in tree.find_all(nodes.Name) if n.ctx == "load"} for name, tree in parsed.items()}
    for name, tree in parsed.items():  # what a page imports is there for the pages that extend it
        for parent in tree.find_all(nodes.Extends):
            read.setdefault(parent.template.as_const(), set()).update(read[name])
    unused = {name: known - read[name] for name, known in imported.items()}
    assert {name: names for name, names in unused.items() if names} == {}
    everywhere = set().union(*imported.values(), *read.values())
    macros = {macro.name for tree in parsed.values() for macro in tree.find_all(nodes.Macro)}
    assert macros - everywhere == set()


def templates() -> dict[str, str]:
    root = WEB / "templates"
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*.html")}


def imports_of(tree: nodes.Template) -> set[str]:
    names = [name for found in tree.find_all(nodes.FromImport) for name in found.names]
    return {name if isinstance(name, str) else name[1] for name in names}


def test_fields_escape_what_they_are_given(app: Flask):
    with app.test_request_context():
        html = render_template_string(
            '{% from "_macros/fields.html" import button %}{{ button(name) }}', name="<b>Ada</b>"
        )
    assert "&lt;b&gt;Ada&lt;/b&gt;" in html


def test_a_misspelt_variable_is_an_error_even_inside_a_field(app: Flask):
    with app.test_request_context(), pytest.raises(UndefinedError):
        render_template_string('{% from "_macros/fields.html" import button %}{{ button(nmae) }}')


def test_the_base_page_needs_nothing_but_its_content(client: FlaskClient):
    html = client.get("/page").text
    assert '<html lang="en">' in html
    assert "csrf" not in html
    assert "Sign out" not in html
    assert html.index("nhsuk-skip-link") < html.index("<header")


def test_the_base_page_signs_out_and_switches_language_by_protected_forms(app: Flask):
    with app.test_request_context("/cases?page=2"):
        html = render_template(
            "base.html",
            current_actor={"name": "Anna Rossi", "role": "Occupational therapist"},
            sign_out_url="/sign-out",
            language_url="/language",
            languages=[("en", "English"), ("it", "Italiano")],
            navigation=[{"href": "/cases", "text": "Children", "current": True}],
        )
    assert html.count('name="csrf_token"') == html.count("<form") == 2
    assert 'value="/cases?page=2"' in html
    assert 'href="/cases" aria-current="page"' in html


def test_no_page_has_anything_inline(app: Flask):
    with app.test_request_context():
        html = render_template("errors/error.html", title="t", message="m", what_next="w", kept_text="</textarea>x")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)
    assert "&lt;/textarea&gt;x" in html


def test_the_position_is_said_in_words(app: Flask):
    with app.test_request_context():
        html = render_template_string(
            '{% from "_macros/coord.html" import position %}'
            "{{ position(1204, at) }}{{ position(1204, at, exact=true) }}",
            at=datetime(2026, 3, 3, 14, 3, tzinfo=UTC),
        )
    quiet, exact = html.split("</details>")
    assert "Up to date, " in quiet
    assert "with entry 1,204 of the record" in quiet, "for who opens it"
    assert "Up to date with entry 1,204, " in exact
    assert html.count('data-position="1204"') == 2


def test_an_address_with_the_hash_is_cached_for_ever_and_no_other(app: Flask, client: FlaskClient):
    with app.test_request_context():
        address = render_template_string("{{ static_url('built/coord.css') }}")
    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/built/coord.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/built/coord.css?v=0000000000000000").headers["Cache-Control"] == "no-cache"


def test_styles_are_compressed_for_whoever_accepts_it(client: FlaskClient):
    plain = client.get("/static/built/coord.css")
    packed = client.get("/static/built/coord.css", headers={"Accept-Encoding": "gzip"})
    refused = client.get("/static/built/coord.css", headers={"Accept-Encoding": "gzip;q=0"})
    again = client.get("/static/built/coord.css", headers={"If-None-Match": packed.headers["ETag"]})
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in refused.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert again.status_code == 304
    assert again.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("built/coord.css", "text/css; charset=utf-8"),
        ("built/coord.js", "text/javascript; charset=utf-8"),
        ("icons/coord.svg", "image/svg+xml; charset=utf-8"),
        ("icons/coord-32.png", "image/png"),
    ],
)
def test_static_files_say_what_they_are(client: FlaskClient, name: str, media_type: str):
    answer = client.get(f"/static/{name}")
    assert answer.content_type == media_type
    assert answer.data == (STATIC / name).read_bytes()


@pytest.mark.parametrize("name", ["none.css", "../layout.py", "%2e%2e/layout.py", "icons"])
def test_nothing_else_is_served(client: FlaskClient, name: str):
    assert client.get(f"/static/{name}").status_code == 404


def test_a_first_visit_is_small_and_asks_no_other_host():
    total = 0
    for name in ("built/coord.css", "built/coord.js", "built/htmx.min.js"):
        content = (STATIC / name).read_bytes()
        if "htmx" not in name:  # comes with the pages that use it, later
            total += len(gzip.compress(content, 9, mtime=0))
        assert not re.search(rb"sourceMappingURL|url\(\s*[\"']?(https?:|//|data:)|@import|@font-face", content), name
        assert b"nhs.uk" not in content
    assert total < 25 * 1024


def _worker(compiled: Path) -> Flask:
    app = Flask("coord.web", root_path=str(WEB))
    app.secret_key = "only for this test"
    app.jinja_environment = Templates  # type: ignore[assignment]
    init_layout(app, compiled)
    Babel(app)
    init_spelling(app, ZoneInfo("Europe/Rome"))
    return app


def _tag(app: Flask) -> str:
    with app.test_request_context():
        source = '{% from "_macros/coord.html" import tag_for_status %}{{ tag_for_status("signed", "Signed") }}'
        return render_template_string(source)


def test_what_one_worker_compiled_another_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "templates"
    first = _tag(_worker(folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    compiled: list[str] = []
    compile_one = Environment._generate

    def noted(self: Environment, source: Any, name: str | None, *more: Any, **named: Any) -> str:
        compiled.append(str(name))
        return compile_one(self, source, name, *more, **named)

    monkeypatch.setattr(Environment, "_generate", noted)
    assert _tag(_worker(folder)) == first
    assert "Signed" in first
    assert "_macros/coord.html" not in compiled
    assert _tag(_worker(tmp_path / "another")) == first
    assert "_macros/coord.html" in compiled


@pytest.mark.parametrize("instead", ["a file", "nothing", "empty files"])
def test_without_the_folder_of_compiled_templates_pages_are_shown_all_the_same(tmp_path: Path, instead: str):
    folder = tmp_path / "templates"
    first = _tag(_worker(folder))
    kept = list(folder.iterdir())
    assert kept
    worker = _worker(folder)
    if instead == "empty files":
        for file in kept:
            file.write_bytes(b"")
    else:
        shutil.rmtree(folder)
        if instead == "a file":
            folder.write_text("")
    assert _tag(worker) == first
    assert _tag(_worker(folder)) == first
