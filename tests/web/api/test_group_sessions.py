"""Groups by HTTP: what is wrong is pointed at, who may not is refused, twice is once, no child leads to another."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam
from coord.domain.actors import Actor, Discipline, Relation, Role
from tests.group_story import NAMES, Group, a_group
from tests.house import House
from tests.web.api.conftest import Api, Opener
from tests.web.api.test_courses import a_course, a_recording

KEY = {"Idempotency-Key": "a-session"}


def line(group: Group, child: int, **more: Any) -> dict[str, Any]:
    """What is sent of one child: present, and rated."""
    case = group.children[child]
    rating = {"goal": str(group.goals[case]), "level": 0, "support": "verbal"}
    return {"case": str(case), "attendance": "present", "ratings": [rating], **more}


def recordings(group: Group, number: int = 1) -> str:
    return f"/courses/{group.course}/sessions/{number}/recordings"


def everybody(group: Group) -> list[dict[str, Any]]:
    return [line(group, n) for n in range(len(group.children))]


# ---- who is missed, and who is named (all else that can be wrong: `bad_groups`) ------------------------------------


def test_a_child_without_a_line_is_missed_and_a_name_that_was_looked_at_is_let_through(house: House, api: Opener):
    group = a_group(house, 2)
    ot = api(house.ot)
    (missed,) = ot.post(recordings(group), a_recording([line(group, 0)])).json["errors"]
    assert (missed["pointer"], missed["code"]) == ("/children", "without-attendance")
    said = [line(group, 0, response="Cleo, the cat in the book, made him laugh."), line(group, 1)]
    refused = ot.post(recordings(group), a_recording(said))
    assert refused.status_code == 422
    answers = [error["answer"] for error in refused.json["errors"]]
    assert ot.post(recordings(group), a_recording(said, confirmed=answers)).status_code == 201
    # Who was written for before each question had an answer of its own answers all of them at once.
    assert ot.post(recordings(group, 1), a_recording(said, names_confirmed=True)).status_code == 201


# ---- who may -----------------------------------------------------------------------------------------------------


def every_request_about_a_course(house: House, group: Group | None, recording: object) -> list[tuple[str, str, Any]]:
    """Each with a body that could be accepted; of a course that is nowhere if there is no group."""
    course = f"/courses/{group.course if group else uuid4()}"
    case = group.children[0] if group else uuid4()
    reason = {"reason": "x"}
    session, told = f"{course}/sessions/1", [line(group, 0)] if group else []
    return [
        ("GET", course, None),
        ("PATCH", course, a_course(house, **reason)),
        ("GET", f"{course}/fit?case={case}", None),
        ("POST", f"{course}/places", {"case": str(case)}),
        ("GET", f"{course}/roster", None),
        ("GET", session, None),
        ("PUT", f"{session}/plan", {"steps": [{"step": "welcome"}]}),
        ("POST", f"{session}/cancellation", reason),
        ("POST", f"{session}/reinstatement", reason),
        ("POST", f"{session}/move", {"day": "2026-03-11", "start_time": "10:00", **reason}),
        ("PUT", f"{session}/stand-ins", {"people": [], **reason}),
        ("POST", f"{session}/settlements", {"case": str(case), "line": str(recording), **reason}),
        ("POST", f"{session}/recordings", a_recording(told)),
        ("POST", f"{session}/recordings/{recording}/corrections", {"children": told, **reason}),
        ("POST", f"{course}/places/{case}/end", reason),
        ("POST", f"{course}/end", reason),
    ]


def send(person: Api, request: tuple[str, str, Any]) -> Any:
    method, path, body = request
    return person.send(method, path, json=body, headers={"If-Match": '"1"'})


def test_a_course_of_others_is_not_told_apart_from_none(house: House, api: Opener):
    group = a_group(house, 2)
    recording = group.record().id
    house.services.doors.execute(
        house.ot, AddToTeam(group.children[0], house.teacher.person_id, Relation.CLASS_TEACHER)
    )
    outsiders = [
        house.person("Olav Ek", Role.THERAPIST, Discipline.OT, team="South"),
        house.person("Other Lead", Role.TEAM_LEAD, team="South"),
        house.teacher,
        house.admin,
    ]
    head = house.services.record.head()
    real = every_request_about_a_course(house, group, recording)
    nowhere = every_request_about_a_course(house, None, uuid4())
    for person in outsiders:
        for there, absent in zip(real, nowhere, strict=True):
            answers = []
            for request in (there, absent):
                answer = send(api(person), request)
                answers.append((answer.status_code, {**answer.json, "instance": ""}))
            assert answers[0] == answers[1], (person.name, there)
            assert answers[0][0] == 404, (person.name, there)
    assert api(outsiders[0]).get("/courses?ended=true").json["items"] == []
    assert [api(p).get("/courses").status_code for p in (house.teacher, house.admin)] == [403, 403]
    assert house.services.record.head() == head


def test_in_ones_own_course_a_child_of_others_is_not_told_apart_from_none(house: House, api: Opener):
    group = a_group(house, 1)
    course = f"/courses/{group.course}"
    others = house.open_case("Mo", members=(), by=house.psychologist)
    head = house.services.record.head()
    for person in (house.ot, house.stranger):  # who run it, and one treats the child who is in it
        answers = []
        for case in (str(others), str(uuid4())):
            told = [line(group, 0), {"case": case, "attendance": "present"}]
            plan = {"steps": [{"step": "welcome"}], "children": [{"case": case}]}
            requests = [
                ("GET", f"{course}/fit?case={case}", None),
                ("POST", f"{course}/places", {"case": case}),
                ("POST", f"{course}/places", {"case": case, "place": "waiting"}),
                ("POST", f"{course}/places/{case}/end", {"reason": "x"}),
                ("PUT", f"{course}/sessions/1/plan", plan),
                ("POST", recordings(group), a_recording(told)),
            ]
            found = [send(api(person), request) for request in requests]
            answers.append([(answer.status_code, {**answer.json, "instance": ""}) for answer in found])
        assert answers[0] == answers[1]
        assert [status for status, _ in answers[0]] == [404, 422, 422, 404, 422, 422]
    assert house.services.record.head() == head


def test_a_colleague_of_the_team_sees_the_course_and_not_who_is_in_it(house: House, api: Opener):
    group = a_group(house, 2)
    recording = group.record().id
    colleague = api(house.psychologist)
    head = house.services.record.head()
    requests = every_request_about_a_course(house, group, recording)
    statuses = {(method, path): send(colleague, (method, path, body)).status_code for method, path, body in requests}
    course = f"/courses/{group.course}"
    assert statuses.pop(("GET", course)) == 200
    assert statuses.pop(("GET", f"{course}/fit?case={group.children[0]}")) == 404  # no child of theirs
    assert statuses.pop(("POST", f"{course}/places")) == 422  # the same
    assert set(statuses.values()) == {403}
    assert house.services.record.head() == head
    refuse_traces(colleague.get(course).data + colleague.get("/courses").data, group, of=range(2))


def test_a_student_on_the_staff_reads_and_does_not_record(house: House, api: Opener):
    group = Group(house)
    group.plan(staff=[house.ot, house.student])
    group.enrol(group.child("Brio"))
    recording = group.record().id
    student = api(house.student)
    requests = every_request_about_a_course(house, group, recording)
    found = {(method, path): send(student, (method, path, body)).status_code for method, path, body in requests}
    assert {status for (method, path), status in found.items() if method == "GET" and "/fit" not in path} == {200}
    assert {status for (method, path), status in found.items() if method != "GET" or "/fit" in path} == {403}


def test_a_recording_is_corrected_by_who_made_it_or_the_lead(house: House, api: Opener):
    group = a_group(house, 1)
    recording = group.record().id
    path = f"{recordings(group)}/{recording}/corrections"
    correction = {"reason": "The lamp was off", "note": {"environment": "Quiet and dim."}}
    other = api(house.stranger).post(path, correction, version=1)
    assert (other.status_code, other.json["code"]) == (403, "not-the-author")
    assert api(house.lead).post(path, correction, version=1).json["version"] == 2


# ---- twice is once -----------------------------------------------------------------------------------------------


def test_the_same_recording_sent_twice_is_one(house: House, api: Opener):
    group = a_group(house, 2)
    ot = api(house.ot)
    sent = a_recording(everybody(group), id=str(uuid4()), note={"delivered": "All of it."})
    first = ot.post(recordings(group), sent)
    assert first.status_code == 201
    group.record(number=2)  # the world moves on
    head = house.services.record.head()
    again = ot.post(recordings(group), sent)  # the ids that were left out are made the same
    assert (again.status_code, again.json, again.headers["ETag"]) == (201, first.json, '"1"')
    assert house.services.record.head() == head
    assert len(ot.get(f"/courses/{group.course}/sessions/1").json["recordings"]) == 1
    others = [
        (ot, {**sent, "children": [line(group, 0, response="Something else."), line(group, 1)]}),
        (ot, {**sent, "note": {"delivered": "Half of it."}}),
        (api(house.stranger), sent),
    ]
    for person, other in others:
        answer = person.post(recordings(group), other)
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "id-taken")
    assert house.services.record.head() == head


def line_of(person: Api, group: Group, number: int, child: int) -> str:
    """The id of a child's line in a session."""
    children = person.get(f"/courses/{group.course}/sessions/{number}").json["children"]
    found = next(c for c in children if c["case"] == str(group.children[child]))
    return str(found["lines"][0]["id"])


def test_a_key_for_another_recording_is_refused_and_a_refused_one_leaves_it_free(house: House, api: Opener):
    group = a_group(house, 2)
    ot = api(house.ot)
    assert ot.post(recordings(group), a_recording([]), headers=KEY).status_code == 422
    assert ot.post(recordings(group), a_recording(everybody(group)), headers=KEY).status_code == 201
    other = ot.post(recordings(group, 2), a_recording(everybody(group)), headers=KEY)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")


# ---- versions ----------------------------------------------------------------------------------------------------


def test_edits_need_the_version_and_get_the_present_one_when_stale(house: House, api: Opener):
    group = a_group(house, 1)
    ot, other = api(house.ot), api(house.stranger)
    course = f"/courses/{group.course}"
    session = f"{course}/sessions/1"
    made = group.record(number=2).id
    corrections = f"{recordings(group, 2)}/{made}/corrections"
    plan = {"steps": [{"step": "welcome"}]}
    revised = a_course(house, holidays=[], room="Green room", reason="Paint")
    corrected = {"reason": "x", "note": {"delivered": "Half."}}
    edits: list[tuple[str, str, Any]] = [
        ("PATCH", course, revised),
        ("PUT", f"{session}/plan", plan),
        ("POST", corrections, corrected),
    ]
    for method, path, body in edits:
        bare = ot.send(method, path, json=body)
        assert (path, bare.status_code, bare.json["code"]) == (path, 428, "precondition-required")
        assert ot.send(method, path, json=body, headers={"If-Match": "W/1"}).json["code"] == "bad-if-match"

    seen = int(ot.get(session).headers["ETag"].strip('"'))
    assert ot.get(course).headers["ETag"] == f'"{seen}"'
    group.enrol(group.child("Elsa"))  # what else happens in the course does not matter to the plan
    assert other.put(f"{session}/plan", plan, version=seen).status_code == 200
    stale = ot.put(f"{session}/plan", plan, version=seen)
    assert (stale.status_code, stale.json["changed"]) == (412, ["session/1"])
    now = int(ot.get(session).headers["ETag"].strip('"'))
    assert (stale.json["current_version"], stale.headers["ETag"]) == (now, f'"{now}"')
    assert ot.post(f"{session}/cancellation", {"reason": "x"}, version=seen).status_code == 412

    assert other.patch(course, revised, version=seen).status_code == 200
    stale = ot.patch(course, {**revised, "room": "Red room"}, version=seen)
    assert (stale.status_code, stale.json["changed"]) == (412, ["course"])
    assert ot.get(course).json["room"] == "Green room"

    assert ot.post(corrections, corrected, version=1).headers["ETag"] == '"2"'
    stale = ot.post(corrections, {**corrected, "note": {"delivered": "None."}}, version=1)
    assert (stale.status_code, stale.json["current_version"], stale.json["changed"]) == (412, 2, ["recording"])


def test_what_is_over_is_a_conflict(house: House, api: Opener):
    group = a_group(house, 1)
    ot, course = api(house.ot), f"/courses/{group.course}"
    reason = {"reason": "x"}
    assert ot.post(f"{course}/sessions/1/cancellation", reason).status_code == 200
    assert ot.post(f"{course}/sessions/1/cancellation", reason).json["code"] == "session-cancelled"
    called_off = ot.post(recordings(group), a_recording(everybody(group)))
    assert [(e["pointer"], e["code"]) for e in called_off.json["errors"]] == [("/took_place", "cancelled-before")]
    assert ot.post(recordings(group), a_recording(everybody(group), took_place=True)).status_code == 201
    after_all = ot.get(f"{course}/sessions/1").json["session"]
    assert (after_all["status"], after_all["reason"]) == ("recorded", None)
    place = {"case": str(group.children[0])}
    assert ot.post(f"{course}/places", place).json["code"] == "has-this-place"
    assert ot.post(f"{course}/end", reason).status_code == 200
    assert ot.post(f"{course}/end", reason).json["code"] == "course-ended"
    assert ot.get(f"{course}/sessions/11").json["code"] == "no-such-session"
    assert ot.get(f"{course}/sessions/99999999999999999999").status_code == 404


# ---- nothing of the others ---------------------------------------------------------------------------------------


def refuse_traces(seen: bytes, group: Group, *, of: Any, also: tuple[object, ...] = ()) -> None:
    """Nothing in what was answered names these children, is known by an id of theirs, or was written about them."""
    for n in of:
        case, name = group.children[n], NAMES[n]
        for trace in (name, f"{name}sen", f"canary{name}", case, group.goals[case], *also):
            assert str(trace).encode().lower() not in seen.lower(), trace


def as_the_course_knows(person: Api, group: Group) -> dict[UUID, set[str]]:
    """Every id that belongs to one child of the course: lines, ratings, strategies, the place."""
    ids: dict[UUID, set[str]] = {}
    for child in person.get(f"/courses/{group.course}/roster").json["children"]:
        mine = ids.setdefault(UUID(child["case"]), set())
        for told in child["lines"]:
            mine |= {told["id"], told["membership"]}
            mine |= {r["id"] for r in told["ratings"]} | {s["id"] for s in told["strategies"]}
    return ids


def test_whoever_knows_one_child_meets_nothing_of_the_others(house: House, api: Opener):
    group = a_group(house, 3)
    mine = group.children[0]
    readers: list[tuple[Actor, Relation]] = [
        (house.teacher, Relation.CLASS_TEACHER),
        (house.slt, Relation.SPEECH_THERAPIST),
        (house.student, Relation.STUDENT),
    ]
    for person, relation in readers:
        house.services.doors.execute(house.ot, AddToTeam(mine, person.person_id, relation))
    ot = api(house.ot)
    told = []
    for n in range(3):
        words = f"canary{NAMES[n]}"
        texts = dict.fromkeys(("response", "incident", "message_home", "message_school", "practice"), words)
        told.append(line(group, n, **texts, strategies=[{"text": words}]))
    note = {"dynamics": "canarygroup", "delivered": "canarygroup"}
    made = ot.post(recordings(group), a_recording(told, note=note))
    assert made.status_code == 201, made.text
    changed = line(group, 1, line=line_of(ot, group, 1, 1), response="canaryCleo again")
    correction = {"reason": "canarycorrection", "children": [changed]}
    assert ot.post(f"{recordings(group)}/{made.json['id']}/corrections", correction, version=1).status_code == 201
    ids = as_the_course_knows(ot, group)
    assert all(len(of_child) >= 3 for of_child in ids.values())  # a line, a place and a rating each
    theirs = [i for case, of_child in ids.items() if case != mine for i in of_child]
    traces = (*theirs, group.course, made.json["id"], "canarygroup", "canarycorrection", "Tuesday builders")

    c_ = f"/cases/{mine}"
    goal = f"{c_}/goals/{group.goals[mine]}"
    paths = (c_, "/groups", "/timeline?limit=100", "/goals?ended=true", "/generalisation", "/strategies?ended=true")
    for person, _ in readers:
        reader = api(person)
        answers = [reader.get(path if path == c_ else c_ + path) for path in paths]
        answers += [reader.get(goal), reader.get("/cases")]
        assert {answer.status_code for answer in answers} == {200}
        seen = b"".join(answer.data + json.dumps(list(answer.headers)).encode() for answer in answers)
        assert b"canarybrio" in seen.lower()
        assert b"Waiting for a turn" in seen
        refuse_traces(seen, group, of=(1, 2), also=traces)
    with pytest.raises(AssertionError):  # the net would catch what the staff may see
        refuse_traces(ot.get(f"/courses/{group.course}/roster").data, group, of=(1, 2))
    for n in (1, 2):
        for person, _ in readers:
            assert api(person).get(f"/cases/{group.children[n]}/groups").status_code == 404
    export = api(house.lead).get(f"{c_}/export").data + api(house.lead).get(f"{c_}/timeline?limit=100").data
    refuse_traces(export, group, of=(1, 2), also=traces)


def test_a_childs_timeline_tells_of_groups_and_messages(house: House, api: Opener):
    group = a_group(house, 1)
    ot, case = api(house.ot), group.children[0]
    told = [line(group, 0, message_home="A good day.", message_school="Praise helps.")]
    ot.post(recordings(group), a_recording(told))
    found = {kind: ot.get(f"/cases/{case}/timeline?kind={kind}").json["items"] for kind in ("group", "message")}
    assert [i["detail"]["what"] for i in found["group"] if i["subject"]] == ["session"]
    assert {i["audience"] for i in found["message"]} == {"care-team-and-family", "care-team-and-school"}


def test_each_look_at_a_course_is_in_the_log_and_in_that_of_each_child(house: House, api: Opener):
    group = a_group(house, 2)
    group.record()
    course = f"/courses/{group.course}"
    for path, kind, children in (
        (course, "ReadCourse", 0),
        (f"{course}/roster", "ReadRoster", 2),
        (f"{course}/sessions/1", "ReadSession", 2),
        (f"{course}/fit?case={group.children[0]}", "ReadFit", 1),
        ("/courses", "ReadCourses", 0),
        ("/me/sessions?from=2026-03-09&to=2026-03-10", "ReadMySessions", 0),
    ):
        before = len(house.services.access.page(limit=10_000))
        answer = api(house.ot).get(path)
        looks = house.services.access.page(limit=10_000)
        mine = looks[: len(looks) - before]
        assert (path, len(mine)) == (path, 1 + children)
        assert {(look["kind"], look["channel"]) for look in mine} == {(kind, "api")}
        assert answer.headers["X-Request-Id"] in {look["request"] for look in mine}
