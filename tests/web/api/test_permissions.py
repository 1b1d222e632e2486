"""Who sees what by HTTP, that every look is recorded once, and that no words stray into logs or headers."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from coord.domain.actors import Discipline, Role
from tests.group_story import a_group
from tests.house import House
from tests.samples import PLAIN
from tests.web.api.conftest import ALERT, CIRCUMSTANCES, NOTE, Api, Opener, token_of
from tests.web.api.test_courses import a_recording
from tests.web.api.test_goals import COPM, GOAL, INSTRUMENT, PARTIES, STRATEGY, goal_under_way, seen
from tests.web.api.test_group_sessions import every_request_about_a_course, line, recordings
from tests.web.api.test_routes import routes_of, template_of

SUMMARY = {
    "statements": {"strengths": [{"text": "Trains"}], "helps": [{"text": "Slowly"}]},
    "contact": "Ada",
    "valid_from": "2026-03-10",
    "review_date": "2026-06-10",
}
NO_ID = "00000000-0000-4000-8000-00000000dead"
PROFILE = {"cognitive": "low", "motor": "low", "communication": "low"}
ABOUT_NO_CHILD_AND_NO_COURSE = {
    *(
        ("GET", path)
        for path in (
            "/me",
            "/me/sessions",
            "/people",
            "/cases",
            "/waiting",
            "/courses",
            "/activities",
            "/note-templates",
            "/policies",
            "/find",
        )
    ),
    *(("POST", path) for path in ("/people", "/people/{person}/disabling", "/people/{person}/enabling")),
    *(("GET", path) for path in ("/proposals", "/me/account-changes")),
    *(("POST", f"/people/{{person}}/proposals/{{number}}/{what}") for what in ("confirming", "declining")),
    *(("POST", path) for path in ("/cases", "/courses", "/activities", "/note-templates")),
    *(("GET", "/phrases"), ("PUT", "/phrases/{name}"), ("DELETE", "/phrases/{name}")),
    *(("POST", f"/activities/{{activity}}/{what}") for what in ("retirement", "restoration")),
    *(("GET", path) for path in ("/activities/{activity}", "/note-templates/{template}", "/audit")),
    *(
        ("PATCH", f"/{path}")
        for path in ("activities/{activity}", "note-templates/{template}", "people/{person}", "policies")
    ),
}

ABOUT_NO_CHILD_AND_NO_COURSE |= {one.route for one in PLAIN.values() if not re.search("{(case|course)}", one.route[1])}


def every_request_about_a_child(case: Any, note: Any) -> list[tuple[str, str, Any]]:
    c, n = f"/cases/{case}", f"/cases/{case}/notes/{note}"
    reason = {"reason": "x"}
    return [
        ("GET", c, None),
        ("PATCH", c, {"school": "x", **reason}),
        ("POST", f"{c}/closing", reason),
        ("POST", f"{c}/reopening", reason),
        ("POST", f"{c}/team", {"person": NO_ID, "relation": "student"}),
        ("PATCH", f"{c}/team/{NO_ID}", {"until": "2026-06-30"}),
        ("DELETE", f"{c}/team/{NO_ID}", None),
        ("GET", f"{c}/export", None),
        ("POST", f"{c}/complaint-files", reason),
        ("GET", f"{c}/complaint-files/{NO_ID}", None),
        ("GET", f"{c}/complaint-files/{NO_ID}/content", None),
        ("DELETE", f"{c}/complaint-files/{NO_ID}", None),
        ("POST", f"{c}/notes", NOTE),
        ("POST", f"{c}/notes", {**NOTE, "sign": False}),
        ("GET", n, None),
        ("PATCH", n, {"sections": {}}),
        ("DELETE", n, None),
        ("POST", f"{n}/signature", {}),
        ("POST", f"{n}/cosignature", {}),
        ("POST", f"{n}/addenda", {"text": "x"}),
        ("POST", f"{n}/amendments", {"sections": {"text": "x"}, **reason}),
        ("POST", f"{n}/circumstances", {**CIRCUMSTANCES, **reason}),
        ("POST", f"{n}/error", reason),
        ("POST", f"{n}/audience", {"audience": "care-team"}),
        ("GET", f"{n}/readers", None),
        ("GET", f"{n}/cosigners", None),
        ("POST", f"{n}/cosigner", {"person": NO_ID, **reason}),
        ("GET", f"{c}/drafts/{note}", None),
        ("GET", f"{c}/timeline", None),
        ("GET", f"{c}/timeline?reader={NO_ID}", None),
        ("GET", f"{c}/summary", None),
        ("POST", f"{c}/summary", SUMMARY),
        ("POST", f"{c}/summary/recall", reason),
        ("GET", f"{c}/summary/sources", None),
        ("GET", f"{c}/history", None),
        ("GET", f"{c}/overview", None),
        ("GET", f"{c}/circle", None),
        ("POST", f"{c}/circle", {"name": "Mia", "relation": "mother"}),
        ("PATCH", f"{c}/circle/{note}", {"name": "Mia", "reason": "x"}),
        ("POST", f"{c}/circle/names", {"written": "Mum", "person": None}),
        ("POST", f"{c}/alerts", ALERT),
        ("PATCH", f"{c}/alerts/{note}", {"text": "Milk", **reason}),
        ("GET", f"{c}/groups", None),
        ("PUT", f"{c}/profile", PROFILE),
        *every_request_about_goals(case, note),
        *(
            (one.route[0], one.path({**dict.fromkeys(named(one.route[1]), note), "case": case}), one.body)
            for one in PLAIN.values()
            if "{case}" in one.route[1]
        ),
    ]


def named(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def every_request_about_goals(case: Any, one: Any) -> list[tuple[str, str, Any]]:
    c = f"/cases/{case}"
    g, reason = f"{c}/goals/{one}", {"reason": "x"}
    return [
        ("GET", f"{c}/goals", None),
        ("GET", f"{c}/goals?ended=true", None),
        ("POST", f"{c}/goals", GOAL),
        ("GET", g, None),
        ("PATCH", g, {"criterion": "x", **reason}),
        ("POST", f"{g}/agreement", PARTIES),
        ("POST", f"{g}/status", {"status": "active"}),
        ("POST", f"{g}/error", reason),
        ("POST", f"{g}/observations", {"context": "home", "level": 1}),
        ("POST", f"{g}/observations/{one}/error", reason),
        ("POST", f"{c}/attainment", {}),
        ("GET", f"{c}/generalisation", None),
        ("GET", f"{c}/measures", None),
        ("POST", f"{c}/measures/copm", COPM),
        ("POST", f"{c}/measures/instrument", INSTRUMENT),
        ("POST", f"{c}/measures/{one}/error", reason),
        ("GET", f"{c}/strategies", None),
        ("POST", f"{c}/strategies", STRATEGY),
        ("POST", f"{c}/strategies/{one}/trials", {"outcome": "helped"}),
    ]


def test_the_walks_meet_every_operation_about_a_child_or_a_course(sqlite_house: House):
    """Those below, and that of `test_group_sessions` over a course of others."""
    about_a_course = every_request_about_a_course(sqlite_house, a_group(sqlite_house, 1), NO_ID)
    requests = [*every_request_about_a_child(NO_ID, NO_ID), *about_a_course]
    walked = {template_of(method, path) for method, path, _ in requests}
    assert routes_of("all") - walked == ABOUT_NO_CHILD_AND_NO_COURSE


def test_a_child_of_others_is_not_told_apart_from_none(house: House, api: Opener):
    note = house.note(house.ot)
    strangers = [house.stranger, house.admin, house.person("Other Lead", Role.TEAM_LEAD, team="South")]
    head = house.services.record.head()
    for person in strangers:
        theirs = api(person)
        real = every_request_about_a_child(house.child, note)
        for (method, path, body), (_, nowhere, _) in zip(real, every_request_about_a_child(NO_ID, NO_ID), strict=True):
            answers = []
            for address in (path, nowhere):
                answer = theirs.send(method, address, json=body, headers={"If-Match": '"1"'})
                problem = {**answer.json, "instance": ""}
                headers = {k: v for k, v in answer.headers if k != "X-Request-Id"}
                answers.append((answer.status_code, problem, headers))
            assert answers[0] == answers[1], (method, path)
            assert answers[0][0] == 404
        assert house.services.record.head() == head
        assert theirs.get("/cases").json["items"] == []


def test_a_teacher_sees_what_is_shared_with_school_and_no_trace_of_the_rest(house: House, api: Opener):
    secret, shared = "canarysecret", "canaryshared"
    hidden = house.note(house.ot, secret, audience="care-team")
    house.note(house.psychologist, secret, audience="own-discipline")
    house.note(house.student, secret, audience="care-team-and-school")  # not co-signed yet
    open_to_school = house.note(house.ot, shared, audience="care-team-and-school")
    house.summary(sources=[hidden])
    teacher = api(house.teacher)
    c = f"/cases/{house.child}"
    seen = ""
    for path in (
        "/cases",
        c,
        f"{c}/timeline",
        f"{c}/timeline?q={secret}",
        f"{c}/timeline?as_of={house.services.record.head()}",
        f"{c}/summary",
        f"{c}/notes/{open_to_school}",
    ):
        answer = teacher.get(path)
        assert answer.status_code == 200
        seen += answer.text
    assert shared in seen
    assert secret not in seen
    assert str(hidden) not in seen
    assert teacher.get(f"{c}/timeline?q={secret}").json["items"] == []
    assert teacher.get(f"{c}/notes/{hidden}").json["code"] == "no-such-note"
    absent = teacher.get(f"{c}/notes/{uuid4()}")
    assert {**absent.json, "instance": ""} == {**teacher.get(f"{c}/notes/{hidden}").json, "instance": ""}
    for method, path, status in (
        ("GET", f"{c}/history", 403),
        ("GET", f"{c}/export", 403),
        ("GET", f"{c}/summary/sources", 403),
        ("GET", f"{c}/notes/{hidden}/readers", 403),
        ("GET", "/audit", 403),
        ("GET", "/people", 403),
        ("GET", "/people?q=Una", 403),
        ("GET", "/courses", 403),
        ("GET", "/me/sessions?from=2026-03-09&to=2026-03-10", 403),
        ("POST", f"{c}/notes/{hidden}/addenda", 404),
    ):
        assert teacher.send(method, path, json={"text": "x"} if method == "POST" else None).status_code == status
    assert teacher.note(house.child).json["errors"][0]["code"] == "not-for-your-role"


def test_a_psychologists_own_notes_stay_in_the_discipline(house: House, api: Opener):
    note = house.note(house.psychologist, "processnote", audience="own-discipline")
    colleague = house.person("Per Psy", Role.THERAPIST, Discipline.PSYCHOLOGY)
    c = f"/cases/{house.child}"
    api(house.ot).post(f"{c}/team", {"person": str(colleague.person_id), "relation": "psychologist"})
    assert "processnote" in api(colleague).get(f"{c}/timeline").text
    for person in (house.ot, house.student, house.teacher, house.lead):
        assert "processnote" not in api(person).get(f"{c}/timeline").text
        assert api(person).get(f"{c}/notes/{note}").status_code == 404
    export = api(house.lead).get(f"{c}/export")
    assert "processnote" not in export.text
    assert "processnote" not in api(house.lead).get(f"{c}/history").text


def test_a_teacher_gets_of_goals_what_the_school_needs_and_no_trace_of_the_rest(house: House, api: Opener):
    secret = "canarygoal"
    ot, psychologist, teacher = api(house.ot), api(house.psychologist), api(house.teacher)
    c = f"/cases/{house.child}"
    words = {"statement": secret, "child_view": secret, "condition": secret}
    hidden = [
        goal_under_way(ot, c, **words, audience="care-team"),
        goal_under_way(psychologist, c, **words, audience="own-discipline"),
        f"{c}/goals/{ot.post(f'{c}/goals', {**GOAL, **words}).json['id']}",  # for the school, and only proposed
    ]
    shared = goal_under_way(ot, c, baseline=secret, statement="canaryshared")
    ot.patch(shared, {"criterion": "x", "reason": secret}, version=3)
    seen(ot, shared, "home", 1, remark=secret, reported_by=secret)
    ot.post(f"{c}/strategies", {"text": secret, "context": "home"})
    ended = ot.post(f"{c}/strategies", STRATEGY).json["id"]
    ot.post(f"{c}/strategies/{ended}/end", {"reason": secret})
    instrument = {**INSTRUMENT, "instrument": secret, "summary": secret}
    ot.post(f"{c}/measures/instrument", instrument)
    ot.post(f"{c}/attainment")
    text = ""
    for path in ("/goals", "/goals?ended=true", "/generalisation", "/strategies", "/strategies?ended=true"):
        answer = teacher.get(c + path)
        assert answer.status_code == 200
        text += answer.text
    text += teacher.get(shared).text + teacher.get(f"{c}/timeline?limit=100").text + teacher.get("/cases").text
    assert "canaryshared" in text
    assert secret not in text
    for goal in hidden:
        assert goal.rsplit("/", 1)[1] not in text
        assert teacher.get(goal).json["code"] == "no-such-goal"
        absent = teacher.get(f"{c}/goals/{uuid4()}")
        assert {**absent.json, "instance": ""} == {**teacher.get(goal).json, "instance": ""}
        at_school = {"context": "school", "level": 1}
        assert teacher.post(f"{goal}/observations", at_school).json["code"] == "no-such-goal"
    for missing in ("icf", "disciplines", "baseline"):
        assert missing not in teacher.get(shared).json
    assert teacher.get(shared).json["scale"].keys() == {"levels"}
    assert teacher.get(f"{c}/goals").json["attainments"] == []
    for method, path, body in every_request_about_goals(house.child, shared.rsplit("/", 1)[1]):
        allowed = path.endswith(("/trials", "/observations")) or (method == "GET" and "/measures" not in path)
        if not allowed and "/observations/" not in path:
            answer = teacher.send(method, path, json=body, headers={"If-Match": '"4"'})
            assert (method, path, answer.status_code) == (method, path, 403)


def test_a_psychologists_own_goals_stay_in_the_discipline(house: House, api: Opener):
    psychologist = api(house.psychologist)
    c = f"/cases/{house.child}"
    goal = goal_under_way(psychologist, c, statement="processgoal", audience="own-discipline")
    seen(psychologist, goal, "home", 1, remark="processgoal")
    psychologist.post(f"{c}/attainment")
    paths = (f"{c}/goals?ended=true", f"{c}/generalisation", f"{c}/timeline")
    assert all("processgoal" in psychologist.get(path).text for path in paths)
    for person in (house.ot, house.student, house.teacher, house.lead):
        assert not any("processgoal" in api(person).get(path).text for path in paths)
        assert api(person).get(goal).status_code == 404
    for path in (f"{c}/export", f"{c}/history", "/audit"):
        assert "processgoal" not in api(house.lead).get(path).text


def test_every_answer_that_shows_a_child_leaves_one_look(house: House, api: Opener):
    note = house.note(house.ot)
    house.summary()
    c = f"/cases/{house.child}"
    goal = goal_under_way(api(house.ot), c)
    group = a_group(house, 2)
    group.record()
    course = f"/courses/{group.course}"
    people = {"ot": api(house.ot), "lead": api(house.lead)}
    questions: list[tuple[Any, ...]] = [
        ("ot", c, "ReadCase"),
        ("ot", f"{c}/timeline", "ReadTimeline"),
        ("ot", f"{c}/notes/{note}", "ReadNote"),
        ("ot", f"{c}/notes/{note}/readers", "ReadNoteReaders"),
        ("ot", f"{c}/summary", "ReadSummary"),
        ("ot", f"{c}/summary/sources", "ReadSummarySources"),
        ("ot", f"{c}/goals", "ReadGoals"),
        ("ot", goal, "ReadGoal"),
        ("ot", f"{c}/generalisation", "ReadGoals"),
        ("ot", f"{c}/strategies", "ReadGoals"),
        ("ot", f"{c}/measures", "ReadMeasures"),
        ("lead", f"{c}/history", "ReadHistory"),
        ("lead", f"{c}/history?format=csv", "ReadHistory"),
        ("lead", f"{c}/export", "ExportCase"),
        ("lead", f"{c}/timeline?reader={house.teacher.person_id}", "ReadTimelineAs"),
        ("ot", "/cases", "ReadCaseload", house.child, *group.children),
        ("ot", "/find?q=a", "Find", house.child, *group.children),
        ("ot", "/waiting", "ReadWaiting"),  # nothing waits, so no child
        ("lead", "/audit?kind=case.opened", "ReadAudit", house.child, *group.children),
        ("ot", "/me", "ReadMe"),
        ("ot", f"{c}/groups", "ReadGroups"),
        ("ot", "/courses", "ReadCourses"),
        ("ot", "/me/sessions?from=2026-03-09&to=2026-03-10", "ReadMySessions"),
        ("ot", course, "ReadCourse"),
        ("ot", f"{course}/roster", "ReadRoster", *group.children),  # one look more for each child that it shows
        ("lead", f"{course}/sessions/1", "ReadSession", *group.children),
        ("ot", f"{course}/fit?case={group.children[1]}", "ReadFit", group.children[1]),
    ]
    for who, path, kind, *children in questions:
        for headers in ({}, {"If-None-Match": "*"}, {"If-None-Match": '"1"'}):
            before = len(house.services.access.page(limit=10_000))
            answer = people[who].get(path, headers=headers)
            assert answer.status_code == 200
            looks = house.services.access.page(limit=10_000)
            made = looks[: len(looks) - before]
            assert {look["case_id"] for look in made} >= set(children)
            assert (path, len(made)) == (path, 1 + len(children))
            for look in made:
                assert (look["kind"], look["channel"], look["outcome"]) == (kind, "api", "shown")
            assert answer.headers["X-Request-Id"] in {look["request"] for look in made}


def test_no_look_recorded_nothing_shown(sqlite_house: House, sqlite_api: Opener, monkeypatch: pytest.MonkeyPatch):
    note = sqlite_house.note(sqlite_house.ot)
    group = a_group(sqlite_house, 1)
    course = f"/courses/{group.course}"
    ot = sqlite_api(sqlite_house.ot)

    def broken(*looks: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(sqlite_house.services.access, "record", broken)
    case = f"/cases/{sqlite_house.child}"
    of_a_child = [case, f"{case}/notes/{note}", f"{case}/timeline", f"{case}/groups"]
    of_a_course = [course, f"{course}/roster", f"{course}/sessions/1", f"{course}/fit?case={group.children[0]}"]
    for path in (*of_a_child, *of_a_course):
        answer = ot.get(path)
        assert (answer.status_code, answer.json["code"]) == (503, "access-not-recorded")
        assert "Retry-After" in answer.headers


def test_tokens_and_nothing_else(sqlite_house: House, sqlite_api: Opener):
    house = sqlite_house
    browser: Any = house.browser_of(house.ot).client
    assert browser.get("/").status_code == 200
    for headers in (
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer coord_" + "x" * 43},
        {"Authorization": f"Token {token_of(house, house.ot)}"},
    ):
        answer = browser.get(f"/api/v1/cases/{house.child}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.content_type == "application/problem+json"
        assert answer.json["code"] in ("token-missing", "token-invalid")
        assert browser.post(f"/api/v1/cases/{house.child}/notes", json=NOTE, headers=headers).status_code == 401
    assert sqlite_api(house.ot).get("/me").json["me"]["name"] == "Ada Lind"  # no CSRF token, no cookie
    token = token_of(house, house.ot)
    house.clock.turn(days=31)
    expired = browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert expired.json["code"] == "token-expired"
    assert 'error="invalid_token"' in expired.headers["WWW-Authenticate"]


def test_nobody_learns_what_is_wrong_with_a_body_without_a_token(sqlite_house: House):
    client = sqlite_house.app.test_client()
    answer = client.post(f"/api/v1/cases/{sqlite_house.child}/notes?x=1", data="{", content_type="text/plain")
    assert answer.status_code == 401


def test_headers(sqlite_house: House, sqlite_api: Opener):
    ot = sqlite_api(sqlite_house.ot)
    for path in (f"/cases/{sqlite_house.child}", "/nowhere", "/cases?x=1", "/openapi.json", "/docs"):
        headers = ot.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Access-Control-Allow-Origin" not in headers
        assert "Set-Cookie" not in headers


def test_no_words_of_a_child_in_the_logs(
    house: House, api: Opener, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    canary = "canaryinthelog"
    caplog.set_level(0)
    ot = api(house.ot)
    c = f"/cases/{house.child}"
    with structlog.testing.capture_logs() as entries:
        note = ot.note(house.child, sections={"text": canary}, present=[canary]).json["id"]
        ot.post(f"{c}/notes/{note}/addenda", {"text": canary}, headers={"Idempotency-Key": canary})
        ot.post(f"{c}/notes/{note}/amendments", {"sections": {"text": canary + "2"}, "reason": canary}, version=2)
        ot.note(house.child, sections={canary: canary})
        ot.send("POST", f"{c}/notes", data=json.dumps({canary: canary})[:-1], content_type="application/json")
        ot.note(house.child, sections={"text": canary}, sign=False)
        ot.get(f"{c}/timeline?q={canary}")
        ot.get(f"{c}/notes/{note}")
        ot.get(f"{c}/timeline?{canary}={canary}")
        goal = goal_under_way(ot, c, statement=canary, child_view=canary)
        seen(ot, goal, "home", 1, remark=canary, reported_by=canary)
        ot.patch(goal, {"criterion": canary, "reason": canary, "icf": canary}, version=3)
        ot.post(f"{c}/strategies", {"text": canary, "context": canary})
        ot.post(f"{c}/measures/copm", {**COPM, "remark": canary, "informant_name": canary})
        for path in (goal, f"{c}/goals", f"{c}/measures"):
            ot.get(path)
        written_about_a_group(house, ot, canary)
    assert len(entries) >= 9
    assert canary not in json.dumps(entries, default=str)
    assert canary not in caplog.text
    captured = capfd.readouterr()
    assert canary not in captured.out + captured.err
    looks = house.services.access.page(limit=1000)
    assert canary not in json.dumps(looks, default=str)


def written_about_a_group(house: House, ot: Api, words: str) -> None:
    """The words, in all places in which something is written about a group; each is accepted."""
    group = a_group(house, 1)
    case, course = group.children[0], f"/courses/{group.course}"
    texts = dict.fromkeys(("response", "incident", "message_home", "message_school", "practice"), words)
    told = line(group, 0, **texts, strategies=[{"text": words}])
    step = {"step": "welcome", "note": words}
    place = {"case": str(case), "goals": [str(group.goals[case])], "guardians": [words], "override": words}
    for method, path, body, status in (
        ("PATCH", course, {"aims": words, "room": words, "reason": words}, 200),
        ("PUT", f"/cases/{case}/profile", {**PROFILE, "remark": words}, 200),
        ("POST", f"{course}/places", place, 201),
        ("PUT", f"{course}/sessions/2/plan", {"aims": words, "steps": [step]}, 200),
        ("POST", recordings(group), a_recording([told], note={"delivered": words}), 201),
        ("POST", f"{course}/sessions/3/cancellation", {"reason": words}, 200),
        ("POST", f"{course}/sessions/3/reinstatement", {"reason": words}, 200),
        ("POST", f"{course}/sessions/3/move", {"day": "2026-03-26", "start_time": "10:00", "reason": words}, 200),
        ("PUT", f"{course}/sessions/3/stand-ins", {"people": [str(house.slt.person_id)], "reason": words}, 200),
        ("POST", f"{course}/places/{case}/end", {"reason": words}, 200),
        ("POST", f"{course}/end", {"reason": words}, 200),
        ("GET", f"{course}/fit?case={words}", None, 422),
    ):
        version = {"If-Match": f'"{house.services.record.course(group.course).version}"'}
        assert (path, ot.send(method, path, json=body, headers=version).status_code) == (path, status)
    for path in (course, f"{course}/roster", f"{course}/sessions/1", f"/cases/{case}/groups"):
        assert words in ot.get(path).text
