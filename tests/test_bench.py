"""The plain app that Coord is measured against still shows Coord's own pages: a bench that fails is found by a test."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bench.__main__ import course_for_crud, goal_for_crud, note_for_coord, note_for_crud, recordings
from bench.beside import Aim, Both, Turn, both, line
from bench.data import Prepared, prepare
from bench.growth import QUESTIONS, both_ends, ready
from bench.growth_data import large_store
from bench.lean.app import lean
from bench.pages import AIMS
from bench.pages_process import Asked, Process
from coord.web import create_app
from tests.stores import new_folder

TEMPLATES = Path(__file__).parent.parent / "coord" / "web" / "templates"


@pytest.fixture
def prepared(data_folder: Path) -> Iterator[Prepared]:
    with closing(prepare(data_folder, None, small=3, large=4, events=10)) as found:
        yield found


@pytest.fixture
def plain(prepared: Prepared, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setenv("BENCH_URL", f"sqlite:///{data_folder / 'crud.db'}")
    monkeypatch.setenv("BENCH_TEMPLATES", str(TEMPLATES))
    monkeypatch.setenv("BENCH_STATIC", str(TEMPLATES.parent / "static"))
    monkeypatch.setenv("BENCH_COMPILED", str(data_folder / "templates-of-crud"))
    from bench.plain import crud

    return crud().test_client()


def test_the_plain_app_shows_the_same_pages(prepared: Prepared, plain: FlaskClient):
    as_json = {"Content-Type": "application/json"}
    child, course = f"/children/{prepared.small}", f"/courses/{prepared.held}"
    assert plain.post(f"{child}/notes", json=note_for_crud(prepared)).status_code == 201
    assert plain.post(f"{child}/goals", data=goal_for_crud(0), headers=as_json).status_code == 201
    assert plain.post(course, data=course_for_crud(), headers=as_json).status_code == 201
    for path, word in ((child, "SOAP"), (f"{child}/goals", "Ties the laces"), (course, "Attendance")):
        page = plain.get(path)
        assert page.status_code == 200, path
        assert word in page.text


def test_coord_takes_what_the_bench_posts(prepared: Prepared):
    client = create_app(prepared.services).test_client()
    bearer = {"Authorization": f"Bearer {prepared.token}"}
    posts = [(f"/api/v1/cases/{prepared.small}/notes", note_for_coord(prepared)), *recordings(prepared)]
    for path, body in posts:
        answer = client.post(path, json=body, headers=bearer)
        assert answer.status_code == 201, answer.text


def test_what_grows_is_made_once_found_again_and_answers_every_question(data_folder: Path):
    sizes: dict[str, Any] = {"entries": (3,), "events": 10, "looks": 20}
    large_store(data_folder / "few", None, **sizes).services.close()
    made = (data_folder / "few" / "growth.json").read_bytes()
    place = ready(large_store(data_folder / "few", None, **sizes).of(0))
    with closing(place.services):
        for name, question in QUESTIONS.items():
            assert place.services.doors.ask(*question(place)) is not None, name
    assert (data_folder / "few" / "growth.json").read_bytes() == made


def test_only_the_stores_that_are_asked_for_are_made(data_folder: Path):
    sizes = Namespace(entries=(3, 4), events=(10, 20), looks=(20, 40))
    ends = both_ends("looks", data_folder, None, sizes)
    for end in ends:
        end.services.close()
    assert {made.name for made in data_folder.iterdir()} == {"few", "looks"}


def test_each_page_with_an_aim_can_be_timed_in_one_process(data_folder: Path):
    process = Process(data_folder, many_children=2)
    with closing(process.services):
        assert process.calls.keys() == AIMS.keys()
        for name, once in process.calls.items():
            assert once() > 0, name


# ---- the lean app


class Visible(HTMLParser):
    """The words of a page that are read: its title and its body, without what is hidden and without scripts."""

    EMPTY = frozenset({"br", "input", "link", "meta"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unread = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.EMPTY and (self._unread or tag == "script" or ("hidden", None) in attrs):
            self._unread += 1

    def handle_endtag(self, tag: str) -> None:
        if self._unread and tag not in self.EMPTY:
            self._unread -= 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """There is nothing in it."""

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.words += data.split()


@pytest.fixture(scope="module")
def facts() -> Iterator[Both]:
    """The same in Coord and in the lean app."""
    with new_folder() as folder, both(folder, many_children=2) as found:
        yield found


@pytest.fixture(scope="module")
def apps(facts: Both) -> tuple[Flask, Flask]:
    return create_app(facts.services), lean(facts.url)


def answer(app: Flask, page: Asked, **sent: Any) -> TestResponse:
    browser = app.test_client(use_cookies=False)
    return browser.open(page.path, method="POST" if sent else "GET", headers=page.headers, **sent)


@pytest.mark.parametrize("page", ["timeline", "home-16", "home-100", "summary", "goals", "sign-in"])
def test_the_lean_app_says_what_coord_says(facts: Both, apps: tuple[Flask, Flask], page: str):
    coord, of_lean = (answer(app, of[page]) for app, of in zip(apps, (facts.of_coord, facts.of_lean), strict=True))
    assert coord.status_code == of_lean.status_code == 200
    assert Visible(of_lean.text).words == Visible(coord.text).words


def test_the_lean_app_gives_the_timeline_that_coord_gives(facts: Both, apps: tuple[Flask, Flask]):
    asked = facts.of_lean["api-timeline"]
    coord, of_lean = (dict(answer(app, asked).json or {}) for app in apps)
    assert len(coord["items"]) == 20
    for told in (coord, of_lean):
        assert told.pop("next")  # where the next page begins is for the one who said it
        for item in told["items"]:
            item["id"] = item["id"] if item["kind"] == "note" else "any"
    assert of_lean == coord


def test_the_lean_app_takes_the_notes_that_coord_takes_and_no_others(facts: Both, apps: tuple[Flask, Flask]):
    asked = facts.of_lean["note"]
    assert asked.sent
    note, headers = asked.sent(0), asked.headers
    somebody_elses = f"/api/v1/cases/{uuid4()}/notes"
    unsigned = {name: sent for name, sent in note.items() if name != "sign"}
    for path, whose, sent, expected in (
        (asked.path, headers, note, 201),
        (asked.path, {"Authorization": "Bearer nobody's"}, note, 401),
        (somebody_elses, headers, note, 404),
        (asked.path, headers, unsigned | {"sign": None}, 422),
        (asked.path, headers, note | {"format": "verse"}, 422),
        (asked.path, headers, note | {"sections": {"plan": " "}}, 422),
        (asked.path, headers, note | {"observed_from": "2100-01-01T09:00:00Z"}, 422),
    ):
        found = [answer(app, Asked(path, whose), json=sent).status_code for app in apps]
        assert found == [expected, expected], sent


def test_the_lean_app_is_for_who_has_signed_in_and_takes_no_form_of_another_site(apps: tuple[Flask, Flask]):
    stranger = apps[1].test_client()
    assert stranger.get("/").status_code == 303
    assert stranger.post("/sign-in", data={"email": "a@coord.example", "password": "b"}).status_code == 400


def test_the_lean_app_searches_and_turns_its_pages(facts: Both, apps: tuple[Flask, Flask]):
    _, app = apps
    first = facts.of_lean["timeline"]
    entries = {
        text: answer(app, Asked(f"{first.path}?{text}", first.headers)).text.count("<li id=")
        for text in ("", "kind=team", "q=000003", "q=laces&setting=home")
    }
    assert entries == {"": 20, "kind=team": 2, "q=000003": 1, "q=laces&setting=home": 0}
    older = answer(app, first).text.partition('href="?after=')[2].partition('"')[0].replace("&amp;", "&")
    assert answer(app, Asked(f"{first.path}?after={older}", first.headers)).text.count("<li id=") == 4


def test_a_row_says_what_is_missed_and_what_is_not_lean():
    rounds = [(Turn(1.0, 900), Turn(4.0, 200), Turn(8.0, 100))] * 3
    assert line("home", Aim(0.5, 4), rounds) == (
        "| home | 1.00 | 4.00 | 8.00 | 0.50 | 0.50 | reached | 0.50 | 4.0 | 4 | kept |"
    )
    assert line("home", Aim(0.6, 3.5), rounds).count("**") == 4


def test_each_page_of_both_apps_is_weighed(facts: Both):
    weights = {name: (of_lean, of_coord) for name, of_lean, of_coord in facts.weights()}
    assert weights.keys() == {"sign-in", "summary", "home-16", "home-100", "timeline", "goals"}
    for name, found in weights.items():
        for weight in found:
            assert 0 < weight.repeat < weight.first, name
