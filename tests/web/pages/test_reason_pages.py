"""Every page that asks why before something is done, whatever the act: no word is lost, and the way on is said.

The acts are those that are declared (`coord.web.kit.reason.REASON_PAGES`): one that has no example here fails.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from coord.application.activities.commands import RestoreActivity, RetireActivity
from coord.application.case.commands import ChangeOnTeam, CloseCase, RemoveFromTeam, ReopenCase
from coord.application.declared import Command
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.notes.commands import EnterNoteInError, EntrustCosignature
from coord.application.summary.commands import RecallSummary
from coord.domain.actors import Actor, Relation
from coord.web.kit.field import Kind
from coord.web.kit.form import DECLARED
from coord.web.kit.reason import REASON_PAGES
from coord.web.unsent import Unsent
from tests.aims import copm, goal, seen
from tests.group_story import a_group, course_content
from tests.house import House, answered, open_house
from tests.samples import PLAIN
from tests.web.forms import Forms

REASON = "Nobody shall have to type this a second time"


@dataclass
class Example:
    """An act that ``who`` may do on the page ``path``. After ``meanwhile``, done by somebody else, it cannot be done as
    it was meant; where that is None, or ``already`` the same, it can be done twice without harm."""

    path: str
    who: Actor
    meanwhile: Command | None = None
    typed: dict[str, str] = field(default_factory=lambda: {"reason": REASON})
    empty: str = "reason"
    """The field that is found to be missing in a form of nothing; "" where nothing must be typed."""
    already: bool = False
    not_for: Actor | None = None
    """Who may see what it is about, and not do it."""


def _activities(house: House) -> dict[str, Example]:
    used, unused = house.activity("Rain"), house.activity("Wind")
    house.services.doors.execute(house.lead, RetireActivity(unused, "No wind"))
    return {
        "activities.retire": Example(
            f"/activities/{used}/retire", house.ot, RetireActivity(used, "Dry"), not_for=house.student
        ),
        "activities.restore": Example(
            f"/activities/{unused}/restore", house.ot, RestoreActivity(unused, "Storm"), not_for=house.student
        ),
    }


def _case(house: House) -> dict[str, Example]:
    child, closed, left = house.child, house.open_case("Yon"), house.open_case("Wim")
    answered(house.services.doors, house.ot, CloseCase(closed, "Moved away"))
    close, reopen = CloseCase(child, "Moved away"), ReopenCase(closed, "Back")
    changed, person = house.open_case("Ulf"), house.slt.person_id
    same = ChangeOnTeam(changed, person, until=date(2026, 6, 1), relation=Relation.COORDINATOR)
    return {
        "children.close": Example(f"/children/{child}/close", house.ot, close, not_for=house.student),
        "children.reopen": Example(f"/children/{closed}/reopen", house.ot, reopen, not_for=house.student),
        "children.change": Example(
            f"/children/{changed}/team/{person}/change",
            house.ot,
            same,
            typed={"until": "1/6/2026", "relation": "coordinator", "start": ""},
            empty="relation",
        ),
        "children.remove": Example(
            f"/children/{left}/team/{person}/remove",
            house.ot,
            RemoveFromTeam(left, person),
            typed={},
            empty="",
            already=True,
        ),
    }


def _mistake(house: House, of_child: str, meanwhile: Command) -> Example:
    """Something of the child's that its author marks as a mistake, and nobody else of the care team."""
    return Example(f"/children/{house.child}/{of_child}/error", house.ot, meanwhile, not_for=house.slt)


def _aims(house: House) -> dict[str, Example]:
    child = f"/children/{house.child}"
    aim, wrong, rated = (goal(house, words) for words in ("Asks for a break.", "Ties a bow.", "Waits for a turn."))
    measure, rating = copm(house), seen(house, rated, house.ot, "therapy", 0)
    house.summary()
    rest = g.ChangeGoalStatus(house.child, aim, 3, "on-hold", "Ill")
    return {
        "goals.status": Example(
            f"{child}/goals/{aim}/status", house.ot, rest, typed={"status": "stopped", "reason": REASON}, empty="status"
        ),
        "goals.error": _mistake(house, f"goals/{wrong}", g.EnterGoalInError(house.child, wrong, "Slip")),
        "goals.observation_error": _mistake(
            house, f"goals/{rated}/observations/{rating}", g.EnterObservationInError(house.child, rated, rating, "Slip")
        ),
        "measures.error": replace(
            _mistake(house, f"measures/{measure}", g.EnterMeasureInError(house.child, measure, "Slip")), already=True
        ),
        "summaries.recall": Example(
            f"{child}/summary/recall", house.ot, RecallSummary(house.child, "Wrong"), not_for=house.teacher
        ),
    }


def _notes(house: House) -> dict[str, Example]:
    note, other, of_student = house.note(house.ot), house.note(house.ot, "Hopped."), house.note(house.student)
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.ot.person_id))
    place, whom = f"/children/{house.child}/notes", str(house.psychologist.person_id)
    return {
        "notes.entrust": Example(
            f"{place}/{of_student}/cosigner",
            house.lead,
            EntrustCosignature(house.child, of_student, house.psychologist.person_id, "Nobody else"),
            typed={"person": whom, "reason": REASON},
            empty="person",
        ),
        "notes.change_audience": Example(
            f"{place}/{other}/audience",
            house.lead,
            EnterNoteInError(house.child, other, "Slip"),
            typed={"audience": "own-discipline"},
            empty="audience",
        ),
        "notes.enter_in_error": Example(
            f"{place}/{note}/error", house.lead, EnterNoteInError(house.child, note, "Slip"), not_for=house.slt
        ),
    }


def _courses(house: House) -> dict[str, Example]:
    group, empty = a_group(house, 1), a_group(house, 0)
    child = group.children[0]
    room = w.ReviseCourse(empty.course, 1, course_content(house, room="Red room"), [house.ot.person_id], "Flood")
    return {
        "groups.end": Example(f"/groups/{empty.course}/end", house.ot, room, not_for=house.student),
        "groups.leave": Example(
            f"/groups/{group.course}/children/{child}/leave",
            house.ot,
            w.EndPlace(group.course, child, "Moved away"),
            typed={"until": "", "reason": REASON},
            not_for=house.student,
        ),
    }


def _sessions(house: House) -> dict[str, Example]:
    group = a_group(house, 2, staff=[house.ot, house.stranger, house.student])
    session = f"/groups/{group.course}/sessions"
    group.do(house.ot, w.CancelSession(group.course, 3, "A feast"))
    flood = {number: w.CancelSession(group.course, number, "Flood") for number in (2, 4, 5)}
    return {
        "group_sessions.cancel": Example(f"{session}/2/cancel", house.ot, flood[2], not_for=house.student),
        "group_sessions.move": Example(
            f"{session}/4/move", house.ot, flood[4], typed={"day": "2/4/2026", "start_time": "15:30", "reason": REASON}
        ),
        "group_sessions.reinstate": Example(
            f"{session}/3/reinstate", house.ot, w.ReinstateSession(group.course, 3, "No feast"), not_for=house.student
        ),
        "group_sessions.stand_ins": Example(
            f"{session}/5/stand-ins", house.ot, flood[5], typed={"people": str(house.slt.person_id), "reason": REASON}
        ),
        "group_sessions.nobody": Example(
            f"{session}/1/nobody", house.ot, typed={"reason": REASON, "note": "Tidied"}, empty=""
        ),
    }


def _settled(house: House) -> dict[str, Example]:
    group = a_group(house, 1)
    one = group.children[0]
    group.record()
    absent = group.line(one, attendance="absent", absence_reason="ill")
    group.record(absent, who=house.stranger)
    settle = w.SettleAttendance(group.course, 1, one, absent.line_id, "The mother called")
    path, typed = f"/groups/{group.course}/sessions/1/settle/{one}", {"line": str(absent.line_id), "reason": REASON}
    settled = Example(path, house.ot, settle, typed=typed, empty="line", not_for=house.student)
    return {"group_sessions.settle": settled}


def _plain(house: House) -> dict[str, Example]:
    """Those that `tests.samples` has."""
    found = {}
    for one in PLAIN.values():
        if one.why:
            it, not_for = one.given(house), getattr(house, one.why.not_for, None)
            asked = {field.name for field in DECLARED[one.why.endpoint].fields}
            path, typed = one.why.page.format(it=it), {name: one.body[name] for name in one.body if name in asked}
            meanwhile = one.command(**it, **{**one.body, **dict.fromkeys(typed, "Somebody else's")})
            found[one.why.endpoint] = Example(
                path, getattr(house, one.who), meanwhile, typed, next(iter(typed)), one.why.already, not_for
            )
    return found


WORLDS = (_activities, _case, _aims, _notes, _courses, _sessions, _settled, _plain)
every_area = pytest.mark.parametrize("world", WORLDS)
World = Callable[[House], dict[str, Example]]


def test_every_act_has_its_example(data_folder: Path):
    found: list[str] = []
    for number, world in enumerate(WORLDS):
        (data_folder / str(number)).mkdir()
        with open_house(data_folder / str(number)) as house:
            found += world(house)
    assert sorted(found) == sorted(REASON_PAGES)


class Desk:
    """Somebody at the page of one act."""

    def __init__(self, house: House, example: Example, who: Actor | None = None) -> None:
        self.example, self.browser = example, house.browser_of(who or example.who)
        self.took(self.browser.get(example.path))

    def took(self, answer: Any) -> int:
        """The page that came; its status."""
        self.answer, self.raw = answer, answer.text
        self.page = " ".join(unescape(re.sub(r"<[^>]+>", " ", self.raw)).split())
        return int(answer.status_code)

    @property
    def fields(self) -> dict[str, list[str]]:
        """What stands in the page's own form, seen and unseen."""
        form = next(f for f in Forms(self.raw).forms if f["action"] == self.example.path)
        return dict(form["fields"])

    def send(self, typed: dict[str, str]) -> int:
        """Fill the page's own form, and send it."""
        return self.took(self.browser.client.post(self.example.path, data={**self.fields, **typed}))

    def assert_nothing_is_lost(self) -> None:
        """What was typed and ticked is still there, in the form, and the page says that something is wrong."""
        fields = self.fields
        stands = {name: fields.get(name, [""])[0].strip() for name in self.example.typed}
        assert stands == self.example.typed
        assert "<title>Error: " in self.raw
        assert 'class="nhsuk-error-summary"' in self.raw


@every_area
def test_a_form_of_nothing_says_what_is_missing_and_leads_there(house: House, world: World):
    for endpoint, example in world(house).items():
        desk = Desk(house, example)
        assert desk.answer.status_code == 200, endpoint
        assert "<title>Error: " not in desk.raw, endpoint
        if not example.empty:
            continue
        assert desk.send({**dict.fromkeys(example.typed, " "), example.empty: ""}) == 422, endpoint
        assert "<title>Error: " in desk.raw, endpoint
        assert f'<a href="#{example.empty}">' in desk.raw, endpoint
        assert f' id="{example.empty}"' in desk.raw, endpoint
        typed = {**example.typed, example.empty: ""}
        assert desk.send(typed) == 422, endpoint
        desk.example = replace(example, typed=typed)
        desk.assert_nothing_is_lost()


@every_area
def test_what_cannot_be_done_any_more_comes_back_with_its_words(house: House, world: World):
    for endpoint, example in world(house).items():
        if example.meanwhile is None:
            continue
        desk = Desk(house, example)
        answered(house.services.doors, example.who, example.meanwhile)
        if example.already:
            assert desk.send(example.typed) == 303, endpoint
        else:
            assert desk.send(example.typed) in (409, 412), endpoint
            desk.assert_nothing_is_lost()
            assert "What you typed is kept below." in desk.page, endpoint


@every_area
def test_who_may_see_it_and_not_do_it_is_told_so_and_keeps_the_words(house: House, world: World):
    known_to_others = {endpoint: example for endpoint, example in world(house).items() if example.not_for}
    assert known_to_others
    for endpoint, example in known_to_others.items():
        desk = Desk(house, example, example.not_for)
        token = {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', desk.browser.get("/account").text)[0]}
        assert desk.took(desk.browser.client.post(example.path, data=token | example.typed)) == 403, endpoint
        desk.assert_nothing_is_lost()


def down(*_: Any, **__: Any) -> None:
    """What a store does that is down."""
    raise OperationalError("insert", {}, Exception("disk full"))


@every_area
def test_who_cannot_look_again_decides_on_nothing_new(house: House, world: World, monkeypatch: pytest.MonkeyPatch):
    """Somebody was faster, and what stands now cannot be shown: what one saw stays what one decides on."""
    decided = [example for example in world(house).values() if example.meanwhile and not example.already]
    for example in decided:
        assert example.meanwhile
        desk = Desk(house, example)
        seen = {name: desk.fields[name] for name in desk.fields if name not in {"csrf_token", *example.typed}}
        answered(house.services.doors, example.who, example.meanwhile)
        with monkeypatch.context() as stores:
            stores.setattr(house.services.access, "record", down)
            assert desk.send(example.typed) in (409, 412), example.path
        desk.assert_nothing_is_lost()
        assert {name: desk.fields.get(name) for name in seen} == seen, example.path
        assert desk.send(example.typed) in (409, 412), example.path


@every_area
def test_a_store_that_is_down_loses_no_word(house: House, world: World, monkeypatch: pytest.MonkeyPatch):
    desks = {endpoint: Desk(house, example) for endpoint, example in world(house).items()}
    monkeypatch.setattr(house.services.record, "append", down)
    for reading_is_down in (False, True):
        if reading_is_down:
            monkeypatch.setattr(house.services.access, "record", down)
        for endpoint, desk in desks.items():
            assert desk.send(desk.example.typed) == 503, endpoint
            assert desk.answer.headers["Retry-After"], endpoint
            assert ("What you typed is kept below." in desk.page) is bool(desk.example.typed), endpoint
            desk.assert_nothing_is_lost()


@every_area
def test_after_the_sign_in_has_ended_each_word_is_shown_under_the_name_that_its_page_gives_it(
    house: House, world: World
):
    for endpoint, example in world(house).items():
        written = [one for one in DECLARED[endpoint].fields if one.kind in (Kind.LONG, Kind.DAY, Kind.TIME)]
        fields = {name: value for name, (value, *_more) in Desk(house, example).fields.items()} | example.typed
        with house.app.test_request_context():
            told = dict(Unsent(example.who.person_id, example.path, tuple(fields.items())).in_words())
            for one in written:
                assert told.get(str(one.label), "") == example.typed.get(one.name, "").strip(), (endpoint, one.name)


SAID = {
    "activities.retire": "The activity is out of use.",
    "activities.restore": "The activity is offered again.",
    "children.close": "The case is closed. Nothing of it is lost",
    "children.reopen": "The case is open again.",
    "children.change": "The care team has been changed.",
    "children.remove": "This person is no longer on the care team.",
    "goals.status": "The state of the goal has been changed.",
    "goals.error": "Marked as entered in error. Only its author and the team lead still see it.",
    "goals.observation_error": "Undone. It is marked as entered in error.",
    "measures.error": "The measure is marked as entered in error.",
    "summaries.recall": "The summary is recalled.",
    "notes.entrust": "Pia Holm can co-sign this note now.",
    "notes.change_audience": "Changed. You do not read this note any more.",
    "notes.enter_in_error": "Marked as entered in error. Only its author and the team lead still see it.",
    "groups.end": "The course has ended.",
    "groups.leave": "The child is no longer in the course.",
    "group_sessions.cancel": "The session is cancelled.",
    "group_sessions.move": "The session is moved.",
    "group_sessions.reinstate": "The session takes place.",
    "group_sessions.stand_ins": "Who stands in is kept.",
    "group_sessions.nobody": "It is recorded that nobody came.",
    "group_sessions.settle": "It is settled, and the child's record says so.",
}
SAID |= {one.why.endpoint: one.why.said for one in PLAIN.values() if one.why}


@every_area
def test_it_is_done_and_said_once(house: House, world: World):
    for endpoint, example in world(house).items():
        desk = Desk(house, example)
        assert desk.send(example.typed) == 303, endpoint
        assert "?" not in desk.answer.location, endpoint
        then = desk.answer.location
        if desk.took(desk.browser.get(then)) == 303:  # who left themselves out of a note's readers is led on
            then = desk.answer.location
            desk.took(desk.browser.get(then))
        assert desk.answer.status_code == 200, endpoint
        assert SAID[endpoint] in desk.page, endpoint
        assert desk.took(desk.browser.get(then)) == 200, endpoint
        assert SAID[endpoint] not in desk.page, endpoint
