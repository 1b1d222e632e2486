"""Goals, the score, the matrix, measures and strategies by HTTP, on both stores, each answer as documented."""

from typing import Any

import pytest

from coord.domain.actors import Role
from tests.house import House
from tests.web.api.conftest import Api, Opener
from tests.web.api.test_routes import routes_of

GOAL: dict[str, Any] = {
    "statement": "Zig puts his jacket on by himself.",
    "child_view": "I want to be first outside.",
    "icf": "d5",
    "contexts": ["home", "school"],
    "condition": "Before each break",
    "criterion": "Four days of five",
    "support": "verbal",
    "baseline": "Waits to be dressed.",
    "review_date": "2026-06-10",
    "audience": "care-team-and-school",
    "scale": {
        "levels": [
            {"level": -2, "text": "Waits"},
            {"level": -1, "text": "One arm"},
            {"level": 0, "text": "Both arms"},
            {"level": 1, "text": "No zip"},
            {"level": 2, "text": "Zip and all"},
        ],
        "baseline": -1,
        "importance": None,
        "difficulty": None,
    },
}
COPM: dict[str, Any] = {
    "problems": [
        {"activity": "Dressing", "importance": 9, "performance": 3, "satisfaction": 2},
        {"activity": "Writing", "importance": 7, "performance": 5, "satisfaction": 4},
    ],
    "informant": "guardian",
    "informant_name": "His mother",
    "measured_on": "2026-03-09",
    "remark": "At the kitchen table.",
}
INSTRUMENT: dict[str, Any] = {
    "instrument": "Movement ABC",
    "edition": "2",
    "norm_set": "Italy",
    "language": "Italian",
    "measured_on": "2026-03-10",
    "informant": "professional",
    "scores": [
        {"scale": "Dexterity", "raw": 19, "standard": 6, "metric": "scaled-10-3", "percentile": 9.5, "low": 4,
         "high": 8, "interval": 95, "direction": "higher-is-better", "band": "amber"},
        {"scale": "Balance", "band": "green"},
    ],
    "validity": "Tired towards the end.",
    "summary": "Slow with both hands.",
}  # fmt: skip
STRATEGY = {"text": "Lay the clothes out in order.", "context": "school"}
PARTIES = {"parties": [{"name": "Zig", "party": "child"}, {"name": "His mother", "party": "guardian"}]}


def goal_under_way(person: Api, case: str, **changes: Any) -> str:
    """A goal that is agreed and being worked on, of which `changes` make it another than `GOAL`; its path."""
    made = person.post(f"{case}/goals", {**GOAL, **changes})
    assert made.status_code == 201, made.text
    goal = f"{case}/goals/{made.json['id']}"
    assert person.post(f"{goal}/agreement", PARTIES, version=1).json["status"] == "agreed"
    assert person.post(f"{goal}/status", {"status": "active"}, version=2).json["status"] == "active"
    return goal


def seen(person: Api, goal: str, context: str, level: int | None, **more: Any) -> str:
    made = person.post(f"{goal}/observations", {"context": context, "level": level, **more})
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def test_a_remark_that_seems_to_name_another_child_is_refused_until_it_was_looked_at(house: House, api: Opener):
    ot, case = api(house.ot), f"/cases/{house.child}"
    house.open_case("Cleo")
    goal = goal_under_way(ot, case)
    told = {"context": "therapy", "level": 1, "remark": "Waited for Cleo."}
    refused = ot.post(f"{goal}/observations", told)
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [("/remark", "names-another-child")]
    assert ot.post(f"{goal}/observations", {**told, "names_confirmed": True}).status_code == 201


def test_every_route_of_goals_answers_as_documented(house: House, api: Opener):
    ot, teacher, lead = api(house.ot), api(house.teacher), api(house.lead)
    case = f"/cases/{house.child}"

    # a goal, from proposal to its end
    made = ot.post(f"{case}/goals", GOAL)
    goal = f"{case}/goals/{made.json['id']}"
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1{goal}")
    read = ot.get(goal)
    assert read.headers["ETag"] == '"1"'
    assert {name: read.json[name] for name in GOAL} == GOAL
    assert (read.json["disciplines"], read.json["level"], read.json["next_statuses"]) == (["ot"], None, ["stopped"])
    agreed = ot.post(f"{goal}/agreement", PARTIES, version=1)
    assert (agreed.json["status"], agreed.json["version"]) == ("agreed", 2)
    assert ot.post(f"{goal}/status", {"status": "active"}, version=2).json["version"] == 3
    slip = seen(ot, goal, "school", 2)
    assert ot.post(f"{goal}/observations/{slip}/error", {"reason": "a slip"}).json["status"] == "entered-in-error"
    seen(teacher, goal, "school", 0, support="verbal", remark="Before both breaks.")
    changed = {"criterion": "Five days of five", "reason": "nearly there"}
    assert ot.patch(goal, changed, version=3).json["version"] == 4
    story = ot.get(goal).json
    assert [v["content"]["criterion"] for v in story["versions"]] == ["Four days of five", "Five days of five"]
    assert story["versions"][1]["reason"] == "nearly there"
    assert story["agreements"][0]["parties"] == PARTIES["parties"]
    assert (story["agreed_as_it_stands"], story["level"], story["level_context"]) == (False, 0, "school")
    assert [(o["level"], o["error_reason"]) for o in story["observations"]] == [(0, None), (2, "a slip")]
    assert [(s["before"], s["status"]) for s in story["statuses"]] == [("agreed", "active")]
    score = ot.post(f"{case}/attainment")
    assert (score.status_code, score.json["status"]) == (201, "scored")

    # strategies
    offered = ot.post(f"{case}/strategies", {**STRATEGY, "goal": made.json["id"]})
    assert offered.status_code == 201
    strategy = f"{case}/strategies/{offered.json['id']}"
    told = {"outcome": "helped", "remark": "Three days running."}
    assert teacher.post(f"{strategy}/trials", told).status_code == 201
    found = teacher.get(f"{case}/strategies").json["items"]
    assert [(s["text"], s["counts"]["helped"], s["trials"][0]["name"]) for s in found] == [
        (STRATEGY["text"], 1, "Tove Dahl")
    ]
    assert ot.post(f"{strategy}/end", {"reason": "needs it no longer"}).json["status"] == "ended"
    assert ot.get(f"{case}/strategies").json["items"] == []
    assert ot.get(f"{case}/strategies?ended=true").json["items"][0]["ended_reason"] == "needs it no longer"

    # everything at a glance
    glance = ot.get(f"{case}/goals").json
    assert [g["id"] for g in glance["items"]] == [made.json["id"]]
    (now,) = glance["attainments"]
    assert (now["t"], now["basis"]["context"], now["included"][0]["level"]) == (50.0, "school", 0)
    assert (now["included"][0]["rater"], now["included"][0]["reported"]) == ("Tove Dahl", False)
    kept = glance["scores"][0]
    assert kept["basis"] == {"kind": "latest", "context": "school", "on": None, "parties": []}
    assert (kept["goals"][0]["rater"], kept["goals"][0]["context"], kept["earlier"]) == ("Tove Dahl", "school", None)
    assert [(s["id"], s["goals"][0]["statement"]) for s in glance["scores"]] == [(score.json["id"], GOAL["statement"])]
    assert glance["rule"] == {
        "occasions": 3, "contexts": 2, "observers": 2, "maintained_weeks": 6, "lost_after": 2, "look_again_weeks": 12,
    }  # fmt: skip
    assert glance["rule_change"] is None
    assert glance["items"][0]["generalisation"]["rule"] == glance["rule"], "each state names the rule it was found by"
    matrix = ot.get(f"{case}/generalisation").json
    assert matrix["rule"] == glance["rule"]
    assert [(r["goal"], r["state"]) for r in matrix["items"]] == [(made.json["id"], "emerging")]

    # measures
    first = ot.post(f"{case}/measures/copm", COPM)
    assert first.status_code == 201
    better = [{**p, "performance": p["performance"] + 2} for p in COPM["problems"]]
    ot.post(f"{case}/measures/copm", {**COPM, "problems": better, "earlier": first.json["id"]})
    tested = ot.post(f"{case}/measures/instrument", INSTRUMENT)
    assert tested.status_code == 201
    listed = ot.get(f"{case}/measures").json
    assert [m["kind"] for m in listed["items"]] == ["instrument", "copm", "copm"]
    test, again, _ = listed["items"]
    assert test["age"] == {"years": 6, "months": 10}
    assert test["instrument"]["scores"][0] == INSTRUMENT["scores"][0]
    assert (test["instrument"]["scores"][1]["raw"], test["instrument"]["scores"][1]["metric"]) == (None, "raw-only")
    change = again["copm"]["change"]
    assert (change["performance_before"], change["performance"], change["same_informant"]) == (4.0, 6.0, True)
    wrong = ot.post(f"{case}/measures/{tested.json['id']}/error", {"reason": "another child's"})
    assert wrong.json["status"] == "entered-in-error"
    assert [m["error_reason"] for m in lead.get(f"{case}/measures").json["items"]] == ["another child's", None, None]
    assert len(api(house.slt).get(f"{case}/measures").json["items"]) == 2

    # the timeline
    kinds = {kind: ot.get(f"{case}/timeline?kind={kind}").json["items"] for kind in ("goal", "strategy", "measure")}
    assert {e["kind"] for entries in kinds.values() for e in entries} == set(kinds)
    assert {e["subject"] for e in kinds["goal"]} == {made.json["id"]}
    assert {e["detail"]["what"] for e in kinds["strategy"]} == {"offered", "tried", "ended"}
    assert {e["detail"]["what"] for e in kinds["measure"]} == {"recorded", "scored"}

    # the end
    assert ot.post(f"{goal}/error", {"reason": "for his brother"}, version=4).json["status"] == "entered-in-error"
    assert ot.get(f"{case}/goals").json["items"] == []
    assert ot.get(f"{case}/goals?ended=true").json["items"][0]["status"] == "entered-in-error"
    assert api(house.slt).get(goal).status_code == 404

    assert routes_of("goals") <= ot.covered


def test_the_matrix_moves_from_therapy_only_to_emerging_and_says_on_what_it_rests(house: House, api: Opener):
    ot, teacher = api(house.ot), api(house.teacher)
    case = f"/cases/{house.child}"
    goal = goal_under_way(ot, case, contexts=["home", "school", "therapy"])
    there = seen(ot, goal, "therapy", 1)
    cells = {c["context"]: c for c in ot.get(f"{case}/generalisation").json["items"][0]["cells"]}
    assert {context: c["state"] for context, c in cells.items()} == {
        "therapy": "shown", "home": "unknown", "school": "unknown",
    }  # fmt: skip
    house.clock.turn(days=3)
    here = seen(teacher, goal, "school", 0)
    row = ot.get(f"{case}/generalisation").json["items"][0]
    cells = {c["context"]: c for c in row["cells"]}
    assert (row["state"], row["occasions"], row["contexts"], row["observers"]) == ("emerging", 1, 1, 1)
    assert (cells["school"]["state"], cells["school"]["shown"], cells["school"]["lag_days"]) == ("shown", [here], 3)
    assert (cells["school"]["occasions"], cells["school"]["of"], cells["school"]["look_again"]) == (1, 1, False)
    assert cells["therapy"]["shown"] == [there]
    assert cells["home"]["state"] == "unknown"


def test_the_scores_are_those_worked_by_hand(house: House, api: Opener):
    ot = api(house.ot)
    case = f"/cases/{house.child}"
    for level in (1, 0, 1):
        seen(ot, goal_under_way(ot, case), "home", level)
    goal_under_way(ot, case)  # unrated: it is not zero
    (now,) = ot.get(f"{case}/goals").json["attainments"]
    assert (round(now["t"], 2), round(now["baseline_t"], 2), round(now["change"], 2)) == (59.13, 36.31, 22.82)
    assert (now["rated"], now["scaled"], now["rho"]) == (3, 4, 0.3)
    assert [g["level"] for g in now["included"]] == [1, 0, 1]
    assert ot.post(f"{case}/attainment").status_code == 201
    kept = ot.get(f"{case}/goals").json["scores"][0]
    assert kept["t"] == now["t"]
    assert [g["level"] for g in kept["goals"]] == [1, 0, 1]


def test_one_score_for_each_context_and_one_for_what_was_agreed(house: House, api: Opener):
    ot = api(house.ot)
    case = f"/cases/{house.child}"
    goals = [goal_under_way(ot, case) for _ in range(3)]
    for goal in goals:
        seen(ot, goal, "therapy", 1)
    for goal in goals:
        seen(ot, goal, "home", -2, reported_by="Mother")
    found = {a["basis"]["context"]: round(a["t"], 2) for a in ot.get(f"{case}/goals").json["attainments"]}
    assert found == {"therapy": 63.69, "home": 22.61}
    which = ot.post(f"{case}/attainment", {})
    assert [(e["pointer"], e["code"]) for e in which.json["errors"]] == [("/context", "which-context")]
    assert ot.post(f"{case}/attainment", {"context": "therapy"}).status_code == 201
    levels = [{"goal": goals[0].rpartition("/")[2], "level": 2}]
    agreed = {"on": "2026-03-10", "parties": [{"name": "Mia", "party": "guardian"}], "levels": levels}
    assert ot.post(f"{case}/attainment", {"agreed": agreed}).status_code == 201
    both = ot.post(f"{case}/attainment", {"agreed": agreed, "context": "home"})
    assert [(e["pointer"], e["code"]) for e in both.json["errors"]] == [("/context", "two-bases")]
    kept, of_therapy = ot.get(f"{case}/goals").json["scores"]
    assert (kept["t"], kept["basis"]["kind"], kept["basis"]["on"]) == (70.0, "agreed", "2026-03-10")
    assert kept["basis"]["parties"] == [{"name": "Mia", "party": "guardian"}]
    assert round(of_therapy["t"], 2) == 63.69


def test_a_doubtful_observation_is_asked_about_once(house: House, api: Opener):
    ot = api(house.ot)
    goal = goal_under_way(ot, f"/cases/{house.child}")
    wish = {"context": "home", "level": 0, "support": "not-achieved"}
    asked = ot.post(f"{goal}/observations", wish)
    (error,) = asked.json["errors"]
    assert (asked.status_code, error["pointer"], error["code"]) == (422, "/support", "as-expected-and-not-achieved")
    assert ot.post(f"{goal}/observations", {**wish, "confirmed": [error["answer"]]}).status_code == 201
    refused = ot.post(f"{goal}/observations", {**wish, "level": 2, "confirmed": [error["answer"]]})
    assert [e["code"] for e in refused.json["errors"]] == ["achieved-and-not"]


def test_the_circle_is_named_put_right_and_chosen_from(house: House, api: Opener):
    ot = api(house.ot)
    case = f"/cases/{house.child}"
    goal = goal_under_way(ot, case)
    made = ot.post(f"{case}/circle", {"name": "Mia", "relation": "mother"})
    assert (made.status_code, made.json["status"]) == (201, "listed")
    person = made.json["id"]
    assert ot.post(f"{goal}/observations", {"context": "home", "level": 0, "seen_by": person}).status_code == 201
    assert ot.post(f"{goal}/observations", {"context": "home", "level": 0, "reported_by": "Mum"}).status_code == 201
    story = ot.get(goal).json
    assert {"id": person, "kind": "circle", "name": "Mia", "relation": "mother"} in story["around"]
    told = {o["seen_by"]["known_as"]: o["seen_by"] for o in story["observations"]}
    assert told["circle"] == {"known_as": "circle", "person": person, "name": "Mia", "relation": "mother"}
    assert told["written"]["person"] is None
    assert ot.post(f"{case}/circle/names", {"written": "mum", "person": person}).json["status"] == "joined"
    correction = {"name": "Mia Rossi", "reason": "her full name"}
    assert ot.patch(f"{case}/circle/{person}", correction, version=1).json["version"] == 2
    assert ot.patch(f"{case}/circle/{person}", correction, version=1).status_code == 412
    read = ot.get(f"{case}/circle").json
    assert [(p["name"], p["version"]) for p in read["people"]] == [("Mia Rossi", 2)]
    assert read["typed"] == [{"written": "Mum", "observations": 1, "person": person}]
    assert {o["seen_by"]["person"] for o in ot.get(goal).json["observations"]} == {person}
    assert api(house.teacher).get(f"{case}/circle").status_code == 403


def test_weights_count_as_worked_by_hand(house: House, api: Opener):
    ot = api(house.ot)
    case = f"/cases/{house.child}"
    for weight, level in ((3, 1), (2, 0), (1, -1)):
        scale = {**GOAL["scale"], "importance": weight, "difficulty": 1}
        seen(ot, goal_under_way(ot, case, scale=scale), "home", level)
    (now,) = ot.get(f"{case}/goals").json["attainments"]
    assert round(now["t"], 2) == 54.41


def test_nothing_rated_is_no_score_and_not_fifty(house: House, api: Opener):
    ot = api(house.ot)
    case = f"/cases/{house.child}"
    goal_under_way(ot, case)
    assert ot.get(f"{case}/goals").json["attainments"] == []
    refused = ot.post(f"{case}/attainment")
    assert (refused.status_code, refused.json["code"]) == (409, "no-score")


def test_only_what_is_sent_is_changed_and_another_scale_begins_anew(house: House, api: Opener):
    ot = api(house.ot)
    goal = goal_under_way(ot, f"/cases/{house.child}")
    old = seen(ot, goal, "home", 1)
    levels = [*GOAL["scale"]["levels"][:4], {"level": 2, "text": "Zip, hood and all"}]
    sent = {"scale": {"levels": levels, "baseline": -1}, "reason": "the hood matters"}
    assert ot.patch(goal, sent, version=3).json["version"] == 4
    read = ot.get(goal).json
    assert {**{name: read[name] for name in GOAL}, "scale": None} == {**GOAL, "scale": None}
    assert (read["scale"]["levels"], read["scale_version"], read["level"]) == (levels, 2, None)
    assert [(o["id"], o["comparable"]) for o in read["observations"]] == [(old, False)]
    same = ot.patch(goal, {"icf": "d5", "reason": "x"}, version=4)
    assert (same.status_code, same.json["code"]) == (409, "nothing-changed")
    assert ot.patch(goal, {"icf": None, "scale": None, "reason": "x"}, version=4).status_code == 200
    read = ot.get(goal).json
    assert (read["icf"], read["scale"]) == (None, None)
    assert ot.post(f"{goal}/observations", {"context": "home", "level": 1}).json["errors"][0]["code"] == "no-scale"


def test_levels_by_name_are_still_taken(house: House, api: Opener):
    by_name = {str(one["level"]): one["text"] for one in GOAL["scale"]["levels"]}
    goal = goal_under_way(api(house.ot), f"/cases/{house.child}", scale={**GOAL["scale"], "levels": by_name})
    assert api(house.ot).get(goal).json["scale"] == GOAL["scale"]


def test_steps_of_a_goals_life_that_cannot_follow_are_refused(house: House, api: Opener):
    ot = api(house.ot)
    made = ot.post(f"/cases/{house.child}/goals", GOAL).json
    goal = f"/cases/{house.child}/goals/{made['id']}"
    early = ot.post(f"{goal}/status", {"status": "active", "reason": "x"}, version=1)
    assert (early.status_code, early.json["code"]) == (409, "not-after-this-status")
    without = ot.post(f"{goal}/status", {"status": "stopped"}, version=1)
    assert [(e["pointer"], e["code"]) for e in without.json["errors"]] == [("/reason", "missing")]
    assert ot.post(f"{goal}/status", {"status": "stopped", "reason": "moved"}, version=1).status_code == 200
    assert ot.post(f"{goal}/observations", {"context": "home", "level": 1}).json["code"] == "goal-ended"
    assert ot.patch(goal, {"criterion": "x", "reason": "y"}, version=2).json["code"] == "goal-ended"


@pytest.mark.parametrize(("who", "sees"), [("ot", True), ("psychologist", True), ("teacher", False)])
def test_who_gets_scores_and_measures(house: House, api: Opener, who: str, sees: bool):
    ot, reader = api(house.ot), api(getattr(house, who))
    case = f"/cases/{house.child}"
    seen(ot, goal_under_way(ot, case), "school", 1)
    ot.post(f"{case}/attainment")
    found = reader.get(f"{case}/goals").json
    assert (len(found["attainments"]), len(found["scores"])) == (int(sees), int(sees))
    assert reader.get(f"{case}/measures").status_code == (200 if sees else 403)


def test_a_colleague_of_another_kind_is_told_how_many_scores_are_withheld(house: House, api: Opener):
    psychologist, ot = api(house.psychologist), api(house.ot)
    case = f"/cases/{house.child}"
    seen(psychologist, goal_under_way(psychologist, case, audience="own-discipline"), "home", 1)
    psychologist.post(f"{case}/attainment")
    found = ot.get(f"{case}/goals").json
    assert (found["items"], found["scores"], found["scores_withheld"]) == ([], [], 1)
    assert psychologist.get(f"{case}/goals").json["scores_withheld"] == 0


def test_a_student_proposes_and_does_not_decide(house: House, api: Opener):
    student = api(house.student)
    case = f"/cases/{house.child}"
    made = student.post(f"{case}/goals", GOAL)
    assert made.status_code == 201
    goal = f"{case}/goals/{made.json['id']}"
    assert student.post(f"{goal}/agreement", PARTIES, version=1).status_code == 403
    assert student.patch(goal, {"criterion": "x", "reason": "y"}, version=1).status_code == 403
    assert student.post(f"{case}/attainment").status_code == 403
    assert house.student.role is Role.STUDENT


def test_what_belongs_to_a_goal_leads_to_nothing_hidden(house: House, api: Opener):
    ot, teacher = api(house.ot), api(house.teacher)
    case = f"/cases/{house.child}"
    hidden = str(house.note(house.ot, audience="care-team"))
    goal = goal_under_way(ot, case)
    seen(ot, goal, "school", 1, note=hidden)
    inner = ot.post(f"{case}/goals", {**GOAL, "audience": "care-team"}).json["id"]
    ot.post(f"{case}/strategies", {**STRATEGY, "goal": inner})
    for path in (goal, f"{case}/goals", f"{case}/strategies"):
        assert hidden in ot.get(path).text or inner in ot.get(path).text
        text = teacher.get(path).text
        assert hidden not in text
        assert inner not in text
    assert teacher.get(f"{case}/strategies").json["items"][0]["goal"] is None
    refused = teacher.post(f"{goal}/observations", {"context": "school", "level": 1, "note": hidden})
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [("/note", "no-such-note")]
