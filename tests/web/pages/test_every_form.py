"""What every declared form does: whatever is refused, it comes back with every word, and says what is wrong where."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask import get_template_attribute

from coord.application.case.commands import NameInCircle
from coord.application.groups.questions import ReadSession
from coord.application.notes.commands import SaveDraft
from coord.application.people.commands import ChangePersonRole
from coord.application.people.handlers import PROPOSED
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.case.notes import FORMATS, NoteSection
from coord.domain.errors import Unavailable
from coord.domain.policy import POLICIES
from coord.web.kit.drafts import KEPT
from coord.web.kit.field import MANY, UNSEEN, Field, Kind
from coord.web.kit.form import DECLARED, Declared
from coord.web.kit.reason import REASON_PAGES
from coord.web.unsent import Unsent
from tests.aims import alerted, goal, strategy
from tests.aims import seen as rating
from tests.group_story import a_group
from tests.house import House
from tests.samples import PLAIN
from tests.web.forms import Forms

AN_ANSWER = "A sentence that nobody wishes to type a second time"
NOT_OF_ITS_KIND = {
    Kind.DAY: "31/2/2026",
    Kind.DAYS: "Easter",
    Kind.TIME: "soon",
    Kind.WHOLE: "sixty",
    Kind.CHOICE: "none-of-these",
    Kind.RADIOS: "none-of-these",
    Kind.SEVERAL: ["none-of-these"],
    Kind.STEPS: ["none-of-these"],
    Kind.TEXT: AN_ANSWER + " \x07",
    Kind.LONG: AN_ANSWER + " \x07",
    Kind.LINES: AN_ANSWER + "\n\x07",
    Kind.NAMES: [AN_ANSWER, "\x07"],
}
WRITTEN = (Kind.TEXT, Kind.LONG, Kind.LINES, Kind.NAMES, Kind.DAY, Kind.DAYS, Kind.TIME, Kind.WHOLE)
NEVER_WRONG = {("summary", "q"), *((form, "team") for form in ("person-new", "person-role-added", "person-team"))}
"""By form and field: what one looks for beside what is written, and a team that is none yet, which is asked about."""
OTHERWISE_WRONG = {("calendar-address", "name"): AN_ANSWER * 10}
"""What is wrong with a field that takes what others do not."""
JUST_SOUGHT = {"people-filters"}
"""Where nothing can be wrong: what nobody is called, or stands as, finds nobody."""
IN_OTHER_TEMPLATES = {f"section-{name}" for name in NoteSection} - {
    f"section-{name}" for name in (*FORMATS["soap"].sections, *FORMATS["narrative"].sections)
}
NOT_ALWAYS_THERE = {
    "course-new": {"why_otherwise"},
    "course-revised": {"why_otherwise", "override"},
    "case-opened": {"team"},
    "case-corrected": {"team"},
    "measure-copm": {"earlier"},
    "history-filters": {"child"},
    "child-enrolled": {"override"},
    "note": IN_OTHER_TEMPLATES | {"section-text"},
    "amendment": IN_OTHER_TEMPLATES | {"section-subjective", "section-objective", "section-assessment", "section-plan"},
}
"""What a page asks for only once something calls for it, by form."""


@dataclass(frozen=True)
class Place:
    """Where a form is: the page, whom it is for, and the address it is sent to, if that is another."""

    who: str
    page: str
    to: str = ""
    begin: Callable[[House], Any] = lambda _house: ""
    at: str = ""
    """What stands before the ids of its elements."""
    chosen: Callable[[House], dict[str, Any]] = lambda _house: {}
    """What must be chosen, of what only the page offers."""
    in_address: bool = False
    """Whether it filters a list: then its words are in the address, and are not to be lost."""
    press: str = ""
    """What the button says to the server that carries it out, where there are several."""


def _in_circle(house: House) -> Any:
    one = uuid4()
    house.services.doors.execute(house.ot, NameInCircle(house.child, one, "Mia Rossi", "mother"))
    return one


def _typed_name(house: House) -> Any:
    _in_circle(house)
    return rating(house, goal(house), house.ot, "home", 0, reported_by="Mum")


def _waiting(house: House) -> Any:
    """A child who waits for a place in a course of families."""
    group = a_group(house, 0, kind="psycho-educational", sessions=8)
    group.enrol(group.child("Cleo"), place="waiting", guardians=["Her father"])
    return group


def _proposed(house: House) -> Any:
    return goal(house, status="proposed")


def _recorded(house: House) -> Any:
    group = a_group(house, 1)
    group.record()
    answer = house.services.doors.ask(house.ot, ReadSession(group.course, 1))
    return f"{group.course}/sessions/1/recordings/{answer.recordings[0].id}"


def _begun(house: House) -> Any:
    draft = uuid4()
    house.services.doors.execute(house.ot, SaveDraft(house.child, draft, "note", {"format": "soap"}))
    return draft


A_PHRASE = b'{"phrases": [{"name": "laces", "text": "Tied the laces."}]}'
OF_CHILD = "/children/{house.child}"
NOTE = f"{OF_CHILD}/notes/{{it}}"
PERSON = "/people/{house.slt.person_id}"
PLACES = {
    "person-new": Place("admin", "/people/new"),
    **{f"person-{what}": Place("admin", PERSON, f"{PERSON}/{what}") for what in ("role", "team")},
    "person-access": Place("admin", PERSON, f"{PERSON}/disable"),
    **{f"policy-{name}": Place("lead", f"/policies/{name}") for name in POLICIES},
    "activity-new": Place("ot", "/activities/new"),
    "activity-revised": Place("ot", "/activities/{it}/revise", begin=lambda house: house.activity("Rain")),
    "activities.retire": Place("ot", "/activities/{it}/retire", begin=lambda house: house.activity("Rain")),
    "note-template-new": Place("lead", "/note-templates/new"),
    "note-template-changed": Place("lead", "/note-templates/{it}/change", begin=lambda house: house.template()),
    "circle-named": Place("ot", f"{OF_CHILD}/circle", at="new-"),
    "circle-corrected": Place("ot", f"{OF_CHILD}/circle", f"{OF_CHILD}/circle/{{it}}", _in_circle, "person-{it}-"),
    "circle-joined": Place("ot", f"{OF_CHILD}/circle", f"{OF_CHILD}/circle/names", _typed_name, "typed-1-"),
    "alert-raised": Place("ot", f"{OF_CHILD}/alerts/new"),
    "alert-changed": Place("ot", f"{OF_CHILD}/alerts/{{it}}", begin=alerted),
    "course-new": Place("ot", "/groups/new"),
    "course-revised": Place("ot", "/groups/{it}/revise", begin=lambda house: a_group(house, 1).course),
    "child-enrolled": Place("ot", "/groups/{it.course}/enrol?child={it.children[0]}", begin=_waiting),
    "child-profile": Place(
        "ot", f"{OF_CHILD}/profile", chosen=lambda _house: dict.fromkeys(("cognitive", "motor", "communication"), "low")
    ),
    "calendar-address": Place("ot", "/calendar"),
    "phrase": Place("ot", "/phrases/new", chosen=lambda _house: {"name": "laces"}),
    "phrases-file": Place("ot", "/phrases/file", chosen=lambda _house: {"file": (BytesIO(A_PHRASE), "mine.json")}),
    "case-opened": Place("ot", "/children/new"),
    "case-corrected": Place("ot", f"{OF_CHILD}/details"),
    "team-added": Place("ot", f"{OF_CHILD}/team/add", chosen=lambda house: {"person": str(house.stranger.person_id)}),
    "goal-new": Place("ot", f"{OF_CHILD}/goals/new"),
    "goal-revised": Place("ot", f"{OF_CHILD}/goals/{{it}}/edit", begin=goal),
    "strategy-told": Place(
        "teacher",
        f"{OF_CHILD}/strategies",
        f"{OF_CHILD}/strategies/{{it}}/tell",
        strategy,
        "strategy-{it}-",
        chosen=lambda _house: {"outcome": "helped"},
    ),
    "pupil-noted": Place(
        "teacher",
        "/",
        "/pupils/{house.child}/observation#pupil-{it}",
        lambda house: house.child,
        "pupil-{it}-",
        chosen=lambda _house: {"how": "went-well"},
    ),
    "goal-agreed": Place("ot", f"{OF_CHILD}/goals/{{it}}/agree", begin=_proposed),
    "goal-levels-agreed": Place("ot", f"{OF_CHILD}/goals/score/agreed", begin=goal),
    "goal-observed": Place("ot", f"{OF_CHILD}/goals/{{it}}/observe", begin=goal),
    "session-planned": Place("ot", "/groups/{it}/sessions/1/plan", begin=lambda house: a_group(house, 1).course),
    "session-recorded": Place("ot", "/groups/{it}/sessions/1/run", begin=lambda house: a_group(house, 1).course),
    "session-corrected": Place("ot", "/groups/{it}/correct", begin=_recorded),
    "strategy-offered": Place("ot", f"{OF_CHILD}/strategies/offer"),
    "note": Place("ot", f"{OF_CHILD}/drafts/{{it}}", begin=_begun, press="sign"),
    "addendum": Place("ot", NOTE, f"{NOTE}/addenda", lambda house: house.note(house.ot)),
    "amendment": Place("ot", f"{NOTE}/amend", begin=lambda house: house.note(house.ot)),
    "note-circumstances": Place("ot", f"{NOTE}/circumstances", begin=lambda house: house.note(house.ot)),
    "summary": Place("ot", f"{OF_CHILD}/summary/edit", press="publish"),
    "measure-copm": Place("ot", f"{OF_CHILD}/measures/copm"),
    "measure-instrument": Place("ot", f"{OF_CHILD}/measures/instrument"),
    **{one.form[0]: Place(one.who, *one.form[1:], begin=one.given) for one in PLAIN.values() if one.form},
    "timeline-search": Place("ot", OF_CHILD, in_address=True),
    "history-filters": Place("lead", f"{OF_CHILD}/history", in_address=True),
    "history-as-known": Place("lead", f"{OF_CHILD}/history/as-known", in_address=True),
    "complaint-file": Place(
        "lead",
        f"{OF_CHILD}/complaint-files",
        begin=lambda house: house.child,
        chosen=lambda _house: {"date": "10/3/2026", "time": "10:00"},  # so far there has been no later
    ),
    "activity-filters": Place("ot", "/activities", in_address=True),
    "people-filters": Place("admin", "/people", in_address=True),
    "waiting-filters": Place("ot", "/waiting", begin=lambda house: house.note(house.student), in_address=True),
    "find": Place("ot", "/find", in_address=True),
}
SENT = [name for name, place in PLACES.items() if not place.in_address]


def seen(name: str) -> list[Field]:
    return [one for one in DECLARED[name].fields if one.kind not in UNSEEN]


def test_every_form_is_walked_over():
    """Those of the acts that ask why are walked over in test_reason_pages.py; one of them here as well."""
    assert PLACES.keys() - set(REASON_PAGES) == {name for name in DECLARED if seen(name)} - set(REASON_PAGES)


@dataclass
class Sent:
    """A form as it was filled in, and the page that came of it."""

    house: House
    name: str

    def __post_init__(self) -> None:
        place, house = PLACES[self.name], self.house
        self.who: Actor = getattr(house, place.who)
        it = place.begin(house)
        page = place.page.format(house=house, it=it)
        self.to = (place.to or place.page).format(house=house, it=it)
        self.browser = house.browser_of(self.who).client
        shown = self.browser.get(page).text
        (found,) = [form for form in Forms(shown).forms if form["action"] == self.to]
        there = (*MANY, Kind.RADIOS, Kind.TICK)  # whether or not anything is chosen
        self.at = place.at.format(it=it)
        self.fields = [one for one in seen(self.name) if one.name in found["fields"] or one.kind in there]
        missing = {one.name for one in seen(self.name)} - {one.name for one in self.fields}
        assert missing == NOT_ALWAYS_THERE.get(self.name, set())
        self.form = found["fields"] | {one.name: typed for one in self.fields if (typed := self.well(one))}
        self.form |= place.chosen(house)
        self.form |= {"action": place.press} if place.press else {}

    def well(self, one: Field) -> Any:
        """Something of the field's kind; nothing where only the page knows what can be chosen."""
        if one.name in ("team", "as_of"):
            return {"team": "North", "as_of": "9/3/2026"}[one.name]
        if one.kind in (Kind.TEXT, Kind.LONG, Kind.LINES):
            return f"{AN_ANSWER}, {one.name}"
        if one.kind in (Kind.CHOICE, Kind.RADIOS):
            return next(iter(one.words()), "")
        if one.kind is Kind.NAMES:
            return ["", f"{AN_ANSWER}, {one.name}"]
        known: dict[Kind, Any] = {Kind.DAY: "27/03/2026", Kind.TIME: "10:30", Kind.WHOLE: "5", Kind.TICK: "yes"}
        return known.get(one.kind, list(one.words())[:2] if one.kind in MANY else "")

    def send(self, **changes: Any) -> Any:
        self.last = {**self.form, **changes}
        if PLACES[self.name].in_address:
            answer = self.browser.get(self.to, query_string=self.last)
        else:
            answer = self.browser.post(self.to, data=self.last)
        self.kept: dict[str, list[str]] = {}
        for form in Forms(answer.text).forms:
            for name, values in form["fields"].items():
                self.kept.setdefault(name, []).extend(value.strip() for value in values)
        self.form |= {one.name: self.kept[one.name] for one in KEPT if one.name in self.kept}  # a draft went on
        return answer

    def lost(self) -> list[str]:
        """The fields that came back otherwise than they were sent."""
        found = []
        for one in self.fields:
            typed = self.last.get(one.name, "")
            for value in typed if isinstance(typed, list) else [typed]:
                if value and value.strip() not in self.kept.get(one.name, ()) and not unknown_option(one, value):
                    found.append(one.name)
        return found


def unknown_option(one: Field, value: str) -> bool:
    """A choice that never was one; a browser sends none such."""
    return one.options is not None and value not in one.words()


@pytest.mark.parametrize("name", PLACES)
def test_what_is_wrong_is_said_at_its_field_and_every_word_comes_back(house: House, name: str):
    sent = Sent(house, name)
    for one in sent.fields:
        if one.kind is Kind.TICK or (name, one.name) in NEVER_WRONG:
            continue
        answer = sent.send(**{one.name: OTHERWISE_WRONG.get((name, one.name), NOT_OF_ITS_KIND[one.kind])})
        if name in JUST_SOUGHT:
            assert (answer.status_code, sent.lost()) == (200, [])
            continue
        assert answer.status_code == 422, one.name
        summary = answer.text.partition("error-summary__list")[2].partition("</ul>")[0]
        assert f'href="#{sent.at}{one.target or one.name}">' in summary, one.name
        assert not sent.lost(), one.name


@pytest.mark.parametrize("reading", ["reads", "is down"])
@pytest.mark.parametrize("name", SENT)
def test_where_a_store_does_not_answer_every_word_comes_back(
    house: House, name: str, reading: str, monkeypatch: pytest.MonkeyPatch
):
    sent = Sent(house, name)

    def down(*_: Any, **__: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(type(house.services.doors), "execute", down)
    monkeypatch.setattr(
        "coord.web.complaint_file.pages.order", down
    )  # no command: it is a look, and kept in the office
    monkeypatch.setattr(type(house.services.doors), "note_look", down)
    if reading == "is down":
        monkeypatch.setattr(type(house.services.doors), "ask", down)
    answer = sent.send()
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert not sent.lost()
    if reading == "reads":
        assert "What you typed</h1>" not in answer.text  # the page stands around the form


@pytest.mark.parametrize("name", SENT)
def test_who_lost_the_right_keeps_the_words(house: House, name: str):
    sent = Sent(house, name)
    other = house.person("Ida Ek", Role.ADMINISTRATOR)
    role = Role.THERAPIST if sent.who.role is Role.ADMINISTRATOR else Role.ADMINISTRATOR
    discipline = Discipline.OT if role is Role.THERAPIST else None
    receipt = house.services.doors.execute(other, ChangePersonRole(sent.who.person_id, role, discipline))
    if receipt.status == PROPOSED:  # sight of children takes two people
        pytest.fail("the right is not lost")
    answer = sent.send()
    if answer.status_code == 403:
        assert not sent.lost()
        return
    assert answer.status_code == 404  # who may not know of it gets no form about it, but the words
    words = [sent.last[one.name] for one in sent.fields if one.kind in (Kind.TEXT, Kind.LONG, Kind.LINES)]
    assert not [typed for typed in words if typed not in answer.text]


@pytest.mark.parametrize("name", SENT)
def test_after_the_sign_in_has_ended_each_word_is_shown_under_the_name_that_its_form_gives_it(house: House, name: str):
    sent = Sent(house, name)
    typed_in = {key: typed for key, typed in sent.form.items() if not isinstance(typed, tuple)}  # a file stays behind
    fields = [(key, one) for key, typed in typed_in.items() for one in (typed if isinstance(typed, list) else [typed])]
    with house.app.test_request_context():
        told = Unsent(sent.who.person_id, sent.to, tuple(fields)).in_words()
        for one in sent.fields:
            if one.kind in WRITTEN and not re.match(r"(c|step|section)-|.*\.", one.name):
                words = " ".join(text for heading, text in told if heading == str(one.called or one.label))
                typed = sent.form[one.name]
                assert all(text in words for text in (typed if isinstance(typed, list) else [typed])), one.name


BESIDE_THE_MAIN_ONE = [
    *(
        ("goal-agreed", "more"),
        ("goal-levels-agreed", "more"),
        ("session-planned", "add"),
        ("session-planned", "remove-9"),
    ),
    *(("measure-copm", "add"), ("measure-copm", "begin"), ("measure-instrument", "add")),
    *(("summary", press) for press in ("keep", "search", "preview", "add.aims", "remove.aims.4", "remove.aims.0")),
]
"""Other buttons of a form: one row more or fewer, or its words are kept."""


@pytest.mark.parametrize(("name", "press"), BESIDE_THE_MAIN_ONE)
def test_where_a_store_does_not_answer_another_button_costs_no_word_either(
    house: House, name: str, press: str, monkeypatch: pytest.MonkeyPatch
):
    sent = Sent(house, name)

    def down(*_: Any, **__: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(type(house.services.doors), "execute", down)
    if name != "summary":  # whose draft is kept, and then the page is another one
        monkeypatch.setattr(type(house.services.doors), "ask", down)
    answer = sent.send(action=press)
    assert answer.status_code == 503
    assert "<title>Error:" in answer.text
    gone = {"text.aims.0"} if press == "remove.aims.0" else set()
    assert set(sent.lost()) <= gone


def test_a_form_that_stands_alone_tells_its_rows_apart_and_leads_on(house: House, monkeypatch: pytest.MonkeyPatch):
    sent = Sent(house, "measure-copm")

    def down(*_: Any, **__: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(type(house.services.doors), "execute", down)
    monkeypatch.setattr(type(house.services.doors), "ask", down)
    page = sent.send(**{f"{name}.1": "7" for name in ("activity", "importance")}).text
    labels = [" ".join(one.split()) for one in re.findall(r"<label[^>]*>([^<]*)</label>", page)]
    assert len(labels) == len(set(labels)), labels
    assert "Activity 2, importance" in labels
    assert re.search(r'<a href="/"[^>]*>Go to the start page</a>', page)


def test_a_tick_shows_its_hint_and_what_is_wrong_with_it(house: House):
    gone = Field("gone", Kind.TICK, "Off the list", "What they told stays")
    form = Declared([gone]).of(at="new-")
    form.wrong["gone"] = "Not while they are here"
    with house.app.test_request_context():
        shown = get_template_attribute("_macros/form.html", "field")(form, "gone")
    assert '<div class="nhsuk-hint" id="new-gone-hint">What they told stays</div>' in shown
    assert "Not while they are here" in shown
    assert re.search(r'<input[^>]*id="new-gone"[^>]*aria-describedby="new-gone-hint new-gone-error"', shown)


def test_none_to_choose_from_is_not_all_of_them(house: House):
    """A course all of whose possible staff is of other teams: each of them is there once, among the others."""
    lead = house.person("Ebba Sjo", Role.TEAM_LEAD, team="South")
    elsewhere = house.ot
    page = house.browser_of(lead).get("/groups/new").text
    (form,) = [form for form in Forms(page).forms if form["action"] == "/groups/new"]
    assert form
    assert len(re.findall(f'type="checkbox" value="{elsewhere.person_id}"', page)) == 1
