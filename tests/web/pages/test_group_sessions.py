"""One session of a group, by forms alone: a browser without JavaScript."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.activities.commands import WriteActivity
from coord.application.case.commands import CloseCase
from coord.application.goals.questions import ReadGoal, ReadGoals
from coord.application.groups import commands as w
from coord.application.groups.questions import ReadSession, SessionAnswer, SessionPlan
from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.domain.activity import ActivityContent
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.course import ChildPlan
from coord.domain.errors import Unavailable
from tests.aims import alerted
from tests.group_story import Group, a_group, a_plan, course_content
from tests.house import House, answered
from tests.web.forms import Forms


class Staff:
    """Somebody at the pages of one session."""

    def __init__(self, group: Group, who: Actor, number: int = 1) -> None:
        self.group, self.number = group, number
        self.client = group.house.browser_of(who)
        self.raw, self.page, self.status = "", "", 0

    def at(self, path: str = "") -> str:
        return f"/groups/{self.group.course}/sessions/{self.number}{path}"

    def open(self, path: str = "") -> "Staff":
        return self._took(self.client.get(self.at(path)))

    def _took(self, answer: Any) -> "Staff":
        self.status, self.raw = answer.status_code, answer.text
        self.page = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
        return self

    @property
    def form(self) -> dict[str, Any]:
        """The page's own form: not the one for the language, nor that for signing out."""
        return next(f for f in Forms(self.raw).forms if f["fields"].keys() - {"csrf_token", "next"})

    @property
    def fields(self) -> dict[str, list[str]]:
        fields: dict[str, list[str]] = self.form["fields"]
        return fields

    def fill(self, **typed: Any) -> dict[str, Any]:
        return {**self.fields, **typed}

    def send(self, data: dict[str, Any] | None = None, **more: Any) -> "Staff":
        """Send the form, and follow to what is said."""
        action = self.form["action"]
        answer = self.client.client.post(action, data=self.fields if data is None else data, **more)
        self.sent_status, self.location = answer.status_code, answer.headers.get("Location", "")
        return self._took(self.client.get(self.location) if answer.status_code == 303 else answer)

    def problems(self) -> list[tuple[str, str]]:
        """Where the error summary leads, and what it says."""
        found = re.search(r'error-summary__list">(.*?)</ul>', self.raw, re.S)
        links = re.findall(r'<a href="#([^"]*)">(.*?)</a>', found[1], re.S) if found else []
        return [(field, unescape(words)) for field, words in links]


def child(case: UUID, *more: object) -> str:
    return "-".join(["c", str(case), *(str(part) for part in more)])


def everybody(group: Group, *, absent: tuple[int, ...] = ()) -> dict[str, str]:
    """Attendance of all: present, but for a few."""
    return {child(case, "attendance"): "absent" if i in absent else "present" for i, case in enumerate(group.children)}


def session_of(group: Group, number: int = 1, who: Actor | None = None) -> SessionAnswer:
    answer: SessionAnswer = group.house.services.doors.ask(who or group.house.ot, ReadSession(group.course, number))
    return answer


def plan_of(group: Group, number: int = 1) -> SessionPlan:
    plan = session_of(group, number).plan
    assert plan is not None
    return plan


def said_to_the_device(answer: Any) -> dict[str, str]:
    said: dict[str, str] = answer.json
    return said


def level_of(group: Group, case: UUID, level: int) -> dict[str, str]:
    return {child(case, group.goals[case], "level"): str(level)}


def timeline(group: Group, case: UUID) -> list[Any]:
    answer = group.house.services.doors.ask(group.house.ot, ReadTimeline(case, TimelineFilter(kind="group")))
    return [item for item in answer.items if "attendance" in (item.get("detail") or {})]


@pytest.fixture
def group(house: House) -> Group:
    return a_group(house, 3)


@pytest.fixture
def ot(group: Group) -> Staff:
    return Staff(group, group.house.ot)


# ---- recording -------------------------------------------------------------------------------------------------------


def test_a_session_is_recorded_with_each_child_in_their_own_record(group: Group):
    group.house.clock.turn(hours=2)
    ot = Staff(group, group.house.ot)
    brio, cleo, dario = group.children
    ot.open("/run")
    data = ot.fill(
        **everybody(group, absent=(1,)),
        **level_of(group, brio, 1),
        **{
            child(brio, "arrival"): "excited",
            child(brio, "response"): "Waited twice, then asked a peer.",
            child(brio, "message_home"): "Ask about the tower.",
            child(cleo, "absence_reason"): "At the dentist",
            child(dario, "support"): "verbal",
            "note-dynamics": "They built in turns.",
        },
    )
    ot.send(data)
    assert ot.sent_status == 303
    assert "The session is recorded." in ot.page
    answer = session_of(group)
    assert answer.recordings[0].note["dynamics"] == "They built in turns."
    assert answer.recordings[0].staff == ["Ada Lind"]
    assert answer.recordings[0].started_at == answer.session.starts_at
    assert answer.recordings[0].ended_at == answer.session.ends_at
    told = {kid.preferred_name: kid.lines[0] for kid in answer.children}
    assert told["Brio"].line["response"] == "Waited twice, then asked a peer."
    assert [(r["level"], r["goal_id"]) for r in told["Brio"].ratings] == [(1, group.goals[brio])]
    assert told["Cleo"].line["absence_reason"] == "At the dentist"
    assert told["Cleo"].line["goals"] == []
    assert told["Dario"].line["support"] == "verbal"
    goal = group.house.services.doors.ask(group.house.ot, ReadGoal(brio, group.goals[brio]))
    assert goal.observations[0].level == 1
    assert [len(timeline(group, case)) for case in group.children] == [1, 1, 1]


def test_an_alert_stands_where_the_session_is_run_planned_and_printed(group: Group):
    brio = group.children[0]
    group.do(group.house.ot, w.PlanSession(group.course, 1, a_plan(children=[ChildPlan(brio, "down", "Big blocks")])))
    alerted(group.house, case_id=brio)
    for page in ("run", "plan", "sheet"):
        text = group.house.browser_of(group.house.ot).get(f"/groups/{group.course}/sessions/1/{page}").text
        assert text.count("Nut allergy") == 1, page


def test_the_planned_grading_is_chosen_already_and_not_told_of_an_absent_child(group: Group, ot: Staff):
    brio = group.children[0]
    plan = a_plan(children=[ChildPlan(brio, "down", "Big blocks", [group.goals[brio]])])
    group.do(group.house.ot, w.PlanSession(group.course, 1, plan))
    ot.open("/run")
    assert ot.fields[child(brio, "grading")] == ["down"]
    assert ot.fields[child(brio, "goals")] == [str(group.goals[brio])]
    assert "Big blocks" in ot.page
    ot.send(ot.fill(**everybody(group, absent=(0,))))
    assert ot.sent_status == 303
    assert session_of(group).children[0].lines[0].line["grading"] == ""


def test_a_level_is_seen_with_the_help_of_the_session_unless_another_is_said(group: Group, ot: Staff):
    brio, cleo, dario = group.children
    ot.open("/run")
    data = ot.fill(
        **everybody(group),
        **level_of(group, brio, 1),
        **level_of(group, cleo, 0),
        **{child(case, "support"): "verbal" for case in group.children},
        **{child(cleo, group.goals[cleo], "support"): "physical"},
    )
    assert data[child(brio, group.goals[brio], "support")] == ["as-above"]
    ot.send(data)
    assert ot.sent_status == 303
    rated = {c.case_id: [(r["level"], r["support"]) for r in c.lines[0].ratings] for c in session_of(group).children}
    assert rated == {brio: [(1, "verbal")], cleo: [(0, "physical")], dario: []}  # help alone is no rating of a goal
    page = corrected(group)  # a correction shows what stands, and says nothing of itself
    assert page.fields[child(brio, group.goals[brio], "support")] == ["verbal"]
    assert page.fields[child(dario, group.goals[dario], "support")] == [""]


def test_the_plan_is_at_hand_and_another_day_is_pointed_out(group: Group):
    build = group.house.activity("Shared build", kinds=["social-skills"])
    group.do(group.house.ot, w.PlanSession(group.course, 2, a_plan(build)))
    page = Staff(group, group.house.ot, 2).open("/run")
    assert "Taking turns" in page.page
    assert "Shared build" in page.page
    assert "This session is planned for Tuesday, 17 March 2026, and" in page.page
    group.house.clock.turn(days=7)
    assert "This session is planned for" not in page.open("/run").page


def test_the_same_form_sent_again_is_one_recording(group: Group, ot: Staff):
    ot.open("/run")
    data, action = ot.fill(**everybody(group)), ot.form["action"]
    for _ in range(3):
        answer = ot.client.client.post(action, data=data)
        assert answer.status_code == 303
        group.house.clock.turn(minutes=5)
    assert len(session_of(group).recordings) == 1
    assert len(timeline(group, group.children[0])) == 1


def test_the_same_form_with_other_words_becomes_a_correction_and_loses_none(group: Group, ot: Staff):
    brio = group.children[0]
    ot.open("/run")
    data = ot.fill(**everybody(group), **{child(brio, "response"): "First words"})
    action = ot.form["action"]
    assert ot.client.client.post(action, data=data).status_code == 303
    data |= {child(brio, "response"): "Second words", **level_of(group, brio, 2)}
    ot._took(ot.client.client.post(action, data=data))
    assert ot.status == 409
    assert "recorded from this form already" in ot.page
    assert ot.fields[child(brio, "response")] == ["Second words"]
    ot.send(ot.fill(reason="Written on the way"))
    assert ot.sent_status == 303
    line = session_of(group).children[0].lines[0]
    assert (line.line["response"], line.version) == ("Second words", 2)
    assert [r["level"] for r in line.ratings] == [2]


def test_a_child_who_came_to_the_group_meanwhile_is_not_forgotten(group: Group, ot: Staff):
    ot.open("/run")
    data = ot.fill(**everybody(group))
    group.enrol(elsa := group.child("Elsa"))
    ot.send(data)
    assert ot.sent_status == 422
    assert "Attendance is missing for 1 of the children" in ot.page
    ot.send(ot.fill(**everybody(group)))
    assert ot.sent_status == 303
    assert {kid.case_id for kid in session_of(group).children if kid.lines} >= {elsa}


def test_bad_input_is_told_at_its_field_and_everything_typed_stays(group: Group, ot: Staff):
    brio, cleo, dario = group.children
    ot.open("/run")
    typed = {
        child(brio, "attendance"): "absent",
        child(brio, "response"): "He was seen at the door",
        **level_of(group, brio, 1),
        child(cleo, "attendance"): "present",
        child(cleo, "message_school"): "x" * 1001,
        "note-delivered": "All of it",
        "started-day": "10/03/2026",
        "started-time": "half past",
        "ended-day": "11/3/2026",
        "ended-time": "10:00",
    }
    ot.send(ot.fill(**typed))
    assert ot.sent_status == 422
    problems = dict(ot.problems())
    assert problems[child(dario, "attendance")] == "Dario, Attendance: Choose whether the child came"
    assert "absent" in problems[child(brio, "response")]
    assert problems[child(cleo, "message_school")].startswith("Cleo, Message for school")
    assert "started-time" in problems
    assert "ended-day" in problems
    for field in problems:
        assert f'id="{field}"' in ot.raw, field
    for name, value in typed.items():
        assert [text.removeprefix("\n") for text in ot.fields[name]] == [value], name
    assert not session_of(group).recordings
    good = {
        child(brio, "response"): "",
        child(brio, group.goals[brio], "level"): "",
        child(dario, "attendance"): "late",
    }
    times = {"started-time": "9:30", "ended-day": "2026-03-10", "ended-time": ""}
    ot.send(ot.fill(**good, **times, **{child(cleo, "message_school"): "Good day"}))
    assert ot.sent_status == 303


def test_a_wrong_day_and_a_time_that_is_missing_are_said_at_once_and_neither_is_called_missing(group: Group, ot: Staff):
    ot.open("/run")
    ot.send(ot.fill(**everybody(group), **{"started-day": "31/2/2026", "started-time": ""}))
    assert ot.sent_status == 422
    assert ot.problems() == [
        ("started-day", "Started: Enter a real date, like 27 3 2026"),
        ("started-time", "Started: Enter a time like 14:30"),
    ]
    ot.send(ot.fill(**{"started-day": "10/3/2026", "started-time": "half past"}))
    assert ot.problems() == [("started-time", "Started: Enter a time like 14:30")]
    ot.send(ot.fill(**{"started-time": "9:00", "ended-day": "31/2/2026", "ended-time": ""}))
    assert [field for field, _words in ot.problems()] == ["ended-day", "ended-time"], "no end that is now was meant"


def test_another_childs_name_is_a_warning_that_can_be_answered(group: Group, ot: Staff):
    brio, cleo, _dario = group.children
    ot.open("/run")
    ot.send(ot.fill(**everybody(group), **{child(brio, "response"): "Shared with Cleo", "note-dynamics": "Dario led"}))
    assert ot.sent_status == 422
    assert [field for field, _words in ot.problems()] == [child(brio, "response"), "note-dynamics"]
    assert "This seems to name Cleo, another child." in ot.page
    assert "Yes, it is meant so Brio, How it went: This seems to name Cleo" in ot.page  # beside its tick
    answers = re.findall(r'name="confirmed" type="checkbox" value="(names-another-child[^"]+)"', ot.raw)
    ot.send(ot.fill(confirmed=answers[:1]))  # one of two
    assert ot.sent_status == 422
    assert ot.raw.count(answers[0]) == 1
    ot.send(ot.fill(confirmed=answers))
    assert ot.sent_status == 303
    assert session_of(group).children[0].lines[0].line["response"] == "Shared with Cleo"
    assert "Shared with" not in str(timeline(group, cleo))


def test_two_of_the_staff_record_and_both_recordings_are_kept(group: Group, ot: Staff):
    una = Staff(group, group.house.stranger)
    ot.open("/run")
    una.open("/run")
    ot.send(ot.fill(**everybody(group), **{child(group.children[0], "response"): "Seen by Ada"}))
    una.send(una.fill(**everybody(group), **{child(group.children[0], "response"): "Seen by Una"}))
    assert una.sent_status == 303
    assert "Ada Lind recorded this session too. Both recordings were kept" in una.page
    assert "Seen by Ada" in una.page
    assert "Seen by Una" in una.page


def test_who_comes_second_need_not_repeat_the_first(group: Group, ot: Staff):
    una = Staff(group, group.house.stranger)
    group.record(who=group.house.ot)
    una.open("/run")
    assert "Ada Lind has recorded: present." in una.page
    brio = group.children[0]
    una.send(una.fill(**{child(brio, "attendance"): "present", child(brio, "response"): "And he sang"}))
    assert una.sent_status == 303
    assert [len(kid.lines) for kid in session_of(group).children] == [2, 1, 1]


def test_a_group_with_parents_records_what_they_take_home(house: House):
    group = a_group(house, 0, kind="psycho-educational", minutes=90)
    for name in ("Brio", "Cleo"):
        group.enrol(group.child(name), guardians=["Mother"])
    ot = Staff(group, house.ot).open("/run")
    brio = group.children[0]
    more = {
        child(brio, "guardian"): "present",
        child(brio, "practice"): "Shoes by himself",
        child(brio, "s0", "text"): "Put the shoes where he sees them",
    }
    ot.send(ot.fill(**everybody(group), **more))
    assert ot.sent_status == 303
    line = session_of(group).children[0].lines[0]
    assert line.line["guardian"] == "present"
    assert [s["text"] for s in line.strategies] == ["Put the shoes where he sees them"]


def test_only_what_this_kind_records_is_asked_for(group: Group, ot: Staff):
    ot.open("/run")
    assert child(group.children[0], "guardian") not in ot.raw
    assert "Strategies handed over" not in ot.page


def test_a_goal_without_a_scale_is_told_by_the_help_it_took(group: Group, ot: Staff):
    brio = group.children[0]
    ot.open("/run").send(ot.fill(**everybody(group), **{child(brio, group.goals[brio], "support"): "visual"}))
    assert [(r["level"], r["support"]) for r in session_of(group).children[0].lines[0].ratings] == [(None, "visual")]


def test_the_queue_of_a_device_hears_in_few_words(group: Group, ot: Staff):
    ot.open("/run")
    data, action = ot.fill(**everybody(group)), ot.form["action"]
    ask = {"headers": {"Accept": "application/json"}}
    wrong = ot.client.client.post(action, data=data | {child(group.children[0], "attendance"): ""}, **ask)
    assert (wrong.status_code, said_to_the_device(wrong)["state"]) == (422, "refused")
    first = ot.client.client.post(action, data=data, **ask)
    again = ot.client.client.post(action, data=data, **ask)
    assert first.status_code == 200
    assert said_to_the_device(first) == said_to_the_device(again)
    assert said_to_the_device(first)["state"] == "recorded"
    other = ot.client.client.post(action, data=data | {"note-delivered": "More"}, **ask)
    assert (other.status_code, said_to_the_device(other)["code"]) == (409, "recorded-already")
    assert len(session_of(group).recordings) == 1


def test_while_the_record_does_not_answer_the_form_stays(group: Group, ot: Staff, monkeypatch: pytest.MonkeyPatch):
    ot.open("/run")
    data, action = ot.fill(**everybody(group)), ot.form["action"]

    def gone(*_args: object) -> None:
        raise Unavailable

    monkeypatch.setattr(type(group.house.services.doors), "execute", gone)
    ask = {"headers": {"Accept": "application/json"}}
    answer = ot.client.client.post(action, data=data, **ask)
    assert answer.status_code == 503
    assert ot.client.client.post(action, data=data).status_code == 503
    assert not session_of(group).recordings


# ---- correcting ------------------------------------------------------------------------------------------------------


def corrected(group: Group, who: Actor | None = None) -> Staff:
    recording = session_of(group).recordings[0].id
    return Staff(group, who or group.house.ot).open(f"/recordings/{recording}/correct")


def test_a_correction_reaches_the_record_of_the_child_whom_it_concerns(group: Group):
    group.record()
    brio, cleo, _ = group.children
    page = corrected(group)
    assert page.status == 200
    typed = {child(brio, "response"): "Asked for help himself", **level_of(group, brio, -1), "reason": "Looked again"}
    page.send(page.fill(**typed))
    assert page.sent_status == 303
    assert "The recording is corrected." in page.page
    assert "Looked again" in page.page
    assert [(e["version"], e["detail"]["attendance"]) for e in timeline(group, brio)] == [(2, "present")]
    assert [e["version"] for e in timeline(group, cleo)] == [1]
    assert [r["level"] for r in session_of(group).children[0].lines[0].ratings] == [-1]


def test_new_times_reach_every_child(group: Group):
    group.record()
    page = corrected(group)
    page.send(page.fill(**{"started-time": "9:10", "reason": "Began late"}))
    assert page.sent_status == 303
    assert [timeline(group, case)[0]["version"] for case in group.children] == [2, 2, 2]


def test_a_correction_whose_time_cannot_be_read_is_not_made_with_the_old_one(group: Group):
    group.record()
    page = corrected(group)
    page.send(page.fill(**{"started-time": "ten to", "reason": "Began late"}))
    assert (page.sent_status, [field for field, _words in page.problems()]) == (422, ["started-time"])
    page.send(page.fill(**{"started-day": "31/2/2026", "started-time": ""}))
    assert [field for field, _words in page.problems()] == ["started-day", "started-time"]
    page.send(page.fill(**{"started-day": "10/3/2026", "started-time": "ten to"}))
    assert page.fields["started-time"] == ["ten to"]
    assert [timeline(group, case)[0]["version"] for case in group.children] == [1, 1, 1]


def test_times_that_are_left_as_they_stand_concern_no_child_and_keep_their_seconds(group: Group):
    group.house.clock.turn(seconds=7)
    group.record()
    before = session_of(group).recordings[0]
    assert before.started_at.second == 7
    page = corrected(group)
    page.send(page.fill(**{child(group.children[0], "response"): "Asked for help", "reason": "Looked again"}))
    assert page.sent_status == 303
    after = session_of(group).recordings[0]
    assert (after.started_at, after.ended_at) == (before.started_at, before.ended_at)
    assert [timeline(group, case)[0]["version"] for case in group.children] == [2, 1, 1]


def test_what_was_recorded_or_corrected_is_said_once_and_never_by_an_address(group: Group, ot: Staff):
    ot.open("/run").send(ot.fill(**everybody(group)))
    recording = session_of(group).recordings[0].id
    assert ot.location == ot.at()
    assert f'data-coord-recorded="{recording}"' in ot.raw
    assert "data-coord-recorded" not in ot.open().raw
    assert "data-coord-recorded" not in ot.open(f"?recorded={recording}").raw
    page = corrected(group)
    page.send(page.fill(**{"note-delivered": "Half of it", "reason": "Looked again"}))
    assert page.location == ot.at()
    assert "The recording is corrected." in page.page
    assert "The recording is corrected." not in page.open().page


def test_a_line_that_should_never_have_been_is_taken_back(group: Group):
    group.record()
    brio = group.children[0]
    page = corrected(group)
    page.send(page.fill(**{child(brio, "in_error"): "yes", "reason": "Another child"}))
    assert page.sent_status == 303
    assert "Should never have been written: Another child" in page.page


def test_a_strategy_is_taken_back_and_others_words_given_in_its_place(group: Group):
    brio = group.children[0]
    handed = w.HandedOver(uuid4(), "One turn each at supper")
    group.record(replace(group.line(brio), strategies=[handed]), *(group.line(case) for case in group.children[1:]))
    page = corrected(group)
    assert "One turn each at supper" in page.page
    page.send(page.fill(**{child(brio, "s0", "taken_back"): "yes"}))  # no reason: nothing is saved, the tick stays
    assert page.problems() == [("reason", "Why it is corrected: Enter this")]
    assert re.search(rf'id="{child(brio, "s0", "taken_back")}" checked', page.raw)
    typed = {child(brio, "s1", "text"): "Two turns each", child(brio, "s0", "taken_back"): "yes", "reason": "Misheard"}
    page.send(page.fill(**typed))
    assert page.sent_status == 303
    (line,) = session_of(group).children[0].lines
    assert [s["text"] for s in line.strategies] == ["Two turns each"]
    advised = group.house.services.doors.ask(group.house.ot, ReadGoals(brio)).strategies
    assert [s.text for s in advised] == ["Two turns each"]


def test_a_correction_says_why_and_changes_something(group: Group):
    group.record()
    page = corrected(group)
    page.send(page.fill(**{"note-delivered": "Half of it"}))
    assert page.sent_status == 422
    assert [field for field, _words in page.problems()] == ["reason"]
    assert page.fields["note-delivered"] == ["Half of it"]
    page.send(page.fill(**{"note-delivered": "", "reason": "None"}))
    assert page.sent_status == 409
    assert "Nothing has changed" in page.page


def test_a_correction_on_what_has_changed_meanwhile_decides_anew(group: Group):
    group.record()
    brio, cleo, _ = group.children
    mine, leads = corrected(group), corrected(group, group.house.lead)
    leads.send(leads.fill(**{child(brio, "response"): "By the lead", **level_of(group, brio, 2), "reason": "Checked"}))
    assert leads.sent_status == 303
    mine.send(mine.fill(**{child(cleo, "response"): "By me", "reason": "Forgotten"}))
    assert mine.sent_status == 412
    assert "corrected meanwhile" in mine.page
    assert mine.fields[child(cleo, "response")] == ["By me"]
    mine.send(mine.fill(**{child(brio, "response"): "By the lead", **level_of(group, brio, 2)}))
    assert mine.sent_status == 303
    told = {kid.case_id: kid.lines[0] for kid in session_of(group).children}
    assert told[brio].line["response"] == "By the lead"
    assert told[cleo].line["response"] == "By me"


def test_only_who_recorded_it_or_the_lead_corrects(group: Group):
    group.record()
    assert corrected(group, group.house.stranger).status == 403
    assert corrected(group, group.house.lead).status == 200
    assert Staff(group, group.house.ot).open(f"/recordings/{uuid4()}/correct").status == 404


# ---- planning --------------------------------------------------------------------------------------------------------


def test_a_session_is_planned_by_the_shape_of_its_kind(group: Group, ot: Staff):
    build = group.house.activity("Shared build", kinds=["social-skills"], cognitive="high")
    group.house.activity("Rice rain", kinds=["therapeutic-play"])
    brio = group.children[0]
    ot.open("/plan")
    assert [ot.fields[f"step-{i}-step"] for i in range(3)] == [["welcome"], ["warm-up"], ["main"]]
    assert "Shared build" in ot.page
    assert "Rice rain" not in ot.page
    ot.send(
        ot.fill(
            **{
                "action": "save",
                "step-2-activity": str(build),
                "step-2-minutes": "25",
                child(brio, "grading"): "down",
                child(brio, "how"): "Two roles only",
                child(brio, "goals"): [str(group.goals[brio])],
            }
        )
    )
    assert ot.sent_status == 303
    answer = session_of(group)
    assert answer.plan is not None
    assert [s["title"] for s in answer.plan.steps if s["activity"]] == ["Shared build"]
    assert answer.children[0].how == "Two roles only"
    assert "“Shared build” asks more than Brio copes with (thinking and understanding)." in ot.open("/plan").page


def test_steps_are_added_moved_and_removed_without_a_script(group: Group, ot: Staff):
    ot.open("/plan")
    count = int(ot.fields["steps"][0])
    ot.send(ot.fill(action="add", aims="Asking"))
    assert (ot.sent_status, ot.fields["steps"]) == (200, [str(count + 1)])
    assert ot.fields["aims"] == ["Asking"]
    ot.send(ot.fill(action="remove-0"))
    ot.send(ot.fill(action="up-1"))
    assert [ot.fields[f"step-{i}-step"] for i in range(2)] == [["main"], ["warm-up"]]
    assert session_of(group).plan is None
    ot.send(ot.fill(action="save"))
    assert ot.sent_status == 303


def test_a_step_more_than_the_page_takes_is_refused_in_words_and_none_is_lost(group: Group, ot: Staff):
    ot.open("/plan")
    ot.send(ot.fill(**{"action": "add", "steps": "39", "step-38-note": "The end"}))
    assert (ot.sent_status, ot.fields["steps"], ot.problems()) == (200, ["40"], [])
    ot.send(ot.fill(action="add"))
    assert (ot.sent_status, ot.fields["steps"]) == (422, ["40"])
    assert ot.problems() == [("add-step", "Too many: at most 12")]
    assert ot.fields["step-38-note"] == ["The end"]


def test_the_last_plan_is_copied_and_changed(group: Group, ot: Staff):
    brio = group.children[0]
    plan = a_plan(children=[ChildPlan(brio, "up", "Leads the shop", [group.goals[brio]])])
    group.do(group.house.ot, w.PlanSession(group.course, 1, plan))
    second = Staff(group, group.house.ot, 2).open("/plan")
    assert "Copy the last plan" in second.page
    second.open("/plan?copy=1")
    assert second.fields[child(brio, "how")] == ["Leads the shop"]
    second.send(second.fill(**{"action": "save", "step-0-minutes": "5"}))
    assert second.sent_status == 303
    assert plan_of(group, 2).steps[0]["minutes"] == 5
    assert plan_of(group, 1).steps[0]["minutes"] == 10


def test_what_is_wrong_with_a_plan_is_told_at_its_field(group: Group, ot: Staff):
    ot.open("/plan")
    ot.send(ot.fill(**{"action": "save", "step-1-minutes": "ten"}))
    assert (ot.sent_status, ot.fields["step-1-minutes"]) == (422, ["ten"])
    assert ot.problems() == [("step-1-minutes", "Step 2, Minutes: Enter a whole number")]
    gone = group.house.activity("Old game", kinds=["social-skills"])
    ot.open("/plan").send(ot.fill(**{"action": "save", "step-1-step": "", "step-1-activity": str(uuid4())}))
    assert [field for field, _words in ot.problems()] == ["step-1-activity"]
    ot.open("/plan").send(ot.fill(**{"action": "save", "step-1-activity": str(gone), "step-1-minutes": "999"}))
    assert [field for field, _words in ot.problems()] == ["step-1-minutes"]
    assert ot.fields["step-1-activity"] == [str(gone)]


def test_two_who_plan_at_once_see_each_other(group: Group, ot: Staff):
    una = Staff(group, group.house.stranger).open("/plan")
    ot.open("/plan").send(ot.fill(action="save"))
    una.send(una.fill(action="save", aims="Mine"))
    assert una.sent_status == 412
    assert una.fields["aims"] == ["Mine"]
    una.send(una.fill(action="save"))
    assert una.sent_status == 303
    assert plan_of(group).aims == "Mine"


def test_the_sheet_for_the_room_has_the_plan_and_its_children(group: Group, ot: Staff):
    build = group.house.activity("Shared build", kinds=["social-skills"], materials=["Bricks"])
    group.do(group.house.ot, w.PlanSession(group.course, 1, a_plan(build)))
    ot.open("/sheet")
    for word in ("Shared build", "Bricks", "Brio", "What went well today?"):
        assert word in ot.page


# ---- cancelled, over, and who may ------------------------------------------------------------------------------------


def test_a_session_that_does_not_take_place(group: Group, ot: Staff):
    ot.open("/cancel").send(ot.fill(reason=""))
    assert (ot.sent_status, ot.problems()) == (422, [("reason", "Why: Enter this")])
    ot.send(ot.fill(reason="The room is flooded"))
    assert "This session does not take place: The room is flooded" in ot.page
    for path in ("/plan", "/cancel"):
        assert ot.open(path).status == 303


def test_a_form_of_a_session_cancelled_meanwhile_keeps_its_words(group: Group, ot: Staff):
    ot.open("/run")
    data = ot.fill(**everybody(group), **{child(group.children[0], "response"): "He waited for his turn twice."})
    group.do(group.house.ot, w.CancelSession(group.course, 1, "Flood"))
    ot.send(data)
    assert (ot.sent_status, [field for field, _ in ot.problems()]) == (422, ["took_place"])
    assert "He waited for his turn twice." in ot.page


@pytest.mark.parametrize("path", ["", "/plan", "/run", "/sheet", "/cancel"])
def test_who_is_in_the_course_is_for_its_staff_and_the_lead_alone(group: Group, path: str):
    house = group.house
    assert Staff(group, house.lead).open(path).status == 200
    assert Staff(group, house.person("Nils Aas", Role.THERAPIST, Discipline.OT)).open(path).status == 403
    assert Staff(group, house.person("Olle Vik", Role.THERAPIST, Discipline.OT, "South")).open(path).status == 404
    assert Staff(group, house.teacher).open(path).status == 404
    assert Staff(group, house.admin).open(path).status == 404


def test_a_student_on_the_staff_reads_and_does_not_record(house: House):
    group = a_group(house, 2, staff=[house.ot, house.student])
    student = Staff(group, house.student)
    assert student.open().status == 200
    assert "Record the session" not in student.page
    assert [student.open(path).status for path in ("/run", "/plan", "/cancel")] == [403, 403, 403]


def test_a_goal_worked_on_and_not_rated_is_told_with_the_session_and_the_child(group: Group, ot: Staff):
    brio = group.children[0]
    worked_on = group.line(brio, level=None, goals=[group.goals[brio]])
    group.record(worked_on, *(group.line(case) for case in group.children[1:]))
    assert "Brio waits for a turn Worked on, not rated" in ot.open().page
    assert ot.page.count("not rated") == 1  # those that were rated say how far it went
    groups = group.house.browser_of(group.house.ot).get(f"/children/{brio}/groups").text
    assert "Worked on, not rated:" in groups
    assert "<li>Brio waits for a turn</li>" in groups
    timeline = group.house.browser_of(group.house.ot).get(f"/children/{brio}").text
    assert re.search(r"Worked on, not rated:</p>\s*<ul[^>]*><li>Brio waits for a turn</li>", timeline)
    for page in ("/groups", ""):
        rated = group.house.browser_of(group.house.ot).get(f"/children/{group.children[1]}{page}").text
        assert "Worked on, not rated:" not in rated


def test_a_session_that_is_over_and_not_recorded_is_not_to_come(group: Group):
    assert "To come" in Staff(group, group.house.ot, 2).open().page
    group.house.clock.turn(days=8)
    page = Staff(group, group.house.ot, 2).open().page
    assert "Not recorded yet" in page
    assert "To come" not in page


def test_a_session_that_is_not_there(group: Group):
    assert Staff(group, group.house.ot, 99).open().status == 404
    assert Staff(group, group.house.ot, 99).open("/run").status == 404


def test_nothing_is_left_in_the_browser_of_who_writes_about_no_child(group: Group):
    admin = group.house.browser_of(group.house.admin)
    for asked in ("device.js", "coord-person", "coord-session"):
        assert asked not in admin.get("/people").text
        for who in (group.house.ot, group.house.teacher, group.house.student, group.house.lead):
            assert asked in group.house.browser_of(who).get("/").text


def test_a_form_that_came_after_the_sign_in_ended_comes_back_in_words(group: Group, ot: Staff):
    ot.open("/run")
    data, action = (
        ot.fill(**everybody(group), **{child(group.children[0], "response"): "He waited."}),
        ot.form["action"],
    )
    group.house.clock.turn(hours=20)
    answer = ot.client.client.post(action, data=data)
    assert answer.status_code in (400, 403)
    assert "He waited." in answer.text


def test_a_child_who_left_is_still_in_what_was_recorded(group: Group, ot: Staff):
    group.record()
    group.do(group.house.ot, w.EndPlace(group.course, group.children[0], "Moved"))
    page = corrected(group)
    page.send(page.fill(**{child(group.children[0], "response"): "Went well", "reason": "Added"}))
    assert page.sent_status == 303
    answered(group.house.services.doors, group.house.ot, CloseCase(group.children[0], "Moved away"))
    page = corrected(group)
    page.send(page.fill(**{"note-delivered": "All", "reason": "Added"}))
    assert page.sent_status == 303


def test_a_session_that_was_cancelled_and_took_place_all_the_same_is_recorded(group: Group):
    group.do(group.house.ot, w.CancelSession(group.course, 1, "No heating"))
    ot = Staff(group, group.house.ot).open()
    assert "It took place all the same: record it" in ot.page
    ot.open("/run").send(ot.fill(**everybody(group), **{child(group.children[0], "response"): "He waited."}))
    assert ot.sent_status == 422
    assert [field for field, _ in ot.problems()] == ["took_place"]
    assert "This session was cancelled: No heating" in ot.page
    assert "He waited." in ot.raw
    ot.send(ot.fill(took_place="yes"))
    assert ot.sent_status == 303
    assert "The session is recorded." in ot.page
    assert "No heating" not in ot.page  # the course's history has it
    assert (session_of(group).session.status, session_of(group).session.reason) == ("recorded", "")


def test_who_came_to_the_group_after_the_session_may_be_left_empty(group: Group):
    group.house.clock.turn(days=3)
    ot = Staff(group, group.house.ot)
    nino = group.child("Nino")
    group.enrol(nino)
    ot.open("/run")
    assert "Has a place since 13 March 2026, which is after this session." in ot.page
    ot.send(ot.fill(**everybody(group) | {child(nino, "attendance"): ""}))
    assert ot.sent_status == 303
    assert [kid.preferred_name for kid in session_of(group).children if kid.lines] == ["Brio", "Cleo", "Dario"]


def test_who_left_after_the_session_can_be_recorded(group: Group):
    group.house.clock.turn(days=3)
    ot = Staff(group, group.house.ot)
    group.do(group.house.ot, w.EndPlace(group.course, group.children[0], "Moved"))
    ot.open("/run")
    assert "Not in the group now." not in ot.page  # on the day of the session the child was in it
    ot.send(ot.fill(**everybody(group) | {child(group.children[0], "attendance"): ""}))
    assert ot.sent_status == 422
    ot.send(ot.fill(**everybody(group)))
    assert ot.sent_status == 303
    assert [kid.preferred_name for kid in session_of(group).children if kid.lines] == ["Brio", "Cleo", "Dario"]
    ot = Staff(group, group.house.ot, number=2).open("/run")
    assert "Brio" not in ot.page


def test_what_is_handed_over_by_a_second_recorder_is_not_left_out_in_silence(group: Group):
    group.record()
    second = Staff(group, group.house.stranger).open("/run")
    handed = {"id": str(uuid4()), "text": "One turn each at supper"}
    second.send(second.fill(**{child(group.children[0], "s0", name): value for name, value in handed.items()}))
    assert second.sent_status == 422
    assert [field for field, _ in second.problems()] == [child(group.children[0], "attendance")]


def test_the_clock_of_the_clinic_is_meant(group: Group):
    group.house.clock.turn(hours=3)
    ot = Staff(group, group.house.ot)
    ot.open("/run")
    assert (ot.fields["started-time"], ot.fields["ended-time"]) == (["10:00"], ["11:00"])
    group.house.clock.turn(days=7, hours=-4)
    early = Staff(group, group.house.ot, 2).open("/run")
    assert (early.fields["started-time"], early.fields["ended-time"]) == (["09:00"], [""])
    early.send(early.fill(**everybody(group)))
    recording = session_of(group, 2).recordings[0]
    assert recording.ended_at - recording.started_at == timedelta(0)


def test_a_session_of_a_later_day_says_from_when_it_is_recorded_and_keeps_what_was_typed(group: Group):
    page = Staff(group, group.house.ot, 2).open("/run")
    assert "planned for Tuesday, 17 March 2026, and can be recorded from that day on" in page.page
    assert (page.fields["started-day"], page.fields["started-time"]) == (["17/03/2026"], ["10:00"])
    typed = {child(group.children[0], "response"): "Waited twice."}
    sent_at = {"ended-day": "10/03/2026", "ended-time": "10:05"}  # as a device says when it sends
    page.send(page.fill(**everybody(group), **typed, **sent_at))
    assert page.sent_status == 422
    assert (page.fields["ended-day"], page.fields["ended-time"]) == (["17/03/2026"], [""])
    assert any("can be recorded from that day on" in words for _, words in page.problems())
    assert "17 March 2026, and can be" in page.page
    assert page.fields[child(group.children[0], "response")][0].strip() == "Waited twice."


# ---- moved, held after all, run by somebody else, nobody came, settled -----------------------------------------------


def last_status(group: Group, number: int = 1) -> str:
    return session_of(group, number).session.status


def test_one_date_is_moved_and_what_was_typed_comes_back(group: Group):
    ot = Staff(group, group.house.ot, 2).open("/move")
    assert (ot.fields["day"], ot.fields["start_time"]) == (["17/03/2026"], ["10:00"])
    ot.send(ot.fill(day="the 19th", start_time="15", reason="The school's feast"))
    assert (ot.status, ot.fields["day"], ot.fields["reason"][0].strip()) == (422, ["the 19th"], "The school's feast")
    ot.send(ot.fill(day="19/3/2026", start_time="15.30"))
    assert ot.sent_status == 303
    assert "The session is moved." in ot.page
    assert "Moved from 17 March 2026, 10:00, by Ada Lind: The school's feast" in ot.page
    assert session_of(group, 2).session.starts_at.strftime("%d %H:%M") == "19 15:30"


def test_a_day_off_is_asked_about_once(group: Group):
    course = group.house.services.record.course(group.course)
    content = course_content(group.house, holidays=[date(2026, 3, 19)])
    group.do(group.house.ot, w.ReviseCourse(group.course, course.version, content, None, "A feast"))
    ot = Staff(group, group.house.ot, 2).open("/move")
    ot.send(ot.fill(day="19/03/2026", reason="Only then"))
    assert "19 March 2026 is a day without a session in this course." in ot.page
    asked = re.search(r'name="confirmed" type="checkbox" value="([^"]+)"', ot.raw)
    assert asked
    ot.send(ot.fill(confirmed=asked[1]))
    assert ot.sent_status == 303
    moved = [e for e in events_of(group) if e.TOPIC == "course.session-moved.v1"]
    assert [answer["code"] for answer in moved[0].answered] == ["on-a-day-off"]


def events_of(group: Group) -> list[Any]:
    return [recorded.event for recorded in group.house.services.record.stream(group.course)]


def test_a_session_cancelled_by_mistake_takes_place_after_all(group: Group):
    ot = Staff(group, group.house.ot, 2).open("/cancel")
    ot.send(ot.fill(reason="The wrong Tuesday"))
    assert "It takes place after all" in ot.page
    ot.open("/reinstate")
    ot.send(ot.fill(reason="It was another group's"))
    assert "The session takes place." in ot.page
    assert last_status(group, 2) == "planned"


def test_who_stands_in_reads_and_records_that_session_alone(group: Group):
    ot, other = Staff(group, group.house.ot, 2), Staff(group, group.house.slt, 2)
    assert other.open().status == 403
    ot.open("/stand-ins")
    ot.send(ot.fill(people=[str(group.house.slt.person_id)], reason="Ada is ill"))
    assert f"Stands in for this session: {group.house.slt.name}" in ot.page
    group.house.clock.turn(days=7)
    other = Staff(group, group.house.slt, 2)
    assert "Brio" in other.open("/run").page
    other.send(other.fill(**everybody(group)))
    assert other.sent_status == 303
    assert session_of(group, 2).recordings[0].staff == [group.house.slt.name]
    assert Staff(group, group.house.slt, 1).open().status == 403
    assert other.client.get(f"/groups/{group.course}").text.count("Brio") == 0
    assert "Tuesday builders" in other.client.get("/groups").text


def test_a_correction_says_who_ran_it(group: Group):
    group.record()
    ot = Staff(group, group.house.ot)
    recording = session_of(group).recordings[0]
    assert recording.staff == [group.house.ot.name]
    ot.open(f"/recordings/{recording.id}/correct")
    ot.send(ot.fill(staff=[str(group.house.stranger.person_id)], reason="It was not me"))
    assert ot.sent_status == 303
    assert session_of(group).recordings[0].staff == [group.house.stranger.name]


def test_nobody_came_is_one_form_and_counts_so(group: Group):
    group.house.clock.turn(hours=3)
    ot = Staff(group, group.house.ot).open("/nobody")
    ot.send(ot.fill(reason="Brio was ill"))
    assert ot.status == 422
    ot.send(ot.fill(reason="A strike of the buses"))
    assert ot.sent_status == 303
    assert "It is recorded that nobody came." in ot.page
    session = session_of(group)
    assert session.session.nobody_came
    assert {kid.lines[0].line["absence_reason"] for kid in session.children} == {"A strike of the buses"}
    course = group.house.browser_of(group.house.ot).get(f"/groups/{group.course}").text
    assert "Nobody came" in course
    assert "0 of 1" in course


def test_recordings_that_disagree_say_so_and_are_settled(group: Group):
    one = group.children[0]
    group.record()
    absent = group.line(one, attendance="absent", absence_reason="ill")
    group.record(absent, who=group.house.stranger)
    ot = Staff(group, group.house.ot).open()
    assert "The recordings disagree about whether Brio was there:" in ot.page
    course = group.house.browser_of(group.house.ot).get(f"/groups/{group.course}").text
    assert "0 of 1" in course
    assert "in one of these the recordings disagree" in course
    assert "Recordings disagree" in group.house.browser_of(group.house.stranger).get("/").text
    child_page = group.house.browser_of(group.house.ot).get(f"/children/{one}/groups").text
    assert "In one of these the recordings disagree" in child_page
    ot.open(f"/settle/{one}")
    ot.send(ot.fill(line=str(absent.line_id), reason=" "))
    assert ot.status == 422
    ot.send(ot.fill(line=str(absent.line_id), reason="The mother called"))
    assert ot.sent_status == 303
    assert "It is settled" in ot.page
    kid = next(kid for kid in session_of(group).children if kid.case_id == one)
    assert (kid.attendance, kid.may_settle) == ("absent", False)
    assert "Another line holds instead: The mother called" in ot.page
    assert "Recordings disagree" not in group.house.browser_of(group.house.stranger).get("/").text


def test_a_session_that_nobody_recorded_waits_on_the_first_page_as_long_as_the_course_runs(group: Group):
    group.house.clock.turn(days=60)
    browser = group.house.browser_of(group.house.ot)
    assert "session 1 of 10" in browser.get("/").text
    version = group.house.services.record.course(group.course).version
    group.do(group.house.ot, w.EndCourse(group.course, "Over", version))
    assert "session 1 of 10" not in browser.get("/").text


def test_the_plan_says_how_many_children_an_activity_suits(group: Group):
    activity = uuid4()
    text = ActivityContent(
        "Shared build",
        "Build together.",
        ["social-skills"],
        ["social"],
        age_from=5,
        age_to=12,
        cognitive="high",
        motor="low",
        communication="low",
        watch=["Sharp edges"],
        steps=["Build"],
    )
    group.do(group.house.ot, WriteActivity(activity, text))
    group.do(group.house.ot, w.DescribeProfile(group.children[0], "high", "high", "high"))
    group.do(group.house.ot, w.DescribeProfile(group.children[1], "low", "high", "high", attention="low"))
    ot = Staff(group, group.house.ot).open("/plan")
    assert "Shared build (1 as written, 1 graded down, too much for 1)" in ot.page
    assert "The group as it is" in ot.page
    assert "Attention low: 1, not known: 2" in ot.page
