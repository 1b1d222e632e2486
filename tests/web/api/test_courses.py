"""Courses, and who is in them, by HTTP, on both stores; each answer as documented."""

from typing import Any
from uuid import UUID

from coord.application.groups.commands import PlanSession
from tests.group_story import LEVELS, Group, a_plan
from tests.house import House
from tests.web.api.conftest import Opener
from tests.web.api.test_goals import goal_under_way
from tests.web.api.test_routes import routes_of

LINE = {"attendance": "present", "message_school": "Praise helps."}


def a_course(house: House, **more: Any) -> dict[str, Any]:
    """What is sent to plan a course."""
    return {
        "title": "Tuesday builders",
        "kind": "social-skills",
        "aims": "Waiting for a turn and asking for help.",
        "room": "Blue room",
        "first_date": "2026-03-10",
        "start_time": "10:00",
        "minutes": 60,
        "sessions": 10,
        "holidays": ["2026-03-24"],
        "capacity": 6,
        "staff": [str(house.ot.person_id), str(house.stranger.person_id)],
        **more,
    }


def a_recording(children: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """What is sent to record the first session."""
    times = {"started_at": "2026-03-10T09:00:00+01:00", "ended_at": "2026-03-10T10:00:00+01:00"}
    return {**times, "children": children, **more}


def test_a_session_that_was_is_answered_as_it_was(house: House, api: Opener):
    story, ot = Group(house), api(house.ot)
    story.plan()
    house.clock.turn(days=8)
    changed = {"room": "Green room", "start_time": "14:00", "reason": "Another hour"}
    assert ot.patch(f"/courses/{story.course}", changed, version=1).status_code == 200
    answer = ot.get(f"/courses/{story.course}").json
    assert [(s["starts_at"], s["room"]) for s in answer["calendar"][1:3]] == [
        ("2026-03-17T09:00:00Z", "Blue room"),
        ("2026-03-24T13:00:00Z", "Green room"),
    ]
    mine = ot.get("/me/sessions?from=2026-03-17&to=2026-03-24").json["items"]
    assert [(s["starts_at"], s["room"]) for s in mine] == [(s["starts_at"], s["room"]) for s in answer["calendar"][1:3]]


def test_every_route_of_groups_answers_as_documented(house: House, api: Opener):
    ot, lead, teacher = api(house.ot), api(house.lead), api(house.teacher)
    story = Group(house)

    # a course, planned and planned otherwise
    made = ot.post("/courses", a_course(house))
    assert (made.status_code, made.json["status"]) == (201, "open")
    story.course = UUID(made.json["id"])
    course = f"/courses/{story.course}"
    assert made.headers["Location"] == f"/api/v1{course}"
    read = ot.get(course)
    assert read.headers["ETag"] == '"1"'
    sent = a_course(house)
    assert {name: read.json[name] for name in sent if name != "staff"} == {
        k: v for k, v in sent.items() if k != "staff"
    }
    assert [(s["number"], s["starts_at"], s["status"]) for s in read.json["calendar"]][:3] == [
        (1, "2026-03-10T09:00:00Z", "planned"),
        (2, "2026-03-17T09:00:00Z", "planned"),
        (3, "2026-03-31T08:00:00Z", "planned"),  # after a holiday, and in summer time
    ]
    assert read.json["on_staff"] is True
    assert (read.json["free"], read.json["policy"]["age_from"]) == (6, 5)
    changed = {"room": "Green room", "reason": "The blue one is being painted"}
    assert ot.patch(course, changed, version=1).json["version"] == 2
    assert [(c["title"], c["room"]) for c in ot.get("/courses").json["items"]] == [("Tuesday builders", "Green room")]
    assert ot.get("/courses").json["may"] == ["PlanCourse"]

    # children
    brio, cleo = story.child("Brio", teacher=house.teacher), story.child("Cleo")
    profile = {"cognitive": "high", "motor": "low", "communication": "moderate", "remark": "Seen over three weeks."}
    assert ot.put(f"/cases/{brio}/profile", profile).json["status"] == "described"
    fit = ot.get(f"{course}/fit?case={brio}").json
    assert (fit["preferred_name"], fit["may"], fit["place"]) == ("Brio", ["enrolled", "waiting"], None)
    told = {name: value for name, value in profile.items() if name != "remark"}
    assert fit["profile"] == {**told, "sensory": None, "attention": None}  # nobody has said
    assert {r["code"] for r in fit["reasons"] if r["favours"]} == {"age-fits", "goal-named"}
    place = {"case": str(brio), "goals": [str(story.goals[brio])], "guardians": ["His mother"]}
    enrolled = ot.post(f"{course}/places", place)
    assert (enrolled.status_code, enrolled.json["status"]) == (201, "enrolled")
    waits = {"case": str(cleo), "goals": [str(story.goals[cleo])], "place": "waiting"}
    assert ot.post(f"{course}/places", waits).json["status"] == "waiting"

    # a session, planned and recorded
    mine = ot.get("/me/sessions?from=2026-03-09&to=2026-03-17").json
    assert [(s["number"], s["of"], s["planned"]) for s in mine["items"]] == [(1, 10, False), (2, 10, False)]
    session = f"{course}/sessions/1"
    version = int(ot.get(session).headers["ETag"].strip('"'))
    goal = str(story.goals[brio])
    plan = {
        "aims": "Taking turns",
        "steps": [
            {"step": "welcome", "minutes": 10},
            {"step": "main", "activity": str(house.activity("Rain on the roof")), "note": "In pairs."},
        ],
        "children": [{"case": str(brio), "grading": "down", "how": "With a card", "goals": [goal]}],
    }
    assert ot.put(f"{session}/plan", plan, version=version).json["status"] == "planned"
    told = ot.get(session).json
    assert [(s["step"], s["minutes"]) for s in told["plan"]["steps"]] == [("welcome", 10), ("main", None)]
    assert [a["title"] for a in told["activities"]] == [told["plan"]["steps"][1]["title"]]
    assert [(c["preferred_name"], c["grading"], c["planned_goals"]) for c in told["children"]] == [
        ("Brio", "down", [goal])
    ]
    rated: dict[str, Any] = {
        **LINE,
        "case": str(brio),
        "ratings": [{"goal": goal, "level": 1, "support": "verbal"}],
    }
    recorded = ot.post(f"{session}/recordings", a_recording([rated], note={"delivered": "All of it."}))
    assert (recorded.status_code, recorded.json["status"], recorded.headers["ETag"]) == (201, "recorded", '"1"')
    told = ot.get(session).json
    (line,) = told["children"][0]["lines"]
    assert (line["attendance"], line["arrival"], line["ratings"][0]["level"]) == ("present", None, 1)
    (kept,) = told["recordings"]
    assert (kept["id"], kept["author_name"], kept["note"]["delivered"]) == (
        recorded.json["id"],
        "Ada Lind",
        "All of it.",
    )
    late = {**rated, "line": line["id"], "attendance": "late"}
    late["ratings"] = [{**rated["ratings"][0], "id": line["ratings"][0]["id"]}]
    correction = {"reason": "Came late", "children": [late]}
    corrected = ot.post(f"{session}/recordings/{kept['id']}/corrections", correction, version=1)
    assert (corrected.status_code, corrected.json["version"]) == (201, 2)
    assert ot.post(f"{course}/sessions/2/cancellation", {"reason": "Flooded"}).json["status"] == "cancelled"
    assert ot.get(course).json["calendar"][1]["reason"] == "Flooded"
    assert ot.post(f"{course}/sessions/2/reinstatement", {"reason": "Dry again"}).json["status"] == "planned"
    move = {"day": "2026-03-19", "start_time": "11:00", "reason": "A feast"}
    assert ot.post(f"{course}/sessions/2/move", move).json["status"] == "moved"
    second = ot.get(course).json["calendar"][1]
    assert (second["starts_at"], second["moved"]["from_day"], second["reason"]) == (
        "2026-03-19T10:00:00Z",
        "2026-03-17",
        None,
    )
    named = {"people": [str(house.slt.person_id)], "reason": "Ada is ill"}
    assert ot.put(f"{course}/sessions/2/stand-ins", named, version=99).status_code == 412
    version = int(ot.get(f"{course}/sessions/2").headers["ETag"].strip('"'))
    assert ot.put(f"{course}/sessions/2/stand-ins", named, version=version).json["status"] == "named"
    assert [s["person"] for s in ot.get(f"{course}/sessions/2").json["stand_ins"]] == named["people"]
    absent = {"case": str(brio), "attendance": "absent", "absence_reason": "ill"}
    again = lead.post(f"{session}/recordings", a_recording([absent]))
    assert again.status_code == 201
    (child,) = ot.get(session).json["children"]
    assert (child["attendance"], child["may_settle"], ot.get(session).json["session"]["unclear"]) == (
        "unclear",
        True,
        1,
    )
    holds = next(told["id"] for told in child["lines"] if told["attendance"] == "late")
    settled = {"case": str(brio), "line": holds, "reason": "The mother brought him"}
    assert ot.post(f"{session}/settlements", settled).json["status"] == "settled"
    assert ot.get(session).json["children"][0]["attendance"] == "there"
    suits = ot.get(session).json["suits"][0]
    assert sum(suits[way] for way in ("as_written", "down", "up", "too_much", "unsaid")) == 1

    # what came of it, for the course and for the child
    roster = lead.get(f"{course}/roster").json
    assert [(c["preferred_name"], c["place"], c["guardians"]) for c in roster["children"]] == [
        ("Brio", "enrolled", ["His mother"]),
        ("Cleo", "waiting", []),
    ]
    line, given_up = roster["children"][0]["lines"]
    assert (given_up["instead"], given_up["error_reason"]) == (line["id"], "The mother brought him")
    assert (line["attendance"], line["version"], line["correction_reason"]) == ("late", 2, "Came late")
    assert (line["ratings"][0]["id"], roster["children"][0]["may_open"]) == (
        late["ratings"][0]["id"],
        True,
    )
    (group,) = ot.get(f"/cases/{brio}/groups").json["items"]
    assert (group["id"], group["status"], group["attended"], group["held"]) == (enrolled.json["id"], "enrolled", 1, 1)
    assert group["next_dates"][0] == "2026-03-10T09:00:00Z"
    (shown,) = teacher.get(f"/cases/{brio}/groups").json["items"]
    (line,) = shown["lines"]
    assert (line["attendance"], line["message_school"], line["ratings"]) == ("late", "Praise helps.", [])
    assert not {"message_home", "response", "grading", "goals"} & line.keys()

    # the end
    gone = ot.post(f"{course}/places/{cleo}/end", {"reason": "Has moved away"})
    assert gone.json["status"] == "left"
    assert ot.post(f"{course}/end", {"reason": "The term is over"}, version=1).status_code == 412
    assert ot.post(f"{course}/end", {"reason": "The term is over"}).json["status"] == "ended"
    assert ot.get("/courses").json["items"] == []
    assert [c["status"] for c in ot.get("/courses?ended=true").json["items"]] == ["ended"]
    assert ot.get(f"/cases/{brio}/groups").json["items"][0]["reason"] == "The term is over"

    covered = ot.covered
    assert covered == routes_of("groups")


def test_only_what_is_sent_of_a_course_is_changed(house: House, api: Opener):
    ot = api(house.ot)
    sent = a_course(house, why_otherwise="A short term", sessions=3)
    course = f"/courses/{ot.post('/courses', sent).json['id']}"

    def as_sent() -> dict[str, Any]:
        read = ot.get(course).json
        return {**{name: read[name] for name in sent}, "staff": [member["person"] for member in read["staff"]]}

    assert as_sent() == sent
    changes: list[dict[str, Any]] = [
        {"start_time": "11:30"},
        {"holidays": []},
        {"staff": sent["staff"][:1]},
        {"first_date": "2026-03-17"},
    ]
    for version, change in enumerate(changes, 1):
        assert ot.patch(course, {**change, "reason": "x"}, version=version).status_code == 200
        sent = {**sent, **change}
        assert as_sent() == sent
    same = ot.patch(course, {"kind": "social-skills", "room": "Blue room", "reason": "x"}, version=5)
    assert (same.status_code, same.json["code"]) == (409, "nothing-changed")
    late = ot.patch(course, {"room": "Red room", "reason": "x"}, version=4)
    assert (late.status_code, late.json["changed"]) == (412, ["course"])


def test_the_levels_of_a_goal_are_a_list_wherever_the_group_works_on_it(house: House, api: Opener):
    group = Group(house)
    group.plan()
    group.enrol(child := group.child("Zig"))
    ot, course = api(house.ot), f"/courses/{group.course}"
    levels = [{"level": level, "text": text} for level, text in LEVELS.items()]
    for path in ("/roster", "/sessions/1"):
        (there,) = ot.get(f"{course}{path}").json["children"]
        assert [goal["levels"] for goal in there["goals"]] == [levels]
    assert [goal["levels"] for goal in ot.get(f"{course}/fit?case={child}").json["goals"]] == [levels]


def test_fit_is_about_the_goals_that_are_named_and_about_all_if_none_are(house: House, api: Opener):
    ot, group = api(house.ot), Group(house)
    group.plan()
    training = house.activity("Rain on the roof", icf=["d7"])
    house.services.doors.execute(house.ot, PlanSession(group.course, 1, a_plan(training)))
    case = group.child("Brio")
    turns, course = str(group.goals[case]), f"/courses/{group.course}"
    laces = goal_under_way(ot, f"/cases/{case}", icf="d5").rsplit("/", 1)[1]

    def about_goals(query: str) -> Any:
        found = ot.get(f"{course}/fit?case={case}{query}").json
        assert [goal["id"] for goal in found["goals"]] == [turns, laces]  # what may be chosen is the same
        return [r["code"] for r in found["reasons"] if r["code"].startswith("goals")]

    assert about_goals(f"&goals={turns}") == ["goals-shared"]
    assert about_goals(f"&goals={laces}") == ["goals-elsewhere"]
    assert about_goals(f"&goals={laces},{turns}") == ["goals-shared"]
    assert about_goals(f"&goals={laces}%2C{turns}") == ["goals-shared"]
    for everything in ("", "&goals="):
        assert about_goals(everything) == ["goals-shared"]

    # to give a place without goals is another matter: none are none, which is a reason against
    place = {"case": str(case), "goals": [], "override": "He needs company first"}
    refused = ot.post(f"{course}/places", {**place, "override": ""})
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [("/override", "reasons-against")]
    assert ot.post(f"{course}/places", place).status_code == 201
    assert ot.get(f"{course}/roster").json["children"][0]["goals"] == []
    assert ot.get(f"{course}/fit?case={case}").json["chosen"] == []

    # for who has the place already, none named are those of before; guardians are named whole
    named = {"case": str(case), "goals": [laces], "guardians": ["His mother"]}
    assert ot.post(f"{course}/places", named).status_code == 201
    now = ot.get(f"{course}/fit?case={case}").json
    assert (now["place"], now["chosen"], now["guardians"]) == ("enrolled", [laces], ["His mother"])
    assert ot.post(f"{course}/places", {"case": str(case)}).status_code == 201
    now = ot.get(f"{course}/fit?case={case}").json
    assert (now["chosen"], now["guardians"]) == ([laces], [])
