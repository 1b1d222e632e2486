"""Edits name the version they were decided on; a POST sent twice is one request."""

import json
import sqlite3
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from coord.application.case.commands import AddToTeam, RemoveFromTeam
from coord.application.groups.commands import ReviseCourse
from coord.domain.actors import Discipline, Relation, Role
from coord.office.idempotency import ABANDONED_AFTER, REPLIES, Claim, Replies, Reply
from tests.group_story import a_group, course_content
from tests.house import House, answered
from tests.samples import PLAIN
from tests.web.api.conftest import ALERT, CIRCUMSTANCES, NOTE, Api, Opener, token_of
from tests.web.api.test_courses import a_course, a_recording
from tests.web.api.test_goals import COPM, GOAL, INSTRUMENT, PARTIES, STRATEGY, goal_under_way, seen
from tests.web.api.test_group_sessions import everybody, line, line_of, recordings
from tests.web.api.test_permissions import SUMMARY
from tests.web.api.test_routes import ACTIVITY, TEMPLATE, routes_of, template_of

KEY = {"Idempotency-Key": "5f0c7a52-1"}


def conditional(house: House, *, required: bool) -> set[tuple[str, str]]:
    """The operations that need a version in If-Match, or take one."""
    return {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, item in house.app.extensions["coord-api"]()["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
        for parameter in operation.get("parameters", ())
        if (parameter["name"], parameter.get("required")) == ("If-Match", required)
    }


def test_edits_need_the_version_and_get_the_present_one_when_stale(house: House, api: Opener):
    ot, lead = api(house.ot), api(house.lead)
    c = f"/cases/{house.child}"
    note = f"{c}/notes/{house.note(house.ot)}"
    draft = f"{c}/notes/{ot.note(house.child, sign=False).json['id']}"
    goal = f"{c}/goals/{ot.post(f'{c}/goals', GOAL).json['id']}"
    mia = ot.post(f"{c}/circle", {"name": "Mia", "relation": "mother"}).json["id"]
    nuts = ot.post(f"{c}/alerts", ALERT).json["id"]
    activity = f"/activities/{house.activity('Rain')}"
    template = f"/note-templates/{house.template()}"
    group = a_group(house, 1)
    course = f"/courses/{group.course}"
    session = f"{course}/sessions/2"
    recording = f"{session}/recordings/{group.record(number=2).id}"
    policy = {"name": "generalisation", "values": {"occasions": 4}, "reason": "three were too few"}
    edits: list[tuple[str, str, Any]] = [
        ("PATCH", c, {"school": "New School", "reason": "moved"}),
        ("PATCH", draft, {"sections": {"text": "more"}}),
        ("PATCH", f"{c}/circle/{mia}", {"name": "Mia Ek", "reason": "in full"}),
        ("PATCH", f"{c}/alerts/{nuts}", {"review_on": "2026-09-01", "reason": "to be asked in autumn"}),
        ("POST", f"{note}/amendments", {"sections": {"text": "other"}, "reason": "typo"}),
        ("POST", f"{note}/circumstances", {**CIRCUMSTANCES, "reason": "it was on Monday"}),
        ("POST", f"{note}/audience", {"audience": "care-team-and-school"}),
        ("POST", f"{c}/summary", SUMMARY),
        ("POST", f"{note}/error", {"reason": "wrong child"}),
        ("PATCH", goal, {"criterion": "other", "reason": "typo"}),
        ("POST", f"{goal}/agreement", PARTIES),
        ("POST", f"{goal}/status", {"status": "active"}),
        ("POST", f"{goal}/error", {"reason": "wrong child"}),
        ("PATCH", activity, {"title": "Rain on the roof", "reason": "clearer"}),
        ("PATCH", template, {"name": "Second visit", "reason": "clearer"}),
        ("PATCH", "/policies", policy),
        ("PATCH", course, {"room": "Green room", "reason": "paint"}),
        ("PUT", f"{course}/sessions/1/plan", {"steps": [{"step": "welcome"}]}),
        ("PUT", f"{course}/sessions/3/stand-ins", {"people": [str(house.slt.person_id)], "reason": "ill"}),
        ("POST", f"{recording}/corrections", {"note": {"delivered": "Half."}, "reason": "the other half was not"}),
    ]
    assert {template_of(method, path) for method, path, _ in edits} == conditional(house, required=True)
    for method, path, body in edits:
        person = lead if path in ("/policies", template) else ot
        head = house.services.record.head()
        without = person.send(method, path, json=body)
        assert (without.status_code, without.json["code"]) == (428, "precondition-required")
        for wrong in ("*", "1", 'W/"1"', '"x"', '"1", "2"', '""'):
            refused = person.send(method, path, json=body, headers={"If-Match": wrong})
            assert (refused.status_code, refused.json["code"]) == (400, "bad-if-match")
        stale = person.send(method, path, json=body, headers={"If-Match": '"9"'})
        assert (path, stale.status_code, stale.json["code"]) == (path, 412, "stale")
        present = stale.json["current_version"]
        assert stale.headers["ETag"] == f'"{present}"'
        assert house.services.record.head() == head
        if path.startswith(recording):  # one of several in the session, each with a version of its own
            assert [r["version"] for r in ot.get(session).json["recordings"]] == [present]
        elif path.startswith(f"{c}/circle"):  # likewise
            assert [p["version"] for p in ot.get(f"{c}/circle").json["people"]] == [present]
        elif path.startswith(f"{c}/alerts"):  # likewise
            assert [alert["version"] for alert in ot.get(c).json["alerts"]] == [present]
        else:
            read = next((p for p in (note, goal, course) if path.startswith(p)), path)
            assert ot.get(read).headers["ETag"] == f'"{present}"'
        done = person.send(method, path, json=body, headers={"If-Match": stale.headers["ETag"]})
        assert done.status_code in (200, 201)
        assert done.headers["ETag"] == f'"{present + 1}"'


def test_a_cosignature_and_a_signature_may_name_the_version(house: House, api: Opener):
    ot, student = api(house.ot), api(house.student)
    c = f"/cases/{house.child}/notes"
    learnt = student.note(house.child).json["id"]
    student.post(f"{c}/{learnt}/amendments", {"sections": {"text": "other"}, "reason": "typo"}, version=1)
    assert ot.post(f"{c}/{learnt}/cosignature", version=1).status_code == 412
    assert ot.post(f"{c}/{learnt}/cosignature", version=2).status_code == 200
    draft = ot.note(house.child, sign=False).json["id"]
    assert ot.post(f"{c}/{draft}/signature", version=2).status_code == 412
    assert ot.post(f"{c}/{draft}/signature", version=1).status_code == 200


def test_what_may_name_the_version_is_refused_on_another(house: House, api: Opener):
    ot, student, lead = api(house.ot), api(house.student), api(house.lead)
    c = f"/cases/{house.child}/notes"
    activity = f"/activities/{house.activity('Rain')}"
    template = f"/note-templates/{house.template()}"
    course = f"/courses/{a_group(house, 1).course}"
    nuts = ot.post(f"/cases/{house.child}/alerts", ALERT).json["id"]
    advice = ot.post(f"/cases/{house.child}/strategies", {"text": "One step.", "context": "home"}).json["id"]
    reason = {"reason": "x"}
    ot.put("/phrases/laces", {"text": "Tied the laces."})
    posts: list[tuple[str, Any]] = [
        ("/phrases/laces", {"text": "Tied both laces."}),
        (f"{c}/{alone_in_the_discipline(house, api)}/cosigner", {"person": str(house.ot.person_id), **reason}),
        (f"{c}/{ot.note(house.child, sign=False).json['id']}/signature", None),
        (f"{c}/{student.note(house.child).json['id']}/cosignature", None),
        (f"{activity}/retirement", reason),
        (f"{activity}/restoration", reason),
        (f"{template}/retirement", reason),
        (f"{template}/restoration", reason),
        (f"{course}/sessions/1/cancellation", reason),
        (f"{course}/sessions/1/reinstatement", reason),
        (f"{course}/sessions/1/move", {"day": "2026-03-11", "start_time": "10:00", **reason}),
        (f"{course}/end", reason),
        (f"/cases/{house.child}/alerts/{nuts}/ending", reason),
        (f"/cases/{house.child}/strategies/{advice}/end", reason),
    ]
    method = {"/phrases/laces": "PUT"}
    sent = {template_of(method.get(path, "POST"), path) for path, _ in posts}
    assert sent == conditional(house, required=False)
    for path, body in posts:
        head = house.services.record.head()
        person = lead if path.endswith("/cosigner") or path.startswith(template) else ot
        send = person.put if path in method else person.post
        wrong = person.send(method.get(path, "POST"), path, json=body, headers={"If-Match": "1"})
        assert (path, wrong.status_code, wrong.json["code"]) == (path, 400, "bad-if-match")
        stale = send(path, body, version=99)
        assert (path, stale.status_code, stale.json["code"]) == (path, 412, "stale")
        assert house.services.record.head() == head
        done = send(path, body, version=stale.json["current_version"])
        assert (path, done.status_code) == (path, 200)


def alone_in_the_discipline(house: House, api: Opener) -> str:
    """A student's note that nobody of the discipline on the care team could co-sign."""
    student = house.person("Ole Sand", Role.STUDENT, Discipline.OTHER)
    house.services.doors.execute(house.ot, AddToTeam(house.child, student.person_id, Relation.STUDENT))
    return str(api(student).note(house.child).json["id"])


def test_an_answer_is_never_304(sqlite_house: House, sqlite_api: Opener):
    sqlite_house.summary()
    answer = sqlite_api(sqlite_house.ot).get(f"/cases/{sqlite_house.child}/summary", headers={"If-None-Match": '"1"'})
    assert answer.status_code == 200


def test_a_client_made_id_gives_the_first_answer_again(house: House, api: Opener):
    ot = api(house.ot)
    opened = {"id": str(uuid4()), "preferred_name": "Mo", "full_name": "Mo Rask", "birth_date": "2018-02-03"}
    note = {**NOTE, "id": str(uuid4())}
    planned = a_course(house, id=str(uuid4()))
    first = [ot.post("/cases", opened), ot.post(f"/cases/{house.child}/notes", note), ot.post("/courses", planned)]
    path = f"/cases/{house.child}/notes/{note['id']}"
    addendum = {"id": str(uuid4()), "text": "and more"}
    first.append(ot.post(f"{path}/addenda", addendum))
    # the world moves on
    ot.patch(f"/cases/{opened['id']}", {"school": "x", "reason": "y"}, version=1)
    ot.patch(f"/courses/{planned['id']}", {"room": "x", "reason": "y"}, version=1)
    ot.post(f"{path}/amendments", {"sections": {"text": "other"}, "reason": "typo"}, version=2)
    ot.post(f"{path}/audience", {"audience": "care-team-and-school"}, version=3)
    head = house.services.record.head()
    again = [
        ot.post("/cases", opened),
        ot.post(f"/cases/{house.child}/notes", note),
        ot.post("/courses", planned),
        ot.post(f"{path}/addenda", addendum),
    ]
    for was, now in zip(first, again, strict=True):
        assert (now.status_code, now.json, now.headers["ETag"]) == (201, was.json, was.headers["ETag"])
    assert house.services.record.head() == head
    others = ((f"{path}/addenda", {**addendum, "text": "else"}), ("/courses", {**planned, "title": "else"}))
    for address, other in others:
        answer = ot.post(address, other)
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "id-taken")


def test_what_is_sent_again_about_a_goal_is_the_same_thing(house: House, api: Opener):
    ot = api(house.ot)
    c = f"/cases/{house.child}"
    goal = goal_under_way(ot, c)
    strategy = f"{c}/strategies/{ot.post(f'{c}/strategies', STRATEGY).json['id']}"
    posts: dict[str, dict[str, Any]] = {
        f"{c}/goals": GOAL,
        f"{goal}/observations": {"context": "home", "level": 1, "remark": "alone"},
        f"{c}/attainment": {},
        f"{c}/measures/copm": COPM,
        f"{c}/measures/instrument": INSTRUMENT,
        f"{c}/strategies": STRATEGY,
        f"{strategy}/trials": {"outcome": "helped"},
    }
    bodies = {path: {**body, "id": str(uuid4())} for path, body in posts.items()}
    first = {path: ot.post(path, body) for path, body in bodies.items()}
    # the world moves on
    house.clock.turn(days=1)
    seen(ot, goal, "home", 2)
    head = house.services.record.head()
    for path, body in bodies.items():
        again = ot.post(path, body)
        was = first[path]
        assert (path, again.status_code, again.json) == (path, was.status_code, was.json)
        if len(body) > 1:
            word = next(name for name in ("statement", "level", "informant", "text", "outcome") if name in body)
            others = {"level": 0, "informant": "teacher", "outcome": "not-yet"}
            other = ot.post(path, {**body, word: others.get(word, "else")})
            assert (path, other.json["errors"][0]["code"]) == (path, "id-taken")
        theirs = api(house.slt).post(path, body)
        assert (path, theirs.json["errors"][0]["code"]) == (path, "id-taken")
    assert house.services.record.head() == head


def test_a_draft_sent_twice_and_signed_twice_is_one(house: House, api: Opener):
    ot = api(house.ot)
    draft = {**NOTE, "id": str(uuid4()), "sign": False}
    notes = f"/cases/{house.child}/notes"
    assert ot.post(notes, draft).json == ot.post(notes, draft).json
    first = ot.post(f"{notes}/{draft['id']}/signature")
    head = house.services.record.head()
    ot.post(f"{notes}/{draft['id']}/audience", {"audience": "care-team-and-school"}, version=1)
    again = ot.post(f"{notes}/{draft['id']}/signature")
    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert house.services.record.head() == head + 1
    assert ot.post(notes, draft).json["code"] == "already-signed"
    assert api(house.slt).post(f"{notes}/{draft['id']}/signature").json["code"] == "already-signed"


def proposed_lead(house: House, admin: Api, lead: Api, name: str) -> str:
    """A proposal to make somebody a team lead."""
    person = house.person(name, Role.THERAPIST, Discipline.OT).person_id
    admin.patch(f"/people/{person}", {"role": "team-lead", "discipline": None})
    waiting = lead.get("/proposals").json["items"]
    return f"/people/{person}/proposals/{next(p['number'] for p in waiting if p['person'] == str(person))}"


def test_the_same_key_gives_the_first_answer_on_every_kind_of_post(house: House, api: Opener):
    ot, student, lead, admin = (api(p) for p in (house.ot, house.student, house.lead, house.admin))
    c = f"/cases/{house.child}"
    draft = f"{c}/notes/{ot.note(house.child, sign=False).json['id']}"
    activity = f"/activities/{house.activity('Rain')}"
    somebody = f"/people/{house.stranger.person_id}"
    new = {"name": "Eva Nord", "email": "eva@clinic.example", "role": "therapist", "discipline": "ot", "team": "North"}
    group = a_group(house, 2)
    course, made = f"/courses/{group.course}", group.record(number=2).id
    absent = group.line(group.children[1], attendance="absent")
    group.record(absent, number=2, who=house.stranger)
    settled = {"case": str(absent.case_id), "line": str(absent.line_id), "reason": "x"}
    late = line(group, 0, attendance="late", line=line_of(ot, group, 2, 0))
    present, waiting = everybody(group), group.child("Elsa")
    note = f"{c}/notes/{house.note(house.ot)}"
    learnt = f"{c}/notes/{student.note(house.child).json['id']}"
    goal = f"{c}/goals/{ot.post(f'{c}/goals', GOAL).json['id']}"
    slip = seen(ot, goal, "school", 2)
    measure = ot.post(f"{c}/measures/copm", COPM).json["id"]
    strategy = f"{c}/strategies/{ot.post(f'{c}/strategies', STRATEGY).json['id']}"
    reason = {"reason": "x"}
    member = {"person": str(house.stranger.person_id), "relation": "other-professional"}
    entrusted, mia = {"person": str(house.ot.person_id), **reason}, str(uuid4())
    plain = [one for one in PLAIN.values() if one.route[0] == "POST"]
    posts: list[tuple[Api, str, Any, int | None]] = [
        (ot, "/cases", {"preferred_name": "Mo", "full_name": "Mo Rask", "birth_date": "2018-02-03"}, None),
        (ot, f"{c}/notes", {**NOTE, "sections": {"text": "Asked for help."}, "setting": "school"}, None),
        (ot, f"{c}/notes", {**NOTE, "sign": False}, None),
        (ot, f"{note}/addenda", {"text": "more"}, None),
        (ot, f"{note}/amendments", {"sections": {"text": "other"}, **reason}, 2),
        (ot, f"{note}/circumstances", {**CIRCUMSTANCES, **reason}, 3),
        (ot, f"{note}/audience", {"audience": "care-team-and-school"}, 4),
        (ot, f"{learnt}/cosignature", None, None),
        (lead, f"{c}/notes/{alone_in_the_discipline(house, api)}/cosigner", entrusted, None),
        (ot, f"{c}/team", member, None),
        (ot, f"{c}/circle", {"id": mia, "name": "Mia", "relation": "mother"}, None),
        (ot, f"{c}/circle/names", {"written": "Mum", "person": mia}, None),
        (ot, f"{c}/alerts", ALERT, None),
        (ot, f"{c}/summary", SUMMARY, 0),
        (ot, f"{c}/summary/recall", reason, None),
        (ot, f"{note}/error", reason, 5),
        (ot, f"{c}/goals", GOAL, None),
        (ot, f"{goal}/agreement", PARTIES, 1),
        (ot, f"{goal}/status", {"status": "active"}, 2),
        (ot, f"{goal}/observations", {"context": "home", "level": 1}, None),
        (ot, f"{goal}/observations/{slip}/error", reason, None),
        (ot, f"{c}/attainment", {}, None),
        (ot, f"{goal}/error", reason, 3),
        (ot, f"{c}/measures/copm", COPM, None),
        (ot, f"{c}/measures/instrument", INSTRUMENT, None),
        (ot, f"{c}/measures/{measure}/error", reason, None),
        (ot, f"{c}/strategies", STRATEGY, None),
        (ot, f"{strategy}/trials", {"outcome": "helped"}, None),
        (lead, f"{c}/complaint-files", reason, None),
        (lead, f"{c}/closing", reason, None),
        (lead, f"{c}/reopening", reason, None),
        (ot, f"{draft}/signature", None, 1),
        (ot, "/activities", ACTIVITY, None),
        (lead, "/note-templates", TEMPLATE, None),
        (ot, f"{activity}/retirement", reason, None),
        (ot, f"{activity}/restoration", reason, None),
        (ot, "/courses", a_course(house), None),
        (ot, f"{course}/places", {"case": str(waiting), "place": "waiting"}, None),
        (ot, recordings(group), a_recording(present), None),
        (ot, f"{recordings(group, 2)}/{made}/corrections", {"children": [late], **reason}, 1),
        (ot, f"{course}/sessions/3/cancellation", reason, None),
        (ot, f"{course}/sessions/3/reinstatement", reason, None),
        (ot, f"{course}/sessions/3/move", {"day": "2026-03-26", "start_time": "10:00", **reason}, None),
        (ot, f"{course}/sessions/2/settlements", settled, None),
        (ot, f"{course}/places/{waiting}/end", reason, None),
        (ot, f"{course}/end", reason, None),
        (admin, "/people", new, None),
        *((api(getattr(house, one.who)), one.path(one.given(house)), dict(one.body), None) for one in plain),
        (lead, f"{proposed_lead(house, admin, lead, 'Ren Vik')}/confirming", None, None),
        (lead, f"{proposed_lead(house, admin, lead, 'Liv Dal')}/declining", None, None),
        (admin, f"{somebody}/disabling", reason, None),
        (admin, f"{somebody}/enabling", reason, None),
    ]
    assert {template_of("POST", path) for _, path, _, _ in posts} == {r for r in routes_of("all") if r[0] == "POST"}
    for i, (person, path, body, version) in enumerate(posts):
        headers = {"Idempotency-Key": f"key-{i}"}
        first = person.post(path, body, version=version, headers=headers)
        if path.endswith(("/closing", "/disabling")):  # what is left behind is asked about once
            headers = {"Idempotency-Key": f"key-{i}-meant"}
            body = {**body, "confirmed": [error["answer"] for error in first.json["errors"]]}
            first = person.post(path, body, version=version, headers=headers)
        assert first.status_code in (200, 201, 202), first.text
        assert "Idempotent-Replayed" not in first.headers
        head = house.services.record.head()
        again = person.post(path, body, version=version, headers=headers)
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert again.headers["Idempotent-Replayed"] == "true"
        for name in ("ETag", "Location", "Content-Type"):
            assert again.headers.get(name) == first.headers.get(name)
        assert house.services.record.head() == head


def test_the_same_key_for_something_else_is_refused(house: House, api: Opener):
    ot, slt = api(house.ot), api(house.slt)
    notes = f"/cases/{house.child}/notes"
    first = ot.post(notes, NOTE, headers=KEY)
    spaced = ot.send("POST", notes, data=first_spaced(), content_type="application/json", headers=KEY)
    assert spaced.data == first.data
    other = ot.post(notes, {**NOTE, "setting": "home"}, headers=KEY)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")
    assert ot.post(f"/cases/{house.open_case('Mo')}/notes", NOTE, headers=KEY).json["code"] == "idempotency-key-reused"
    theirs = slt.post(notes, NOTE, headers=KEY)  # keys are each person's own
    assert theirs.json["id"] != first.json["id"]


def first_spaced() -> str:
    return json.dumps(dict(reversed(NOTE.items())), indent=3)


def test_a_refused_request_leaves_its_key_free(house: House, api: Opener):
    ot = api(house.ot)
    notes = f"/cases/{house.child}/notes"
    assert ot.post(notes, {**NOTE, "sections": {"text": ""}}, headers=KEY).status_code == 422
    assert ot.post(notes, NOTE, headers=KEY).status_code == 201


def test_two_at_once_with_one_key_write_once(house: House, api: Opener):
    child, gate = house.child, threading.Barrier(6)
    answers: list[Any] = []
    token = token_of(house, house.ot)
    head = house.services.record.head()
    app = house.app

    def post() -> None:
        client = app.test_client(use_cookies=False)
        gate.wait()
        bearer = {"Authorization": f"Bearer {token}", **KEY}
        answers.append(client.post(f"/api/v1/cases/{child}/notes", json=NOTE, headers=bearer))

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [a for a in answers if a.status_code == 201]
    waiting = [a for a in answers if a.status_code != 201]
    assert len({a.data for a in done}) == 1
    assert sum("Idempotent-Replayed" not in a.headers for a in done) == 1
    assert all((a.status_code, a.json["code"]) == (409, "in-progress") for a in waiting)
    assert all("Retry-After" in a.headers for a in waiting)
    assert house.services.record.head() == head + 1


def test_a_crash_between_command_and_answer_writes_once(house: House, api: Opener, monkeypatch: pytest.MonkeyPatch):
    ot = api(house.ot)
    notes = f"/cases/{house.child}/notes"
    with monkeypatch.context() as crash:
        crash.setattr(Replies, "keep", lambda *_: None)  # the process died before it could
        lost = ot.post(notes, NOTE, headers=KEY)
    head = house.services.record.head()
    waiting = ot.post(notes, NOTE, headers=KEY)
    assert (waiting.status_code, waiting.json["code"]) == (409, "in-progress")
    house.clock.turn(seconds=ABANDONED_AFTER.total_seconds() + 1)
    again = ot.post(notes, NOTE, headers=KEY)
    assert (again.status_code, again.json) == (201, lost.json)
    assert house.services.record.head() == head


def test_answers_are_kept_for_two_days_without_words(house: House, api: Opener):
    ot = api(house.ot)
    notes = f"/cases/{house.child}/notes"
    body = {**NOTE, "sections": {"text": "canarykept"}, "id": str(uuid4())}
    ot.post(notes, body, headers=KEY)
    with house.services.office.connect() as connection:
        rows = connection.execute(select(REPLIES)).all()
    assert len(rows) == 1
    assert "canarykept" not in repr(rows)
    assert KEY["Idempotency-Key"] not in repr(rows)
    house.clock.turn(hours=49)
    fresh = Api(house, token_of(house, house.ot), set())
    other = fresh.post(notes, {**NOTE, "setting": "home"}, headers=KEY)
    assert other.status_code == 201
    with house.services.office.connect() as connection:
        assert len(connection.execute(select(REPLIES)).all()) == 1


def test_claims(house: House):
    replies = Replies(house.services.office, "s" * 40)
    now, person = house.clock.now, uuid4()

    def claim(request: bytes = b"a", minutes: int = 0) -> object:
        at = now + timedelta(minutes=minutes)
        return replies.claim("k", person_id=person, route="/x", request=request, now=at)

    first = claim()
    assert isinstance(first, Claim)
    assert claim() == "in-progress"
    assert claim(b"b") == "idempotency-key-reused"
    assert claim(minutes=5) == first  # taken over, with the same id
    replies.release(first)
    assert isinstance(claim(b"b"), Claim)
    replies.release(first)
    again = claim()
    assert isinstance(again, Claim)
    kept = Reply(201, '"1"', "/there", '{"id":1}')
    replies.keep(again, kept)
    replies.release(again)
    assert claim() == kept
    assert isinstance(claim(minutes=60 * 49), Claim)


def test_an_office_that_is_down_is_503_and_an_answer_not_kept_is_still_given(
    sqlite_house: House, sqlite_api: Opener, monkeypatch: pytest.MonkeyPatch
):
    ot = sqlite_api(sqlite_house.ot)
    notes = f"/cases/{sqlite_house.child}/notes"

    def broken(*_: object, **__: object) -> None:
        raise OperationalError("update", {}, sqlite3.OperationalError("disk full"))

    with monkeypatch.context() as down:
        down.setattr(Replies, "claim", broken)
        head = sqlite_house.services.record.head()
        assert ot.post(notes, NOTE, headers=KEY).status_code == 503
        assert sqlite_house.services.record.head() == head
    with monkeypatch.context() as down:
        down.setattr(Replies, "keep", broken)
        assert ot.post(notes, NOTE, headers=KEY).status_code == 201


def test_a_kept_answer_is_not_given_to_who_was_removed_meanwhile(house: House, api: Opener):
    group = a_group(house, 1)
    posts: list[tuple[str, Any]] = [
        (f"/cases/{house.child}/notes", NOTE),
        (f"/cases/{house.child}/goals", GOAL),
        (f"/courses/{group.course}/sessions/1/recordings", a_recording(everybody(group))),
    ]
    person = house.slt
    join = AddToTeam(house.child, person.person_id, Relation.SPEECH_THERAPIST)
    both = [house.ot.person_id, person.person_id]
    content = course_content(house)
    house.services.doors.execute(house.ot, ReviseCourse(group.course, None, content, both, "two of us"))
    slt = api(person)
    first = [slt.post(path, body, headers={"Idempotency-Key": f"k{i}"}) for i, (path, body) in enumerate(posts)]
    assert [answer.status_code for answer in first] == [201, 201, 201], [answer.text for answer in first]
    head = house.services.record.head()
    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, person.person_id))
    alone = ReviseCourse(group.course, None, content, [house.ot.person_id], "one of us again")
    house.services.doors.execute(house.ot, alone)
    for i, (path, body) in enumerate(posts):
        again = slt.post(path, body, headers={"Idempotency-Key": f"k{i}"})
        now = slt.post(path, body, headers={"Idempotency-Key": f"another{i}"})
        assert again.status_code == now.status_code in (403, 404), (path, again.text)
        assert "Idempotent-Replayed" not in again.headers
        assert again.json["code"] == now.json["code"]
    assert house.services.record.head() == head + 2, "nothing but the two removals"
    house.services.doors.execute(house.ot, join)
    back = slt.post(*posts[0], headers={"Idempotency-Key": "k0"})
    assert back.data == first[0].data
    assert back.headers["Idempotent-Replayed"] == "true"
    looks = house.services.access.page(case_id=house.child, kind="refused", limit=10)
    assert [look["kind"] for look in looks] == ["ProposeGoal", "ProposeGoal", "SignNote", "SignNote"]


def test_who_may_not_hears_so_before_whether_they_saw_the_latest(house: House, api: Opener):
    """For every operation with a version: a student, a teacher, and a colleague of the service on no care team."""
    ot = api(house.ot)
    c = f"/cases/{house.child}"
    goal = f"{c}/goals/{ot.post(f'{c}/goals', GOAL).json['id']}"
    activity = f"/activities/{house.activity('Rain')}"
    template = f"/note-templates/{house.template()}"
    group = a_group(house, 1)
    course = f"/courses/{group.course}"
    recording = f"{course}/sessions/1/recordings/{group.record().id}"
    reason = {"reason": "x"}
    policy = {"name": "generalisation", "values": {"occasions": 4}, "reason": "x"}
    edits: list[tuple[str, str, Any]] = [
        ("PATCH", c, {"school": "New School", **reason}),
        ("PATCH", goal, {"criterion": "other", **reason}),
        ("POST", f"{goal}/agreement", PARTIES),
        ("POST", f"{goal}/status", {"status": "active"}),
        ("POST", f"{c}/summary", SUMMARY),
        ("PATCH", activity, {"age_from": 4, **reason}),
        ("POST", f"{activity}/retirement", reason),
        ("POST", f"{activity}/restoration", reason),
        ("PATCH", template, {"name": "Second visit", **reason}),
        ("POST", f"{template}/retirement", reason),
        ("POST", f"{template}/restoration", reason),
        ("PATCH", "/policies", policy),
        ("PATCH", course, {"room": "Green room", **reason}),
        ("POST", f"{course}/end", reason),
        ("PUT", f"{course}/sessions/2/plan", {"steps": [{"step": "welcome"}]}),
        ("POST", f"{course}/sessions/2/cancellation", reason),
        ("POST", f"{recording}/corrections", reason),
    ]
    for person in (house.student, house.teacher):
        for method, path, body in edits:
            answer = api(person).send(method, path, json=body, headers={"If-Match": '"77"'})
            assert answer.status_code in (403, 404), (person.name, method, path, answer.text)
    notes = f"{c}/notes/{house.note(house.ot)}"
    for path, body in (
        ("amendments", {"sections": {"text": "other"}, "reason": "x"}),
        ("circumstances", {**CIRCUMSTANCES, "reason": "x"}),
        ("audience", {"audience": "care-team-and-school"}),
        ("error", reason),
        ("cosignature", {}),
    ):
        answer = api(house.slt).post(f"{notes}/{path}", body, version=77)
        assert answer.status_code in (403, 409), (path, answer.text)
