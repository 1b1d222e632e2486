"""What a device is given, what it sends later, and what it hears: pages and answers, without a browser."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from coord.application.goals.questions import ReadGoal
from coord.application.timeline.questions import ReadTimeline
from coord.office.sign_ins import SEEN_EVERY
from coord.web.kit.device import seals_of
from tests.aims import goal
from tests.house import Client, House

BY_A_SCRIPT = {"Coord-Device": "here"}
LATER = {"Accept": "application/json", "Coord-Device": "away"}


def key_of(browser: Client) -> Any:
    return browser.client.get("/account/device-key", headers=BY_A_SCRIPT)


# ---- the key ---------------------------------------------------------------------------------------------------------


def test_a_live_sign_in_is_given_its_own_key(house: House):
    given = key_of(house.browser_of(house.ot))
    with house.app.app_context():
        assert given.get_json() == {"person": str(house.ot.person_id), "seals": seals_of(house.ot.person_id)}
    assert given.headers["Cache-Control"] == "no-store"
    assert given.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert key_of(house.browser_of(house.slt)).get_json()["seals"] != given.get_json()["seals"]


def test_it_is_on_no_page_and_no_address_alone_shows_it(house: House):
    ot = house.browser_of(house.ot)
    (seal,) = key_of(ot).get_json()["seals"]
    for path in ("/", f"/children/{house.child}/notes/new", "/account"):
        assert seal not in ot.get(path).text
    assert ot.get("/account/device-key").status_code == 404


def test_nobody_else_is_given_one(house: House):
    assert key_of(house.browser_of(None)).status_code == 303
    ot = house.browser_of(house.ot)
    house.clock.turn(hours=1)
    assert key_of(ot).status_code == 303


def test_a_page_says_how_long_its_sign_in_lives(house: House):
    ot = house.browser_of(house.ot)

    def lives() -> list[int]:
        (said,) = re.findall(r'name="coord-session" content="(\d+) (\d+)"', ot.get("/account").text)
        return [int(seconds) for seconds in said]

    idle = timedelta(minutes=30) - SEEN_EVERY  # what the server last heard may be as old as that
    assert lives() == [idle.total_seconds(), 12 * 3600]
    house.clock.turn(minutes=20)
    assert lives() == [idle.total_seconds(), 12 * 3600 - 20 * 60]


# ---- the service worker, and what stands for a page ------------------------------------------------------------------


def test_the_service_worker_is_asked_for_anew_each_time_and_its_files_are_there(house: House):
    browser = house.browser_of(None)
    worker = browser.client.get("/worker.js")
    assert worker.headers["Cache-Control"] == "no-cache"
    assert worker.content_type.startswith("text/javascript")
    assert "Set-Cookie" not in worker.headers
    files = re.findall(r'"(/static/[^"]+)"', worker.text)
    assert any("keeping.js" in name for name in files)
    for name in files:
        assert browser.client.get(name).status_code == 200


@pytest.mark.parametrize("state", ["away", "signed-out", "not-ended"])
@pytest.mark.parametrize("language", ["en", "it"])
def test_what_stands_for_a_page_has_nobodys_name_on_it(house: House, language: str, state: str):
    place = f"/offline/{language}/{state}"
    page = house.browser_of(house.ot).client.get(place).text
    assert "Ada" not in page
    assert "csrf" not in page
    assert f'lang="{language}"' in page
    assert page == house.browser_of(None).client.get(place).text


# ---- what is sent later ----------------------------------------------------------------------------------------------


def sent_later(browser: Client, path: str, **fields: Any) -> Any:
    """As the queue of a device sends it, from another page than the form's."""
    return browser.post(path, fields, form_on="/account", headers=LATER)


def a_note(house: House, words: str) -> dict[str, str]:
    typed = house.clock.now - timedelta(hours=1)
    when = {"from-day": f"{typed:%d/%m/%Y}", "from-time": "09:00"}
    who = {"setting": "therapy-room", "audience": "care-team"}
    return {**when, **who, "action": "sign", "format": "narrative", "section-text": words, "revision": "0"}


def test_a_note_that_is_sent_twice_is_one_and_a_refusal_is_a_word(house: House):
    ot, draft = house.browser_of(house.ot), f"/children/{house.child}/drafts/{uuid4()}"
    first, again = (sent_later(ot, draft, **a_note(house, "Held the ball.")) for _time in range(2))
    assert first.status_code == 200
    assert first.get_json() == again.get_json()
    assert first.get_json()["state"] == "recorded"
    assert first.get_json()["location"].startswith(f"/children/{house.child}/notes/")
    other = sent_later(ot, draft, **a_note(house, "Dropped the ball."))
    assert (other.status_code, other.get_json()["state"]) == (409, "refused")
    nothing = sent_later(ot, f"/children/{house.child}/drafts/{uuid4()}", **a_note(house, ""))
    assert (nothing.status_code, nothing.get_json()["state"]) == (422, "refused")
    assert [entry["sections"] for entry in notes_of(house)] == [{"text": "Held the ball."}]


def test_what_was_done_while_another_page_was_open_is_said_on_none(house: House):
    ot, draft = house.browser_of(house.ot), f"/children/{house.child}/drafts/{uuid4()}"
    signed = sent_later(ot, draft, **a_note(house, "Held the ball.")).get_json()["location"]
    assert 'id="said"' not in ot.get(signed).text


def test_a_teachers_tap_and_line_are_of_the_moment_when_they_were_pressed(house: House):
    aim, teacher = goal(house, audience="care-team-and-school"), house.browser_of(house.teacher)
    pressed = house.clock.now
    house.clock.turn(minutes=20)
    card = f"/pupils/{house.child}"
    line = {"note_id": str(uuid4()), "line": "Asked twice.", "how": "went-well", "pressed_at": pressed.isoformat()}
    for _time in range(2):
        assert sent_later(teacher, f"{card}/observation", **line).get_json()["state"] == "recorded"
    level = {"note_id": str(uuid4()), "level": "1", "pressed_at": pressed.isoformat()}
    for _time in range(2):
        assert sent_later(teacher, f"{card}/goals/{aim}/level", **level).get_json()["state"] == "recorded"
    (seen,) = house.services.doors.ask(house.ot, ReadGoal(house.child, aim)).observations
    (note,) = notes_of(house)
    assert (seen.observed_at, note["observed_from"]) == (pressed, pressed)


@pytest.mark.parametrize("said", ["", "soon", "2026-03-10T08:00:00", "2999-01-01T00:00:00+00:00"])
def test_a_moment_that_cannot_be_is_now(house: House, said: str):
    aim, teacher = goal(house, audience="care-team-and-school"), house.browser_of(house.teacher)
    level = {"note_id": str(uuid4()), "level": "1", "pressed_at": said}
    assert sent_later(teacher, f"/pupils/{house.child}/goals/{aim}/level", **level).status_code == 200
    (seen,) = house.services.doors.ask(house.ot, ReadGoal(house.child, aim)).observations
    assert seen.observed_at == house.clock.now


def test_what_was_seen_of_a_goal_and_left_without_a_time_is_of_then(house: House):
    aim, ot, pressed = goal(house), house.browser_of(house.ot), house.clock.now
    house.clock.turn(minutes=20)
    body = {
        "observation_id": str(uuid4()),
        "context": "therapy",
        "support": "verbal",
        "pressed_at": pressed.isoformat(),
    }
    assert sent_later(ot, f"/children/{house.child}/goals/{aim}/observe", **body).get_json()["state"] == "recorded"
    (seen,) = house.services.doors.ask(house.ot, ReadGoal(house.child, aim)).observations
    assert seen.observed_at == pressed


def notes_of(house: House) -> list[Any]:
    entries = house.services.doors.ask(house.ot, ReadTimeline(house.child)).items
    return [entry for entry in entries if entry["kind"] == "note"]
