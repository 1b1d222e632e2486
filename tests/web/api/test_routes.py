"""Every command and every question by HTTP, on both stores, each answer as the OpenAPI document describes it."""

import csv
import io
import json
import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from coord.application import COMMANDS, QUESTIONS
from coord.domain.actors import Discipline, Role
from tests.house import House
from tests.samples import PLAIN
from tests.web.api.conftest import ALERT, NOTE, Opener

# Written by hand: what a new command or question is to be entered in, with its route or the reason why it has none.
ROUTES: dict[str, list[tuple[str, str]] | str] = {
    "OpenCase": [("POST", "/cases")],
    "CorrectDetails": [("PATCH", "/cases/{case}")],
    "CloseCase": [("POST", "/cases/{case}/closing")],
    "ReopenCase": [("POST", "/cases/{case}/reopening")],
    "AddToTeam": [("POST", "/cases/{case}/team")],
    "ChangeOnTeam": [("PATCH", "/cases/{case}/team/{person}")],
    "RemoveFromTeam": [("DELETE", "/cases/{case}/team/{person}")],
    "SaveDraft": [("POST", "/cases/{case}/notes"), ("PATCH", "/cases/{case}/notes/{note}")],
    "DiscardDraft": [("DELETE", "/cases/{case}/notes/{note}")],
    "SignNote": [("POST", "/cases/{case}/notes"), ("POST", "/cases/{case}/notes/{note}/signature")],
    "CosignNote": [("POST", "/cases/{case}/notes/{note}/cosignature")],
    "EntrustCosignature": [("POST", "/cases/{case}/notes/{note}/cosigner")],
    "ReadCosigners": [("GET", "/cases/{case}/notes/{note}/cosigners")],
    "ReadLeftBehind": "the refusal of the closing, or of taking somebody off the team, asks it",
    "ReadLeftBehindBy": "the refusal of the disabling asks it",
    "ReadBeside": "the timeline by kind and discipline, the goals and the strategies have routes",
    "ReadNextToWrite": "a link after signing",
    "AddAddendum": [("POST", "/cases/{case}/notes/{note}/addenda")],
    "AmendNote": [("POST", "/cases/{case}/notes/{note}/amendments")],
    "CorrectNoteCircumstances": [("POST", "/cases/{case}/notes/{note}/circumstances")],
    "EnterNoteInError": [("POST", "/cases/{case}/notes/{note}/error")],
    "ChangeNoteAudience": [("POST", "/cases/{case}/notes/{note}/audience")],
    "PublishSummary": [("POST", "/cases/{case}/summary")],
    "RecallSummary": [("POST", "/cases/{case}/summary/recall")],
    "RegisterPerson": [("POST", "/people")],
    "ChangePersonRole": [("PATCH", "/people/{person}")],
    "MovePerson": [("PATCH", "/people/{person}")],
    "DisablePerson": [("POST", "/people/{person}/disabling")],
    "EnablePerson": [("POST", "/people/{person}/enabling")],
    "GivePassword": "a link is mailed, or shown once, to a person: the pages give it",
    "ChoosePassword": "kept beside what somebody chooses who opens a link, and has no token yet",
    "RemoveFactors": "whoever asks is seen in person: the pages do it",
    "NoteAccountChange": "kept beside what the pages and the command line do to sign-ins and tokens",
    "ConfirmChange": [("POST", "/people/{person}/proposals/{number}/confirming")],
    "DeclineChange": [("POST", "/people/{person}/proposals/{number}/declining")],
    "ReadProposals": [("GET", "/proposals")],
    "ReadAccountChanges": [("GET", "/me/account-changes")],
    "ReadCaseload": [("GET", "/cases")],
    "ReadWaiting": [("GET", "/waiting")],
    "ReadForSupply": "a page to print; of each pupil the summary is asked",
    "Find": [("GET", "/find")],
    "ReadMe": [("GET", "/me")],
    "ReadCase": [("GET", "/cases/{case}")],
    "ReadTimeline": [("GET", "/cases/{case}/timeline")],
    "ReadTimelineAs": [("GET", "/cases/{case}/timeline")],
    "ReadNote": [("GET", "/cases/{case}/notes/{note}")],
    "ReadNoteReaders": [("GET", "/cases/{case}/notes/{note}/readers")],
    "ReadDraft": [("GET", "/cases/{case}/drafts/{draft}")],
    "ReadSummary": [("GET", "/cases/{case}/summary")],
    "ReadSummarySources": [("GET", "/cases/{case}/summary/sources")],
    "ReadHistory": [("GET", "/cases/{case}/history")],
    "ReadAudit": [("GET", "/audit")],
    "ExportCase": [("GET", "/cases/{case}/export")],
    "ReadPeople": [("GET", "/people")],
    "ReadAccounts": [("GET", "/people")],
    "SearchActivities": [("GET", "/activities")],
    "WriteActivity": [("POST", "/activities")],
    "ReadActivity": [("GET", "/activities/{activity}")],
    "ReviseActivity": [("PATCH", "/activities/{activity}")],
    "RetireActivity": [("POST", "/activities/{activity}/retirement")],
    "RestoreActivity": [("POST", "/activities/{activity}/restoration")],
    "ReadNoteTemplates": [("GET", "/note-templates")],
    "ReadNoteTemplate": [("GET", "/note-templates/{template}")],
    "DrawUpNoteTemplate": [("POST", "/note-templates")],
    "ChangeNoteTemplate": [("PATCH", "/note-templates/{template}")],
    "ReadPhrases": [("GET", "/phrases")],
    "KeepPhrase": [("PUT", "/phrases/{name}")],
    "RemovePhrase": [("DELETE", "/phrases/{name}")],
    "ImportPhrases": "a file of many is the pages'; by the API each is put by itself",
    "ReadPolicies": [("GET", "/policies")],
    "ChangePolicy": [("PATCH", "/policies")],
}


TEMPLATE = {
    "name": "First visit",
    "sections": [
        {"label": "What I saw", "hint": "At the table", "required": True, "counts_as": "objective"},
        {"label": "Next", "counts_as": "plan"},
    ],
}
ACTIVITY = {
    "title": "Rain on the roof",
    "purpose": "Listening together, and starting and stopping at a sign.",
    "kinds": ["therapeutic-play"],
    "skills": ["attention", "social"],
    "icf": ["d7", "d1"],
    "age_from": 3,
    "age_to": 6,
    "cognitive": "low",
    "motor": "low",
    "communication": "low",
    "materials": ["A tin tray", "A cup of dry rice"],
    "watch": ["Rice on the floor is slippery"],
    "steps": ["Sit around the tray.", "Let it rain when the hand is open, stop when it is a fist."],
}
OF_COMPLAINT_FILES: dict[str, list[tuple[str, str]] | str] = {
    "ReadComplaintFiles": "for whom one can ask is in the care team and the history",
    "AskForComplaintFile": [("POST", "/cases/{case}/complaint-files")],
    "ReadForComplaintFile": "asked while the file is made",
    "TakeComplaintFile": [
        ("GET", "/cases/{case}/complaint-files/{file}"),
        ("GET", "/cases/{case}/complaint-files/{file}/content"),
        ("DELETE", "/cases/{case}/complaint-files/{file}"),
    ],
}
OF_GOALS: dict[str, list[tuple[str, str]] | str] = {
    "ReadGoals": [
        ("GET", "/cases/{case}/goals"),
        ("GET", "/cases/{case}/generalisation"),
        ("GET", "/cases/{case}/strategies"),
    ],
    "ReadGoal": [("GET", "/cases/{case}/goals/{goal}")],
    "ProposeGoal": [("POST", "/cases/{case}/goals")],
    "ReviseGoal": [("PATCH", "/cases/{case}/goals/{goal}")],
    "AgreeGoal": [("POST", "/cases/{case}/goals/{goal}/agreement")],
    "ChangeGoalStatus": [("POST", "/cases/{case}/goals/{goal}/status")],
    "EnterGoalInError": [("POST", "/cases/{case}/goals/{goal}/error")],
    "ObserveGoal": [("POST", "/cases/{case}/goals/{goal}/observations")],
    "EnterObservationInError": [("POST", "/cases/{case}/goals/{goal}/observations/{observation}/error")],
    "ScoreAttainment": [("POST", "/cases/{case}/attainment")],
    "ReadMeasures": [("GET", "/cases/{case}/measures")],
    "RecordCopm": [("POST", "/cases/{case}/measures/copm")],
    "RecordInstrument": [("POST", "/cases/{case}/measures/instrument")],
    "EnterMeasureInError": [("POST", "/cases/{case}/measures/{measure}/error")],
    "OfferStrategy": [("POST", "/cases/{case}/strategies")],
    "TellOfStrategy": [("POST", "/cases/{case}/strategies/{strategy}/trials")],
}
OF_THE_CIRCLE: dict[str, list[tuple[str, str]] | str] = {
    "ReadCircle": [("GET", "/cases/{case}/circle")],
    "NameInCircle": [("POST", "/cases/{case}/circle")],
    "CorrectInCircle": [("PATCH", "/cases/{case}/circle/{person}")],
    "JoinNameToCircle": [("POST", "/cases/{case}/circle/names")],
}
OF_ALERTS: dict[str, list[tuple[str, str]] | str] = {
    "ReadOverview": [("GET", "/cases/{case}/overview")],
    "RaiseAlert": [("POST", "/cases/{case}/alerts")],
    "ChangeAlert": [("PATCH", "/cases/{case}/alerts/{alert}")],
}
SESSION = "/courses/{course}/sessions/{number}"
OF_GROUPS: dict[str, list[tuple[str, str]] | str] = {
    "PlanCourse": [("POST", "/courses")],
    "ReadCourses": [("GET", "/courses")],
    "ReadCourse": [("GET", "/courses/{course}")],
    "ReviseCourse": [("PATCH", "/courses/{course}")],
    "EndCourse": [("POST", "/courses/{course}/end")],
    "ReadRoster": [("GET", "/courses/{course}/roster")],
    "ReadFit": [("GET", "/courses/{course}/fit")],
    "EnrolChild": [("POST", "/courses/{course}/places")],
    "EndPlace": [("POST", "/courses/{course}/places/{case}/end")],
    "ReadMySessions": [("GET", "/me/sessions")],
    "ReadSession": [("GET", SESSION)],
    "PlanSession": [("PUT", f"{SESSION}/plan")],
    "CancelSession": [("POST", f"{SESSION}/cancellation")],
    "ReinstateSession": [("POST", f"{SESSION}/reinstatement")],
    "MoveSession": [("POST", f"{SESSION}/move")],
    "NameStandIns": [("PUT", f"{SESSION}/stand-ins")],
    "SettleAttendance": [("POST", f"{SESSION}/settlements")],
    "RecordSession": [("POST", f"{SESSION}/recordings")],
    "CorrectSession": [("POST", f"{SESSION}/recordings/{{recording}}/corrections")],
    "ReadGroups": [("GET", "/cases/{case}/groups")],
    "DescribeProfile": [("PUT", "/cases/{case}/profile")],
}
ROUTES |= OF_COMPLAINT_FILES | OF_GOALS | OF_THE_CIRCLE | OF_ALERTS | OF_GROUPS
ROUTES |= {name: [one.route] for name, one in PLAIN.items()}


def routes_of(what: str) -> set[tuple[str, str]]:
    """The routes of goals and what belongs to them ("goals"), of groups, of all else ("else"), or all of them."""
    of = {"goals": set(OF_GOALS), "groups": set(OF_GROUPS), "all": set(ROUTES)}
    names = of.get(what, set(ROUTES) - set(OF_GOALS) - set(OF_GROUPS) - set(OF_COMPLAINT_FILES))
    return {route for name in names if not isinstance(found := ROUTES[name], str) for route in found}


def template_of(method: str, path: str) -> tuple[str, str]:
    """Which route a request by this address takes: the one with the fewest names to fill in."""
    address = path.split("?")[0]
    found = [
        (m, t)
        for m, t in routes_of("all")
        if m == method and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(t)), address)
    ]
    return min(found, key=lambda route: route[1].count("{"))


def _documented(app: Flask) -> set[tuple[str, str]]:
    return {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, item in app.extensions["coord-api"]()["paths"].items()
        for method in item
        if method != "parameters"
    }


def test_every_command_and_question_has_a_route_or_a_reason(sqlite_house: House):
    assert {kind.__name__ for kind in [*COMMANDS, *QUESTIONS]} == set(ROUTES)
    assert routes_of("all") == _documented(sqlite_house.app)


def test_every_route_answers_as_documented(house: House, api: Opener):
    ot, student, lead, admin = (api(p) for p in (house.ot, house.student, house.lead, house.admin))
    _ = house.child

    # people
    me = ot.get("/me").json
    assert me["me"]["name"] == "Ada Lind"
    assert me["position"] > 0
    new = {"name": "Eva Nord", "email": "eva@clinic.example", "role": "therapist", "discipline": "ot", "team": "North"}
    made = admin.post("/people", new)
    assert made.status_code == 201
    eva = made.json["id"]
    assert "email" not in ot.get("/people?q=eva").json["items"][0]
    assert admin.get("/people?q=eva").json["items"][0]["email"] == "eva@clinic.example"
    house.person("Sam Ost", Role.THERAPIST, Discipline.OT, "South")
    assert admin.patch(f"/people/{eva}", {"role": "student", "discipline": "slt", "team": "South"}).status_code == 200
    row = admin.get("/people?q=eva").json["items"][0]
    assert (row["role"], row["discipline"], row["team"]) == ("student", "slt", "South")
    assert admin.post(f"/people/{eva}/disabling", {"reason": "left"}).json["status"] == "disabled"
    assert admin.post(f"/people/{eva}/enabling", {"reason": "back"}).json["status"] == "active"

    # phrases
    assert ot.put("/phrases/laces", {"text": "Tied the laces [how often].", "shared": True}).json["status"] == "kept"
    assert lead.get("/phrases").json["colleagues"][0]["person_name"] == "Ada Lind"
    assert ot.delete("/phrases/laces").json["status"] == "removed"

    # what takes two people
    proposed = admin.patch(f"/people/{eva}", {"role": "team-lead", "team": "North"})
    assert proposed.json["status"] == "proposed"  # the role; the move, of somebody who sees no child, is made
    (waits,) = lead.get("/proposals").json["items"]
    assert (waits["person"], waits["change"], waits["may"]) == (eva, "role", ["confirm", "decline"])
    assert waits["wanted"] == {"role": "team-lead", "discipline": None}
    assert admin.post(f"/people/{eva}/proposals/{waits['number']}/confirming").json["code"] == "needs-another-person"
    assert lead.post(f"/people/{eva}/proposals/{waits['number']}/confirming").status_code == 200
    assert admin.get("/people?q=eva").json["items"][0]["role"] == "team-lead"
    for who in (admin, ot):
        whole = who.get("/people").json
        assert whole["next"] is None
        page = who.get("/people?limit=2").json
        walked = page["items"]
        while page["next"]:
            page = who.get(f"/people?limit=2&cursor={page['next']}").json
            walked = [*walked, *page["items"]]
        assert walked == whole["items"]
    again = admin.post("/people", {**new, "email": "e2@clinic.example", "role": "team-lead"})
    assert (again.status_code, again.json["status"]) == (201, "proposed")
    (waits,) = lead.get("/proposals").json["items"]
    declined = lead.post(f"/people/{again.json['id']}/proposals/{waits['number']}/declining")
    assert declined.json["status"] == "disabled"
    assert ot.get("/me/account-changes?after=0").json["items"] == []
    asked = admin.post("/people", {**new, "email": "e3@clinic.example", "team": "Nroth"})
    assert (asked.status_code, asked.json["errors"][0]["code"]) == (422, "new-team-near")
    on_purpose = {
        **new,
        "email": "e3@clinic.example",
        "team": "Nroth",
        "confirmed": [asked.json["errors"][0]["answer"]],
    }
    assert admin.post("/people", on_purpose).status_code == 201

    # a case and its team
    opened = ot.post("/cases", {"preferred_name": "Mo", "full_name": "Mo Rask", "birth_date": "2018-02-03"})
    assert opened.status_code == 201
    case = f"/cases/{opened.json['id']}"
    assert opened.headers["Location"] == f"/api/v1{case}"
    read = ot.get(case)
    assert (read.json["preferred_name"], read.headers["ETag"]) == ("Mo", '"1"')
    unled = lead.patch(case, {"team": "Orchard  Team", "reason": "They moved"}, version=1)
    assert (unled.status_code, unled.json["errors"][0]["code"]) == (422, "team-without-lead")
    assert ot.patch(case, {"school_class": "3B", "reason": "new year"}, version=1).json["version"] == 2
    relations = ((house.student, "student"), (house.teacher, "class-teacher"), (house.slt, "speech-therapist"))
    for person, relation in relations:
        assert ot.post(f"{case}/team", {"person": str(person.person_id), "relation": relation}).status_code == 201
    assert ot.delete(f"{case}/team/{house.slt.person_id}").status_code == 200
    assert [m["name"] for m in ot.get(case).json["members"]] == ["Ada Lind", "Stig Moe", "Tove Dahl"]
    assert "full_name" not in api(house.teacher).get(case).json

    # who is around the child
    mia = ot.post(f"{case}/circle", {"name": "Mia", "relation": "mother"})
    assert (mia.status_code, mia.json["status"]) == (201, "listed")
    put_right = ot.patch(f"{case}/circle/{mia.json['id']}", {"name": "Mia Rask", "reason": "in full"}, version=1)
    assert put_right.json["version"] == 2
    joined = ot.post(f"{case}/circle/names", {"written": "Mum", "person": mia.json["id"]})
    assert joined.json["status"] == "joined"
    assert [p["name"] for p in ot.get(f"{case}/circle").json["people"]] == ["Mia Rask"]

    # what must be known before anything else
    nuts = ot.post(f"{case}/alerts", ALERT)
    assert (nuts.status_code, nuts.json["status"]) == (201, "standing")
    later = {"review_on": "2026-09-01", "reason": "to be asked in autumn"}
    assert ot.patch(f"{case}/alerts/{nuts.json['id']}", later, version=1).json["version"] == 2
    (known,) = api(house.teacher).get(case).json["alerts"]
    assert (known["text"], known["review_on"], known["due"]) == ("Nut allergy", "2026-09-01", False)
    glance = ot.get(f"{case}/overview").json
    assert ([alert["text"] for alert in glance["alerts"]], glance["summary_status"]) == (["Nut allergy"], "none")

    # notes
    mo = opened.json["id"]
    draft = ot.note(mo, sign=False, sections={"text": "half"}, format="narrative", audience=..., setting=...)
    note = f"{case}/notes/{draft.json['id']}"
    assert (draft.status_code, draft.json["status"]) == (201, "draft")
    assert ot.get(note).json["sections"] == {"text": "half"}
    assert api(house.student).get(note).status_code == 404
    words = {"sections": {"text": "whole"}, "audience": "care-team", "setting": "home"}
    assert ot.patch(note, words, version=1).json["version"] == 2
    assert ot.post(f"{note}/signature", version=2).json["status"] == "signed"
    signed = ot.get(note).json
    assert (signed["sections"], signed["setting"], signed["version"]) == ({"text": "whole"}, "home", 1)
    assert signed["observed_from"] == "2026-03-10T08:00:00Z"
    assert student.post(f"{note}/addenda", {"text": "and more"}).status_code == 201
    amended = ot.post(f"{note}/amendments", {"sections": {"text": "better"}, "reason": "typo"}, version=2)
    assert (amended.status_code, amended.json["version"]) == (201, 3)
    assert ot.post(f"{note}/audience", {"audience": "care-team-and-school"}, version=3).json["version"] == 4
    learnt = student.note(mo).json
    assert learnt["status"] == "awaiting-cosignature"
    assert len(ot.get("/cases").json["awaiting"]) == 1
    cosigned = ot.post(f"{case}/notes/{learnt['id']}/cosignature")
    assert cosigned.json["status"] == "cosigned"
    week = {"person": str(house.slt.person_id), "relation": "coordinator", "since": "2026-04-01", "until": "2026-04-07"}
    assert ot.post(f"{case}/team", week).status_code == 201
    assert ot.patch(f"{case}/team/{house.slt.person_id}", {"until": "2026-04-09"}).status_code == 200
    stay = next(m for m in ot.get(case).json["members"] if m["name"] == "Sol Berg")
    assert (stay["since"], stay["until"], stay["current"], stay["over"]) == ("2026-04-01", "2026-04-09", False, False)
    assert ot.patch(f"{case}/team/{house.slt.person_id}", {"until": None, "since": "2026-04-01"}).status_code == 200
    assert ot.delete(f"{case}/team/{house.slt.person_id}?since=2026-04-01").status_code == 200
    assert ot.delete(f"{case}/team/{house.slt.person_id}").status_code == 404
    other = house.person("Ole Sand", Role.STUDENT, Discipline.SLT)
    ot.post(f"{case}/team", {"person": str(other.person_id), "relation": "student"})
    alone = f"{case}/notes/{api(other).note(mo).json['id']}"
    choice = lead.get(f"{alone}/cosigners")
    assert [p["name"] for p in choice.json["items"]] == ["Ada Lind", "Lea Strand"]
    wish = {"person": str(house.ot.person_id), "reason": "No speech therapist is left"}
    assert ot.post(f"{alone}/cosigner", wish).status_code == 403
    assert lead.post(f"{alone}/cosigner", wish, version=1).json["version"] == 2
    assert ot.get(alone).json["entrusted"]["name"] == "Ada Lind"
    assert ot.post(f"{alone}/cosignature").json["status"] == "cosigned"
    kept = ot.note(mo, sign=False).json["id"]
    assert ot.get(f"{case}/drafts/{kept}").json["kind"] == "note"
    readers = ot.get(f"{note}/readers").json["items"]
    assert [r["name"] for r in readers] == ["Ada Lind"]
    thrown = ot.note(mo, sign=False).json["id"]
    assert ot.delete(f"{case}/notes/{thrown}").json["status"] == "discarded"
    assert ot.get(f"{case}/notes/{thrown}").status_code == 404

    # the summary
    assert ot.get(f"{case}/summary").json["version"] == 0
    summary = {
        "statements": {
            "strengths": [{"text": "Trains", "sources": [draft.json["id"]]}],
            "helps": [{"text": "One step at a time"}],
        },
        "contact": "Ada",
        "valid_from": "2026-03-10",
        "review_date": "2026-06-10",
    }
    assert ot.get(f"{case}/summary/sources").json["sources"]
    published = ot.post(f"{case}/summary", summary, headers={"If-None-Match": "*"})
    assert (published.status_code, published.json["version"]) == (201, 1)
    ot.post(f"{note}/amendments", {"sections": {"text": "best"}, "reason": "again"}, version=4)
    outdated = ot.get(f"{case}/summary").json
    assert [o["why"] for o in outdated["out_of_date"]] == ["source-amended"]
    assert ot.post(f"{case}/summary", summary, version=1).json["version"] == 2
    assert ot.get(f"{case}/summary?version=1").json["status"] == "superseded"
    assert ot.post(f"{case}/summary/recall", {"reason": "wrong"}).json["status"] == "recalled"

    # the timeline, by page and as of a time
    page = ot.get(f"{case}/timeline?limit=2").json
    rest = ot.get(f"{case}/timeline?limit=100&cursor={page['next']}").json
    ids = [i["id"] for i in page["items"] + rest["items"]]
    assert len(ids) == len(set(ids)) > 5
    found = ot.get(f"{case}/timeline?q=BEST&kind=note&discipline=ot").json["items"]
    assert [i["sections"] for i in found] == [{"text": "best"}]
    before = amended.json["position"] - 1
    then = ot.get(f"{case}/timeline?q=whole&as_of={before}").json
    assert (then["as_of"], then["items"][0]["sections"]) == (before, {"text": "whole"})
    assert ot.get(f"{case}/timeline?as_of=2026-03-09T00:00:00Z").json["items"] == []
    seen = lead.get(f"{case}/timeline?reader={house.teacher.person_id}").json["items"]
    assert [i["status"] for i in seen if i["kind"] == "note"] == ["signed"]
    monday = {"observed_from": "2026-03-09T09:00:00+01:00", "setting": "home", "present": ["a sister"]}
    moved = ot.post(f"{note}/circumstances", {**monday, "reason": "It was on Monday"}, version=5)
    assert (moved.status_code, moved.json["version"]) == (201, 6)
    signed = ot.get(note).json
    assert (signed["observed_from"], signed["observed_to"]) == ("2026-03-09T08:00:00Z", "2026-03-09T08:00:00Z")
    (correction,) = signed["corrections"]
    assert (correction["before"]["setting"], correction["after"]["present"]) == ("home", ["a sister"])
    assert (correction["before"]["observed_from"], correction["reason"]) == (
        "2026-03-10T08:00:00Z",
        "It was on Monday",
    )
    assert ot.post(f"{note}/error", {"reason": "wrong child"}, version=6).json["status"] == "entered-in-error"

    # history
    history = lead.get(f"{case}/history?limit=3").json
    assert len(history["items"]) == 3
    assert lead.get(f"{case}/history?limit=3&cursor={history['next']}").json["items"][0] not in history["items"]
    assert lead.get(f"{case}/history?kind=changes&from=2026-03-10T00:00:00Z").json["items"][0]["sort"] == "change"
    assert lead.get(f"/audit?person={house.ot.person_id}&kind=accesses").json["items"]
    assert lead.get(f"/audit?case={mo}").status_code == 200
    assert len(lead.get(f"{case}/export").json["events"]) > 10
    waits = ot.get("/waiting?limit=1").json
    assert {"kind", "urgency", "id", "preferred_name", "since", "due"} <= waits["items"][0].keys()
    assert (waits["total"] >= 1, waits["for_others"]) == (True, [])
    assert ot.get("/waiting?kind=alert").json["items"] == []
    assert ot.get("/waiting?kind=anything").status_code == 422
    assert ot.get(f"/waiting?child={uuid4()}").status_code == 404
    assert api(house.admin).get("/waiting").json["items"] == []
    asked = ot.post(f"{case}/closing", {"reason": "moved"})
    assert [e["code"] for e in asked.json["errors"]] == ["left-behind"]
    assert "1 unsigned draft" in asked.json["errors"][0]["detail"]
    meant = {"reason": "moved", "confirmed": [e["answer"] for e in asked.json["errors"]]}
    assert ot.post(f"{case}/closing", meant).json["status"] == "closed"
    assert ot.delete(f"{case}/notes/{kept}").status_code == 200
    assert ot.post(f"{case}/reopening", {"reason": "back"}).json["status"] == "open"

    found = ot.get("/find?q=whole").json
    assert [(entry["excerpt"], entry["author"]["name"]) for entry in found["entries"]] == [], "it was in error"
    assert (found["more"], found["newest_only"], found["children"]) == ([], None, [])
    assert ot.get("/find?q=mo&group=children").json["children"][0]["id"] == mo
    assert ot.get("/find?group=people").status_code == 422
    assert api(house.admin).get("/find?q=mo").status_code == 403

    use_the_library(house, api)
    write_in_a_template(house, api)
    change_a_policy(house, api)

    covered = ot.covered
    plain = {one.route for one in PLAIN.values()}
    assert covered | plain == routes_of("else")  # the others: below, and test_goals, test_courses, test_complaint_files


def test_a_page_of_people_begins_where_the_one_before_ended_whoever_has_another_name_by_then(house: House, api: Opener):
    admin, _team = api(house.admin), house.child
    whole, page = (admin.get(f"/people?limit={limit}").json for limit in (100, 2))
    renamed = page["items"][1]["id"]
    assert admin.post(f"/people/{renamed}/name", {"name": "Zz Last"}).status_code == 200
    rest = admin.get(f"/people?cursor={page['next']}").json["items"]
    assert rest[-1]["id"] == renamed
    assert [*page["items"], *rest[:-1]] == whole["items"]
    assert admin.get("/people?cursor=nobody!").status_code == 422


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_command_is_answered_as_documented(house: House, api: Opener, name: str):
    one = PLAIN[name]
    given = one.given(house)
    path, who = one.path(given), api(getattr(house, one.who))
    head = house.services.record.head()
    for wrong, pointer, code in one.wrong:
        refused = who.send(one.route[0], path, json=dict(wrong))
        assert (pointer, code) in {(e["pointer"], e["code"]) for e in refused.json["errors"]}
    assert house.services.record.head() == head  # what is refused never happened
    assert who.send(one.route[0], path, json=dict(one.body)).status_code == 200
    recorder: Any = house.services.record.recorder
    (happened,) = recorder.select_rows(head, 2)
    assert happened[3] == one.topic
    says = json.loads(happened[4])
    named = {f"{name}_id": str(id) for name, id in given.items() if f"{name}_id" in says}
    asked = {**named, **one.body, **one.kept}
    assert asked.keys() == one.says.keys()
    assert {name: says[name] for name in asked} == asked


def write_in_a_template(house: House, api: Opener) -> None:
    lead, ot = api(house.lead), api(house.ot)
    drawn_up = lead.post("/note-templates", TEMPLATE)
    assert drawn_up.status_code == 201
    path = f"/note-templates/{drawn_up.json['id']}"
    assert drawn_up.headers["Location"].endswith(path)
    changed = lead.patch(path, {"name": "First visit, at home", "reason": "the second is at school"}, version=1)
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    (listed,) = ot.get("/note-templates").json["items"]
    assert (listed["name"], listed["text_version"], listed["team"]) == ("First visit, at home", 2, "North")
    whole = ot.get(path).json
    assert [c["what"] for c in whole["changes"]] == ["changed", "drawn-up"]
    assert (whole["may"], lead.get(path).json["may"]) == ([], ["ChangeNoteTemplate", "RetireNoteTemplate"])
    assert [s["counts_as"] for s in whole["sections"]] == ["objective", "plan"]
    seen, coming = (section["key"] for section in whole["sections"])

    notes, used = f"/cases/{house.child}/notes", {"id": drawn_up.json["id"], "version": 1}
    words = {name: value for name, value in NOTE.items() if name not in ("format", "sections")}
    lacks = ot.post(notes, {**words, "template": used, "sections": {coming: "Again."}})
    assert [(e["pointer"], e["code"]) for e in lacks.json["errors"]] == [(f"/sections/{seen}", "missing")]
    signed = ot.post(notes, {**words, "template": used, "sections": {seen: "Both laces.", coming: "Again."}})
    note = ot.get(f"{notes}/{signed.json['id']}").json
    assert (note["format"], note["template"], note["written_in"]["name"]) == ("template", used, "First visit")
    assert [s["label"] for s in note["written_in"]["sections"]] == ["What I saw", "Next"]
    another = {"observed_from": "2026-03-09T08:00:00+01:00", "observed_to": None, "sign": False}
    draft = ot.post(notes, {**words, **another, "template": used, "sections": {seen: "One lace."}}).json["id"]
    assert ot.get(f"{notes}/{draft}").json["template"] == used
    assert ot.post(f"{notes}/{draft}/signature").status_code == 200
    entry = next(e for e in ot.get(f"/cases/{house.child}/timeline").json["items"] if e["id"] == signed.json["id"])
    assert entry["detail"]["written_in"]["name"] == "First visit"
    path, corrected = f"{notes}/{signed.json['id']}", {"sections": {seen: "One lace.", coming: "Again."}, "reason": "x"}
    assert ot.post(f"{path}/amendments", corrected, version=1).status_code == 201
    for history in (f"/cases/{house.child}/history", "/audit"):
        rows = lead.get(history).json["items"]
        (row,) = (r for r in rows if (r["kind"], r["entry"]) == ("case.note-amended", signed.json["id"]))
        assert (row["after"][seen], row["labels"]) == ("One lace.", {seen: "What I saw", coming: "Next"})
        assert not [other for other in rows if other is not row and "labels" in other]
    lines = lead.get(f"/cases/{house.child}/history?format=jsonl").text.splitlines()
    assert sum('"labels"' in line for line in lines) == 1
    assert [api(p).get("/note-templates").status_code for p in (house.teacher, house.admin)] == [403, 403]


def use_the_library(house: House, api: Opener) -> None:
    ot, student = api(house.ot), api(house.student)
    written = ot.post("/activities", ACTIVITY)
    assert (written.status_code, written.json["status"], written.json["version"]) == (201, "in-use", 1)
    path = f"/activities/{written.json['id']}"
    assert written.headers["Location"] == f"/api/v1{path}"
    read = student.get(path)
    assert (read.headers["ETag"], read.json["may"], read.json["title"]) == ('"1"', [], "Rain on the roof")
    assert ot.get(path).json["may"] == ["RetireActivity", "ReviseActivity"]
    assert student.patch(path, {"age_from": 4, "reason": "x"}, version=1).status_code == 403
    revised = ot.patch(path, {"age_from": 4, "reason": "too hard for three"}, version=1)
    assert (revised.status_code, revised.headers["ETag"]) == (200, '"2"')
    assert ot.patch(path, {"title": "Rain", "reason": "shorter"}, version=1).json["changed"] == ["age_from"]
    assert ot.post(f"{path}/retirement", {"reason": "no rice"}).json["status"] == "retired"
    assert student.get("/activities").json["items"] == []
    assert student.get("/activities?status=retired").json["count"] == 1
    assert ot.post(f"{path}/restoration", {"reason": "rice"}, version=2).status_code == 412
    assert ot.post(f"{path}/restoration", {"reason": "rice"}, version=3).json["status"] == "in-use"
    changes = ot.get(path).json["changes"]
    assert [(c["what"], c["text_version"]) for c in changes] == [
        ("restored", None),
        ("retired", None),
        ("revised", 2),
        ("written", 1),
    ]
    assert [c["content"]["age_from"] for c in changes if c["content"]] == [4, 3]
    ot.post("/activities", {**ACTIVITY, "title": "Wind in the trees"})
    first = student.get("/activities?limit=1").json
    assert (first["count"], [i["title"] for i in first["items"]]) == (2, ["Rain on the roof"])
    rest = student.get(f"/activities?limit=1&cursor={first['next']}").json
    assert ([i["title"] for i in rest["items"]], rest["next"]) == (["Wind in the trees"], None)
    found = student.get("/activities?q=RICE+fist&age=4&kind=therapeutic-play&skill=social&icf=d7&motor=low").json
    assert found["count"] == 2
    assert student.get("/activities?age=3").json["count"] == 1
    assert [api(p).get("/activities").status_code for p in (house.teacher, house.admin)] == [403, 403]


def change_a_policy(house: House, api: Opener) -> None:
    ot, lead = api(house.ot), api(house.lead)
    read = ot.get("/policies")
    assert (read.headers["ETag"], read.json["team"], len(read.json["items"])) == ('"0"', "North", 7)
    change = {"name": "generalisation", "values": {"occasions": 4}, "reason": "three were too few"}
    assert ot.patch("/policies", change, version=0).status_code == 403
    done = lead.patch("/policies", change, version=0)
    assert (done.json["status"], done.headers["ETag"]) == ("changed", '"1"')
    stale = lead.patch("/policies", change, version=0)
    assert (stale.status_code, stale.json["changed"]) == (412, ["generalisation"])
    (policy,) = (p for p in ot.get("/policies").json["items"] if p["name"] == "generalisation")
    assert (policy["values"]["occasions"], policy["defaults"]["occasions"]) == (4, 3)
    assert [c["reason"] for c in policy["changes"]] == ["three were too few"]


def test_exports_as_files(house: House, api: Opener):
    lead = api(house.lead)
    ot = api(house.ot)
    _ = house.child
    odd = '=HYPERLINK("http://x"), "y"'
    ot.patch(f"/cases/{house.child}", {"preferred_name": odd, "reason": "+1"}, version=1)

    file = lead.get(f"/cases/{house.child}/history", headers={"Accept": "text/csv"})
    assert file.content_type.startswith("text/csv")
    cells = [cell for row in csv.reader(io.StringIO(file.text)) for cell in row]
    assert f"'{odd}" in cells
    assert "'+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]

    lines = lead.get(f"/cases/{house.child}/history?format=jsonl&limit=2")
    assert lines.content_type == "application/x-ndjson"
    assert lines.text.count("\n") == 2
    following = lines.headers["Link"].split(">")[0][1:].removeprefix("/api/v1")
    assert lead.get(following).text.count("\n") == 2
    assert lead.get("/audit?format=csv").status_code == 200

    exports = [i["detail"].get("export") for i in lead.get("/audit?kind=accesses").json["items"]]
    assert exports == ["csv", "jsonl", "jsonl", "csv"]


def test_a_new_person_can_be_registered_once_per_address(sqlite_house: House, sqlite_api: Opener):
    admin = sqlite_api(sqlite_house.admin)
    new = {"name": "Eva Nord", "email": "eva@clinic.example", "role": "therapist", "discipline": "ot", "team": "North"}
    first = admin.post("/people", {**new, "id": str(uuid4())})
    assert admin.post("/people", {**new, "id": first.json["id"]}).json == first.json
    assert admin.post("/people", new).json["code"] == "email-taken"
    assert sqlite_api(sqlite_house.ot).post("/people", new).json["code"] == "not-permitted"
    assert (
        admin.post(f"/people/{sqlite_house.admin.person_id}/disabling", {"reason": "x"}).json["code"] == "not-oneself"
    )


def test_a_disabled_persons_tokens_stay_dead(sqlite_house: House, sqlite_api: Opener):
    h = sqlite_house
    gone = h.person("Gone Girl", Role.THERAPIST, Discipline.OT)
    theirs = sqlite_api(gone)
    assert theirs.get("/me").status_code == 200
    admin = sqlite_api(h.admin)
    admin.post(f"/people/{gone.person_id}/disabling", {"reason": "left"})
    assert theirs.get("/me").json["code"] == "token-revoked"
    admin.post(f"/people/{gone.person_id}/enabling", {"reason": "back"})
    assert theirs.get("/me").status_code == 401


def test_the_document_and_its_page_are_open_and_clean(sqlite_house: House):
    client: Any = sqlite_house.app.test_client()
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    for unwanted in ("<script", "style=", "<style", "http://cdn", "https://"):
        assert unwanted not in page.text
    assert "Set-Cookie" not in page.headers
    assert "`" not in page.text
    assert "carries <code>Authorization: Bearer &lt;token&gt;</code>;" in page.text
    operations: list[Any] = [o for item in document["paths"].values() for m, o in item.items() if m != "parameters"]
    for operation in operations:
        assert operation["summary"]
        assert f'id="{operation["operationId"]}"' in page.text
    assert page.text.count("curl") > len(operations)


def test_the_apis_own_address_says_where_its_descriptions_are_to_whoever_asks(sqlite_house: House):
    client = sqlite_house.app.test_client()
    for address in ("/api/v1", "/api/v1/"):
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "application/json"), address
        assert answer.json == {"openapi": "/api/v1/openapi.json", "docs": "/api/v1/docs"}
        assert all(client.get(path).status_code == 200 for path in answer.json.values())
        assert "Set-Cookie" not in answer.headers
