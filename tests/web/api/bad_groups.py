"""What can be wrong with a request about courses, sessions and a child's groups; `test_bad_input` sends each."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.group_story import a_group
from tests.house import House
from tests.web.api.conftest import Api
from tests.web.api.test_courses import a_recording

Row = tuple[str, str, Any, int, str, tuple[str, str] | None]
COURSE = "/courses/{course}"
PLACES = f"{COURSE}/places"
HELD, NEXT, OFF = (f"{COURSE}/sessions/{number}" for number in (1, 2, 3))
CORRECTIONS = f"{HELD}/recordings/{{recording}}/corrections"
WHY = {"reason": "x"}
WELCOME = {"step": "welcome"}
RATING = {"goal": "{kid_goal}", "level": 0, "support": "verbal"}
KID: dict[str, Any] = {"case": "{kid}", "attendance": "present", "ratings": [RATING]}
OTHER = {"case": "{other_kid}", "attendance": "present"}
LONG = "x" * 1001


def stage(house: House, ot: Api) -> dict[str, Any]:
    """The ids of a course: of its two children, of what was recorded of one in the first session; the third is off."""
    today = house.clock.now.date()  # the day of the second session, which nobody has recorded
    group = a_group(house, 2, first_date=today - timedelta(days=7))
    kid, other_kid = group.children
    waiting = group.child("Elsa")
    group.enrol(waiting, place="waiting")
    ids = {name: str(uuid4()) for name in ("line", "rating", "handed")}
    told = {
        "case": str(kid),
        "line": ids["line"],
        "attendance": "present",
        "ratings": [{"id": ids["rating"], "goal": str(group.goals[kid]), "level": 0}],
        "strategies": [{"id": ids["handed"], "text": "A card to wait with."}],
    }
    course = f"/courses/{group.course}"
    absent = {"case": str(other_kid), "attendance": "absent"}
    made = ot.post(f"{course}/sessions/1/recordings", a_recording([told, absent]))
    assert made.status_code == 201, made.text
    assert ot.post(f"{course}/sessions/3/cancellation", WHY).status_code == 200
    seen = ot.post(f"/cases/{kid}/goals/{group.goals[kid]}/observations", {"context": "home", "level": 1}).json["id"]
    retired = house.activity("Thunder")
    assert ot.post(f"/activities/{retired}/retirement", WHY).status_code == 200
    return {
        **ids,
        "course": group.course,
        "recording": made.json["id"],
        "kid": kid,
        "kid_goal": group.goals[kid],
        "seen_at_home": seen,
        "other_kid": other_kid,
        "waiting_kid": waiting,
        "retired": retired,
        "teacher": house.teacher.person_id,
        "staff": house.ot.person_id,
        "stranger": house.stranger.person_id,
    }


def _row(method: str, path: str, body: dict[str, Any], pointer: str, code: str) -> Row:
    sent = {k: v for k, v in body.items() if v is not ...}
    return (method, path, json.dumps(sent), 422, "invalid-input", (pointer, code))


def _refused(path: str, body: Any, status: int, code: str, method: str = "POST") -> Row:
    return (method, path, json.dumps(body), status, code, None)


PLANNED: dict[str, Any] = {
    "title": "Tuesday builders",
    "kind": "social-skills",
    "aims": "Waiting for a turn.",
    "first_date": "2026-03-17",
    "start_time": "15:00",
    "minutes": 60,
    "sessions": 10,
    "capacity": 6,
    "staff": ["{staff}"],
}


def _course(pointer: str, code: str, **changes: Any) -> Row:
    return _row("POST", "/courses", {**PLANNED, **changes}, pointer, code)


def _otherwise(pointer: str, code: str, **changes: Any) -> Row:
    return _row("PATCH", COURSE, {**WHY, **changes}, pointer, code)


def _place(pointer: str, code: str, **place: Any) -> Row:
    return _row("POST", PLACES, {"case": "{case}", **place}, pointer, code)


def _plan(pointer: str, code: str, **changes: Any) -> Row:
    return _row("PUT", f"{NEXT}/plan", {"steps": [WELCOME], **changes}, pointer, code)


def _step(name: str, code: str, **step: Any) -> Row:
    return _plan(f"/steps/1/{name}", code, steps=[WELCOME, {"step": "main", **step}])


def _planned_for(pointer: str, code: str, **child: Any) -> Row:
    return _plan(f"/children/0{pointer}", code, children=[{"case": "{kid}", **child}])


def _recording(pointer: str, code: str, **changes: Any) -> Row:
    body = {**a_recording([KID, OTHER]), **changes}
    return _row("POST", f"{NEXT}/recordings", body, pointer, code)


def _of_a_child(name: str, code: str, **changes: Any) -> Row:
    told = {k: v for k, v in {**KID, **changes}.items() if v is not ...}
    return _recording(f"/children/0/{name}", code, children=[told, OTHER])


def _rated(name: str, code: str, **changes: Any) -> Row:
    rating = {k: v for k, v in {**RATING, **changes}.items() if v is not ...}
    return _of_a_child(f"ratings/0/{name}", code, ratings=[rating])


def _correction(pointer: str, code: str, **changes: Any) -> Row:
    return _row("POST", CORRECTIONS, {**WHY, **changes}, pointer, code)


def _corrected(name: str, code: str, **changes: Any) -> Row:
    told = {"case": "{kid}", "line": "{line}", "attendance": "late", **changes}
    return _correction(f"/children/0/{name}", code, children=[told])


def _profile(pointer: str, code: str, **changes: Any) -> Row:
    profile = {"cognitive": "low", "motor": "low", "communication": "low", **changes}
    return _row("PUT", "/cases/{kid}/profile", profile, pointer, code)


BODIES: dict[str, Row] = {
    # a course
    "a course without a title": _course("/title", "missing", title=" "),
    "a course of magic": _course("/kind", "unknown-choice", kind="magic"),
    "aims left out": _course("/aims", "missing", aims=...),
    "long aims": _course("/aims", "too-long", aims=LONG),
    "no real first day": _course("/first_date", "not-an-iso-date", first_date="2026-02-30"),
    "a first day long gone": _course("/first_date", "not-a-date", first_date="1999-03-10"),
    "at thirteen past never": _course("/start_time", "not-a-time", start_time="25:00"),
    "five minutes": _course("/minutes", "out-of-range", minutes=5),
    "minutes that the policy does not foresee": _course("/minutes", "outside-policy", minutes=200),
    "half a session": _course("/sessions", "wrong-type", sessions=1.5),
    "places for nobody": _course("/capacity", "out-of-range", capacity=0),
    "a holiday soon": _course("/holidays/0", "not-an-iso-date", holidays=["soon"]),
    "nobody to run it": _course("/staff", "missing", staff=[]),
    "run by nobody known": _course("/staff/0", "no-such-person", staff=["{new}"]),
    "run by a teacher": _course("/staff/0", "not-for-staff", staff=["{teacher}"]),
    "a course with children": _course("/children", "unknown-field", children=["{kid}"]),
    "a course's id taken": _course("/id", "id-taken", id="{course}"),
    "a child's id for a course": _course("/id", "id-taken", id="{kid}"),
    "otherwise without a reason": _otherwise("/reason", "missing", reason=" ", room="Red room"),
    "another kind": _otherwise("/kind", "cannot-change", kind="school-skills"),
    "run by nobody from now on": _otherwise("/staff", "missing", staff=[]),
    "fewer places than children": _otherwise("/capacity", "out-of-range", capacity=1, why_otherwise="A small room"),
    "fewer sessions than were held": _otherwise("/sessions", "out-of-range", sessions=2, why_otherwise="A short term"),
    "aims that name a child": _otherwise("/aims", "names-another-child", aims="Brio waits for a turn."),
    "no title from now on": _otherwise("/title", "missing", title=None),
    "nothing otherwise": _refused(COURSE, WHY, 409, "nothing-changed", "PATCH"),
    "no such course": _refused("/courses/{new}", WHY, 404, "no-such-course", "PATCH"),
    "a child for a course": _refused("/courses/{kid}/end", WHY, 404, "no-such-course"),
    "a course ended without a reason": _row("POST", f"{COURSE}/end", {}, "/reason", "missing"),
    "a course ended for a child": _row(
        "POST", f"{COURSE}/end", {"reason": "Cleo has moved away"}, "/reason", "names-another-child"
    ),
    # who is in it
    "a place for nobody": _place("/case", "missing", case=...),
    "a place for no child": _place("/case", "no-such-child", case="{new}"),
    "a place for a child of no id": _place("/case", "not-an-id", case="Brio"),
    "a place in the sun": _place("/place", "unknown-choice", place="sunny"),
    "a place with a goal that is none": _place("/goals/0", "not-an-id", goals=["Waits"]),
    "a place with another child's goal": _place("/goals/0", "no-such-goal", goals=["{kid_goal}"]),
    "a place with nine goals": _place("/goals/8", "no-such-goal", goals=["{new}"] * 9),
    "a place against reasons": _place("/override", "reasons-against"),
    "five guardians": _place("/guardians", "too-many", guardians=["x"] * 5),
    "a guardian by number": _place("/guardians/0", "not-text", guardians=[7]),
    "the place that the child has": _refused(PLACES, {"case": "{kid}"}, 409, "has-this-place"),
    "waiting with a place": _refused(PLACES, {"case": "{kid}", "place": "waiting"}, 409, "has-a-place"),
    "off the course without a reason": _row("POST", f"{PLACES}/{{kid}}/end", {"reason": ""}, "/reason", "missing"),
    "off the course for another": _row(
        "POST", f"{PLACES}/{{kid}}/end", {"reason": "Quarrels with Cleo"}, "/reason", "names-another-child"
    ),
    "off a course that the child is not in": _refused(f"{PLACES}/{{case}}/end", WHY, 404, "no-such-place"),
    # a plan
    "a plan of nothing": _plan("/steps", "missing", steps=[]),
    "a plan in one step": _plan("/steps", "wrong-type", steps=WELCOME),
    "thirteen steps": _plan("/steps", "too-many", steps=[WELCOME] * 13),
    "a nap": _step("step", "unknown-choice", step="nap"),
    "no such activity": _step("activity", "no-such-activity", activity="{new}"),
    "an activity out of use": _step("activity", "activity-retired", activity="{retired}"),
    "five hours of it": _step("minutes", "out-of-range", minutes=300),
    "a long note of a step": _step("note", "too-long", note="x" * 501),
    "planned for a child of others": _planned_for("/case", "not-in-the-course", case="{case}"),
    "planned for a child who waits": _planned_for("/case", "not-in-the-course", case="{waiting_kid}"),
    "planned for nobody": _planned_for("/case", "missing", case=None),
    "planned with another child's goal": _planned_for("/goals/0", "no-such-goal", goals=["{goal}"]),
    "graded sideways": _planned_for("/grading", "unknown-choice", grading="sideways"),
    "a plan of what was recorded": _refused(f"{HELD}/plan", {"steps": [WELCOME]}, 409, "session-recorded", "PUT"),
    "a plan of what is off": _refused(f"{OFF}/plan", {"steps": [WELCOME]}, 409, "session-cancelled", "PUT"),
    "a plan of session nought": _refused(
        f"{COURSE}/sessions/0/plan", {"steps": [WELCOME]}, 404, "no-such-session", "PUT"
    ),
    "called off without a reason": _row("POST", f"{NEXT}/cancellation", {"reason": " "}, "/reason", "missing"),
    "called off once held": _refused(f"{HELD}/cancellation", WHY, 409, "session-recorded"),
    "called off twice": _refused(f"{OFF}/cancellation", WHY, 409, "session-cancelled"),
    "moved without a day": _row("POST", f"{NEXT}/move", {"start_time": "10:00", **WHY}, "/day", "missing"),
    "moved to no time": _row(
        "POST", f"{NEXT}/move", {"day": "2026-03-19", "start_time": "ten", **WHY}, "/start_time", "not-a-time"
    ),
    "moved onto another session": _row(
        "POST", f"{NEXT}/move", {"day": "2026-03-31", "start_time": "10:00", **WHY}, "/day", "another-session-then"
    ),
    "moved once held": _refused(
        f"{HELD}/move", {"day": "2026-03-19", "start_time": "10:00", **WHY}, 409, "session-recorded"
    ),
    "held after all without a reason": _row("POST", f"{OFF}/reinstatement", {"reason": " "}, "/reason", "missing"),
    "held after all though it was never off": _refused(f"{NEXT}/reinstatement", WHY, 409, "not-cancelled"),
    "a teacher stands in": _row(
        "PUT", f"{NEXT}/stand-ins", {"people": ["{teacher}"], **WHY}, "/people/0", "not-for-staff"
    ),
    "nobody's number stands in": _row(
        "PUT", f"{NEXT}/stand-ins", {"people": ["{kid}"], **WHY}, "/people/0", "no-such-person"
    ),
    "the staff stands in": _row(
        "PUT", f"{NEXT}/stand-ins", {"people": ["{staff}"], **WHY}, "/people/0", "on-staff-already"
    ),
    "settled by no line": _row(
        "POST", f"{HELD}/settlements", {"case": "{kid}", "line": "{kid}", **WHY}, "/line", "no-such-line"
    ),
    "settled though nothing disagrees": _refused(
        f"{HELD}/settlements", {"case": "{kid}", "line": "{line}", **WHY}, 409, "recordings-agree"
    ),
    # a recording
    "a recording of nobody": _recording("/children", "without-attendance", children=[]),
    "a child left out": _recording("/children", "without-attendance", children=[KID]),
    "the same child twice": _recording("/children/2/case", "named-twice", children=[KID, OTHER, KID]),
    "no time": _recording("/started_at", "missing", started_at=...),
    "a session to come": _recording("/started_at", "in-the-future", started_at="2026-03-10T10:03:00+01:00"),
    "over before it began": _recording("/ended_at", "before-the-start", ended_at="2026-03-10T08:59:00+01:00"),
    "a day of it": _recording("/ended_at", "too-long-a-session", started_at="2026-03-09T09:00:00+01:00"),
    "gossip about the group": _recording("/note/gossip", "unknown-field", note={"gossip": "x"}),
    "a name in the note": _recording("/note/dynamics", "names-another-child", note={"dynamics": "Cleo led."}),
    "run by somebody else": _recording("/staff/0", "not-for-staff", staff=["{teacher}"]),
    "a recording's id taken": _recording("/id", "id-taken", id="{recording}"),
    "1 for looked at": _recording("/names_confirmed", "wrong-type", names_confirmed=1),
    "1 for took place": _recording("/took_place", "wrong-type", took_place=1),
    "no attendance": _of_a_child("attendance", "missing", attendance=...),
    "half there": _of_a_child("attendance", "unknown-choice", attendance="half"),
    "the absent rated": _of_a_child("ratings", "not-of-the-absent", attendance="absent"),
    "why the present were absent": _of_a_child("absence_reason", "not-of-the-present", absence_reason="Flu"),
    "a long message": _of_a_child("message_home", "too-long", message_home=LONG),
    "another child's name": _of_a_child("response", "names-another-child", response="Shared with Cleo."),
    "a goal that is not the child's": _of_a_child("goals/0", "no-such-goal", goals=["{goal}"]),
    "an empty strategy": _of_a_child("strategies/0/text", "missing", strategies=[{"text": " "}]),
    "a strategy's id taken": _of_a_child("strategies/0/id", "id-taken", strategies=[{"id": "{handed}", "text": "x"}]),
    "seven strategies": _of_a_child("strategies", "too-many", strategies=[{"text": "x"}] * 7),
    "a child of others": _of_a_child("case", "not-in-the-course", case="{case}", ratings=[]),
    "a child who waits": _of_a_child("case", "not-in-the-course", case="{waiting_kid}", ratings=[]),
    "a line's id taken": _of_a_child("line", "id-taken", line="{line}"),
    "a note for a line": _of_a_child("line", "id-taken", line="{note}"),
    "a line by its own name": _of_a_child("id", "unknown-field", id="{new}"),
    "a rating of nothing": _rated("level", "missing", level=None, support=None),
    "a level beyond the scale": _rated("level", "out-of-range", level=3),
    "a level in words": _rated("level", "wrong-type", level="1"),
    "a level of another scale here": _rated("level", "other-scale", scale_version=7),
    "a help that is none": _rated("support", "unknown-choice", support="magic"),
    "a goal of nobody": _rated("goal", "no-such-goal", goal="{new}"),
    "a rating without a goal": _rated("goal", "missing", goal=...),
    "a rating's id that is none": _rated("id", "not-an-id", id="1"),
    "a rating's id taken": _rated("id", "id-taken", id="{seen_at_home}"),
    "something unknown in a rating": _rated("stars", "unknown-field", stars=5),
    "a recording of what is off": _row(
        "POST", f"{OFF}/recordings", a_recording([KID, OTHER]), "/took_place", "cancelled-before"
    ),
    # a correction
    "corrected without a reason": _correction("/reason", "missing", reason=..., note={"delivered": "Half."}),
    "corrected into the future": _correction("/ended_at", "in-the-future", ended_at="2026-03-10T10:59:00+01:00"),
    "a name in a corrected note": _correction("/note/delivered", "names-another-child", note={"delivered": "Cleo's."}),
    "no line to take back": _correction("/in_error/0", "no-such-line", in_error=["{waiting_kid}"]),
    "corrected and taken back": _correction(
        "/children/0/case",
        "named-twice",
        children=[{"case": "{kid}", "line": "{line}", "attendance": "late"}],
        in_error=["{kid}"],
    ),
    "another line than the child's": _corrected("line", "not-the-line", line="{new}"),
    "corrected for a child of others": _corrected("case", "not-in-the-course", case="{case}", line="{new}"),
    "corrected with a rating of elsewhere": _corrected(
        "ratings/0/id", "id-taken", ratings=[{**RATING, "id": "{seen_at_home}"}]
    ),
    "corrected with a strategy of elsewhere": _corrected(
        "strategies/0/id", "id-taken", strategies=[{"id": "{strategy}", "text": "x"}]
    ),
    "nothing corrected": _refused(CORRECTIONS, WHY, 409, "nothing-changed"),
    "no such recording": _refused(f"{HELD}/recordings/{{new}}/corrections", WHY, 404, "no-such-recording"),
    "a recording of another session": _refused(
        f"{NEXT}/recordings/{{recording}}/corrections", WHY, 404, "no-such-recording"
    ),
    # a child's profile
    "copes with anything": _profile("/cognitive", "unknown-choice", cognitive="any"),
    "half a profile": _profile("/motor", "missing", motor=...),
    "a long remark on a profile": _profile("/remark", "too-long", remark=LONG),
}

QUERIES: dict[str, tuple[str, str, str]] = {
    "1 for ended": ("/courses?ended=1", "/ended", "wrong-type"),
    "courses of a kind": ("/courses?kind=social-skills", "/kind", "unknown-field"),
    "fit for nobody": (f"{COURSE}/fit", "/case", "missing"),
    "fit for two": (f"{COURSE}/fit?case={{kid}}&case={{other_kid}}", "/case", "given-twice"),
    "fit with goals one by one": (f"{COURSE}/fit?case={{kid}}&goals={{goal}}&goals={{goal}}", "/goals", "given-twice"),
    "fit with half a goal": (f"{COURSE}/fit?case={{kid}}&goals={{kid_goal}},x", "/goals/1", "not-an-id"),
    "fit with a comma too many": (f"{COURSE}/fit?case={{kid}}&goals={{kid_goal}},", "/goals/1", "not-an-id"),
    "fit with another child's goal": (
        f"{COURSE}/fit?case={{kid}}&goals={{kid_goal}},{{goal}}",
        "/goals/1",
        "no-such-goal",
    ),
    "no first day": ("/me/sessions?to=2026-03-09", "/from", "missing"),
    "a week backwards": ("/me/sessions?from=2026-03-10&to=2026-03-09", "/to", "before-the-start"),
    "two years of sessions": ("/me/sessions?from=2026-03-10&to=2028-03-10", "/to", "too-long-a-span"),
    "a time for a day": ("/me/sessions?from=2026-03-10T00:00:00Z&to=2026-03-11", "/from", "not-an-iso-date"),
    "a session by page": (f"{HELD}?page=1", "/page", "unknown-field"),
    "a roster with left": (f"{COURSE}/roster?left=true", "/left", "unknown-field"),
    "a child's groups of a kind": ("/cases/{kid}/groups?kind=social-skills", "/kind", "unknown-field"),
}
