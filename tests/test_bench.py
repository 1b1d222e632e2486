"""The plain app that Coord is measured against still shows Coord's own pages: a bench that fails is found by a test."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bench.__main__ import course_for_crud, goal_for_crud, note_for_coord, note_for_crud, recordings
from bench.data import Prepared, prepare
from bench.growth import QUESTIONS, both_ends, ready
from bench.growth_data import large_store
from bench.pages import AIMS
from bench.pages_process import Process
from coord.web import create_app

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
