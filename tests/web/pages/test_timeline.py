"""A child's timeline, entry by entry: what each says first, where ratings stand, and what is new."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.notes.commands import (
    AmendNote,
    CorrectNoteCircumstances,
    EnterNoteInError,
    RatingInNote,
    SignNote,
)
from coord.domain.actors import Actor, Relation
from coord.domain.case import GoalContent, NoteContent, ObservationContent
from coord.domain.case.goals import ScaleContent
from tests.aims import goal, seen
from tests.group_story import LEVELS, Group
from tests.house import House, legible

SOAP = {
    "subjective": "Slept badly. Wanted the drum.",
    "objective": "Ten pieces at the table.",
    "assessment": "Chose each step and knew why. More next time.",
    "plan": "The same order.",
}


@dataclass
class Entry:
    """An entry as it stands on the page."""

    id: str
    html: str

    @property
    def headline(self) -> str:
        """What it says first."""
        return self._words(r"<h3>(.*?)</h3>")

    @property
    def small(self) -> str:
        """Its small print."""
        return self._words(r'<p class="coord-timeline__meta">((?:(?!<p).)*)</p>\s*(?:<details|</li>|$)')

    @property
    def ratings(self) -> list[tuple[str, str]]:
        """The marks in it: how many bars, and the words beside them."""
        found = re.findall(r'<li><i class="coord-bars coord-bars--(\d)"></i>(.*?)</li>', self.html, re.DOTALL)
        return [(bars, text_of(words)) for bars, words in found]

    @property
    def text(self) -> str:
        """All its words."""
        return text_of(self.html)

    def _words(self, pattern: str) -> str:
        found = re.search(pattern, self.html, re.DOTALL)
        assert found, self.html
        return text_of(found[1])


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", legible(re.sub(r"<[^>]*>", " ", html))).strip()


def entries(house: House, case: UUID, reader: Actor | None = None, **query: Any) -> list[Entry]:
    """The entries of the page, in their order."""
    return entries_on(house.browser_of(reader or house.ot).get(f"/children/{case}", query_string=query).text)


def entries_on(page: str) -> list[Entry]:
    parts = re.split(r'<li class="coord-timeline__entry[^"]*" id="entry-', page)[1:]
    return [Entry(part[:36], part.split("</ol>")[0]) for part in parts]


def the(found: list[Entry], headline: str) -> Entry:
    """The one entry that begins so."""
    (one,) = [entry for entry in found if entry.headline.startswith(headline)]
    return one


def visited(house: House, case: UUID, reader: Actor | None = None) -> str:
    """The whole page, by somebody who signs in for it."""
    page = house.browser_of(reader or house.ot).get(f"/children/{case}")
    assert page.status_code == 200
    return str(page.text)


def as_known(house: House, then: datetime) -> dict[str, Any]:
    """What the page is asked with, to show what was known then."""
    at = then.astimezone(house.services.settings.zone)
    return {"as_of": at.date().isoformat(), "as_of_time": at.strftime("%H:%M")}


SESSION = "Social skills, session 1"


@pytest.fixture
def group(either_house: House) -> Group:
    """A course with one child, who has a goal."""
    group = Group(either_house)
    group.plan()
    group.enrol(group.child("Brio"))
    return group


# ---- headlines ---------------------------------------------------------------------------------------------------


def test_a_notes_headline_is_the_first_sentence_of_its_assessment(house: House):
    note = house.note(house.ot, format="soap", sections=SOAP, setting="home")
    first = the(entries(house, house.child), "Chose each step and knew why.")
    assert first.id == str(note)
    assert first.small.startswith("SOAP · Home · Ada Lind, Therapist, Occupational therapy · Readers: Care team")
    for part in SOAP.values():
        assert part in first.text


def test_another_notes_headline_is_its_first_sentence_and_is_not_said_twice_while_it_is_folded(house: House):
    house.note(house.ot, "Tied the laces twice. Then once more.")
    house.note(house.slt, "One sentence alone.", observed_from=house.clock.now - timedelta(hours=2))
    found = entries(house, house.child)
    said_before = '<span class="coord-said">Tied the laces twice.</span> Then once more.'
    assert said_before in the(found, "Tied the laces twice.").html
    second = the(found, "One sentence alone.")
    assert second.text.count("One sentence alone.") == 1


def test_a_headline_follows_the_words_that_stand_and_those_that_were_known(house: House):
    note = house.note(house.ot, "Held the pencil.")
    then = house.clock.turn(minutes=5)
    house.clock.turn(hours=1)
    house.services.doors.execute(house.ot, AmendNote(house.child, note, 1, {"text": "Held it well."}, "word"))
    known = as_known(house, then)
    assert the(entries(house, house.child), "Held").headline == "Held it well."
    assert the(entries(house, house.child, **known), "Held").headline == "Held the pencil."


def test_a_ratings_headline_is_the_goal_and_never_who_saw_it(group: Group):
    house, (brio,) = group.house, group.children
    seen = ObservationContent("home", level=1, support="verbal", observed_at=house.clock.now, reported_by="Grandmother")
    group.do(house.ot, g.ObserveGoal(brio, group.goals[brio], uuid4(), seen))
    first = entries(house, brio)[0]
    assert first.headline == "Brio waits for a turn"
    assert "Ada Lind" in first.small
    assert "what Grandmother saw: more than expected, at home, with words" in first.small
    assert '<i class="coord-bars coord-bars--4"></i>' in first.html


def test_every_entry_says_its_kind_by_letters_and_by_a_word(group: Group):
    house, (brio,) = group.house, group.children
    group.record()
    house.note(house.ot, case_id=brio)
    marks = [re.search(r'role="img" aria-label="([^"]+)">([A-Z]{1,2})</i>', one.html) for one in entries(house, brio)]
    assert None not in marks
    assert {(m[1], m[2]) for m in marks if m} == {
        ("Note, Occupational therapy", "OT"),
        ("Group", "G"),
        ("Goal", "GO"),
        ("Case", "C"),
        ("Care team", "T"),
    }


# ---- ratings of a session ----------------------------------------------------------------------------------------


def test_a_sessions_ratings_are_marks_inside_it_and_no_entries_of_their_own(group: Group):
    house, (brio,) = group.house, group.children
    group.record(group.line(brio, level=1, response="Waited for two turns."))
    found = entries(house, brio)
    session = the(found, SESSION)
    assert session.headline == SESSION
    assert session.ratings == [("4", "Brio waits for a turn : +1, more than expected, with words")]
    assert f"/goals/{group.goals[brio]}#observation-" in session.html
    assert not [one for one in found if "observed" in one.small]


def test_whoever_looks_for_ratings_finds_each_by_itself(group: Group):
    house, (brio,) = group.house, group.children
    group.record(group.line(brio, level=-2))
    asked: list[dict[str, Any]] = [{"kind": "goal"}, {"q": "waits"}, {"author": str(house.ot.person_id)}]
    for looked_for in asked:
        (rating,) = [one for one in entries(house, brio, **looked_for) if "observed" in one.small]
        assert rating.headline == "Brio waits for a turn"
        assert "observed: much less than expected, in therapy" in rating.small


def test_a_rating_is_for_the_goals_readers_and_not_for_all_who_read_the_session(group: Group):
    house, (brio,) = group.house, group.children
    group.do(house.ot, AddToTeam(brio, house.slt.person_id, Relation.SPEECH_THERAPIST))
    goal = group.goals[brio]
    group.record(group.line(brio, level=1, response="Waited."))
    then = house.clock.turn(minutes=5)
    house.clock.turn(hours=1)
    assert the(entries(house, brio, house.slt), SESSION).ratings
    assert the(entries(house, brio, house.slt, **as_known(house, then)), SESSION).ratings
    narrow = GoalContent(
        "Brio waits for a turn",
        contexts=["therapy"],
        icf="d7",
        review_date=house.clock.now.date() + timedelta(days=90),
        scale=ScaleContent(LEVELS, baseline=-1),
        audience="own-discipline",
    )
    version = house.services.record.goal(brio, goal).version
    group.do(house.ot, g.ReviseGoal(brio, goal, version, narrow, "For us alone"))
    session = the(entries(house, brio, house.slt), SESSION)
    assert session.ratings == []
    assert "waits for a turn" not in session.text
    assert the(entries(house, brio, house.slt, **as_known(house, then)), SESSION).ratings == []
    assert the(entries(house, brio), SESSION).ratings


def test_a_rating_is_known_with_its_session_and_once_taken_back_is_nowhere(group: Group):
    house, (brio,) = group.house, group.children
    before = house.clock.turn(minutes=5)
    house.clock.turn(hours=1)
    line = group.line(brio, level=2, response="Waited.")
    group.record(line)
    then = house.clock.turn(minutes=5)
    house.clock.turn(hours=1)
    assert [bars for bars, _ in the(entries(house, brio, **as_known(house, then)), SESSION).ratings] == ["5"]
    assert SESSION not in [one.headline for one in entries(house, brio, **as_known(house, before))]
    wrong = g.EnterObservationInError(brio, group.goals[brio], line.ratings[0].observation_id, "Another child's")
    group.do(house.ot, wrong)
    assert the(entries(house, brio), SESSION).ratings == []
    assert the(entries(house, brio, **as_known(house, then)), SESSION).ratings == []


def test_a_corrected_rating_stands_in_the_place_of_the_first(group: Group):
    house, (brio,) = group.house, group.children
    recording, line = uuid4(), group.line(brio, level=2)
    group.record(line, id=recording)
    group.do(
        house.ot,
        w.CorrectSession(
            group.course, 1, recording, 1, "A slip", children=[group.line(brio, level=-1, id=line.line_id)]
        ),
    )
    assert [bars for bars, _ in the(entries(house, brio), SESSION).ratings] == ["2"]
    group.do(house.ot, w.CorrectSession(group.course, 1, recording, 2, "Wrong child", in_error=[brio]))
    assert not [one for one in entries(house, brio) if one.ratings or "session" in one.headline]


def rated_note(house: House, *goals: UUID, audience: str = "care-team") -> UUID:
    """A note with two goals rated in its signature."""
    note_id, begun = uuid4(), house.clock.now - timedelta(hours=1)
    content = NoteContent("narrative", {"text": "Asked twice."}, begun, audience=audience, setting="therapy-room")
    ratings = [RatingInNote(goal_id, level, scale_version=1) for goal_id, level in zip(goals, (1, 0), strict=True)]
    house.services.doors.execute(house.ot, SignNote(house.child, note_id, content, ratings=ratings))
    return note_id


def test_what_was_rated_in_a_notes_signature_stands_in_the_note(either_house: House):
    house = either_house
    rated_note(house, goal(house, "Asks for a break"), goal(house, "Takes turns"))
    found = entries(house, house.child)
    note = the(found, "Asked twice")
    assert note.ratings == [
        ("4", "Asks for a break : +1, more than expected"),
        ("3", "Takes turns : 0, as expected"),
    ]
    assert not [one for one in found if "observed:" in one.small]
    assert len([one for one in entries(house, house.child, kind="goal") if "observed:" in one.small]) == 2


def test_where_it_was_seen_is_said_in_the_note_where_the_notes_setting_does_not_say_it(house: House):
    note_id, begun, aim = uuid4(), house.clock.now - timedelta(hours=1), goal(house, "Asks for a break")
    content = NoteContent("narrative", {"text": "By video."}, begun, setting="remote")
    ratings = [RatingInNote(aim, 1, context="home", scale_version=1)]
    house.services.doors.execute(house.ot, SignNote(house.child, note_id, content, ratings=ratings))
    assert the(entries(house, house.child), "By video").ratings == [
        ("4", "Asks for a break : +1, more than expected, at home")
    ]


@pytest.mark.parametrize("more", [{"remark": "Only with the red card."}, {"reported_by": "Mia"}])
def test_what_was_written_down_to_a_note_afterwards_keeps_its_remark_and_who_saw_it(house: House, more: Any):
    note_id, begun, aim = uuid4(), house.clock.now - timedelta(hours=1), goal(house, "Asks for a break")
    content = NoteContent("narrative", {"text": "Mia came along."}, begun, setting="home")
    house.services.doors.execute(house.ot, SignNote(house.child, note_id, content))
    seen(house, aim, house.ot, "home", 1, observed_at=begun, note=note_id, **more)
    found = entries(house, house.child)
    assert the(found, "Mia came along").ratings == []
    (alone,) = (one for one in found if "at home" in one.small and one.headline == "Asks for a break")
    (words,) = more.values()
    assert words in alone.text


def test_who_may_not_read_the_note_finds_its_ratings_by_themselves(house: House):
    rated_note(house, goal(house, "Asks for a break"), goal(house, "Takes turns"), audience="own-discipline")
    found = entries(house, house.child, house.slt)
    assert sorted(one.headline for one in found if "observed:" in one.small) == ["Asks for a break", "Takes turns"]
    assert not [one for one in found if one.ratings or "Asked twice" in one.text]


def test_a_rating_stays_when_its_note_was_entered_in_error_and_when_its_time_was_corrected(house: House):
    ratings = goal(house, "Asks for a break"), goal(house, "Takes turns")
    note_id = rated_note(house, *ratings)
    earlier = house.clock.now - timedelta(hours=2)
    house.services.doors.execute(
        house.ot, CorrectNoteCircumstances(house.child, note_id, 1, earlier, "therapy-room", (), "It was at eight")
    )
    found = entries(house, house.child)
    assert the(found, "Asked twice").ratings == []
    assert len([one for one in found if "observed:" in one.small]) == 2
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note_id, "Another child", 2))
    assert len([one for one in entries(house, house.child) if "observed:" in one.small]) == 2


def test_the_looks_tell_of_the_goals_whose_ratings_were_shown(group: Group):
    house, (brio,) = group.house, group.children
    house.clock.turn(days=7)  # the goal's other entries are not of the first page
    for number in range(25):
        house.note(
            house.ot, f"Day {number}.", case_id=brio, observed_from=house.clock.now - timedelta(hours=number + 2)
        )
    group.record(number=2)
    assert the(entries(house, brio), "Social skills, session 2").ratings
    (look, *_) = house.services.access.page(case_id=brio)
    assert group.goals[brio].hex in look["entries"]
    assert "goals" in look["categories"]


# ---- what is new -------------------------------------------------------------------------------------------------


def test_what_is_new_since_the_last_visit_is_marked_and_one_line_leads_there(house: House):
    page = visited(house, house.child)
    assert "coord-since" not in page  # on a first visit all is new, and none of it is marked
    assert "coord-new" not in page
    house.clock.turn(days=3)
    house.note(house.ot, "My own.", observed_from=house.clock.now - timedelta(minutes=5))
    new = house.note(house.slt, "Theirs.", observed_from=house.clock.now - timedelta(hours=2))
    page = visited(house, house.child)
    assert f'<a href="#entry-{new}">New since 10 March 2026</a>' in page
    assert [one.headline for one in entries_on(page) if "coord-new" in one.html] == ["Theirs."]
    assert "coord-since" not in visited(house, house.child)  # seen by now
    house.clock.turn(hours=1)
    house.note(house.slt, "Again.")
    assert "New since 10:00" in visited(house, house.child)
    house.note(house.slt, "Not looked at whole.")
    assert "coord-since" not in house.browser_of(house.ot).get(f"/children/{house.child}?kind=note").text


def test_what_is_new_of_earlier_days_has_a_line_too(house: House):
    for number in range(25):
        house.note(house.ot, f"Day {number}.", observed_from=house.clock.now - timedelta(days=number, hours=1))
    visited(house, house.child)
    house.clock.turn(days=1)
    late = house.note(house.slt, "Long ago.", observed_from=house.clock.now - timedelta(days=30))
    page = visited(house, house.child)
    assert '<a href="#further-down">New since 10 March 2026</a>' in page
    assert f'id="new-{late}"' in page


def test_a_session_that_is_new_of_an_earlier_day_has_its_ratings_inside_there_too(group: Group):
    house, (brio,) = group.house, group.children
    recording, line = uuid4(), group.line(brio, level=2)
    group.record(line, id=recording)
    house.clock.turn(days=3)
    for number in range(25):
        at = house.clock.now - timedelta(hours=number + 1)
        house.note(house.ot, f"Note {number}.", case_id=brio, observed_from=at)
    visited(house, brio, house.lead)
    house.clock.turn(days=1)
    anew = group.line(brio, level=-1, id=line.line_id)
    group.do(house.ot, w.CorrectSession(group.course, 1, recording, 1, "A slip", children=[anew]))
    page = visited(house, brio, house.lead)
    below = page.split('id="further-down"')[1].split('id="entries"')[0]
    assert below.count("<li class=") == 1
    assert "coord-bars--2" in below


def test_a_correction_makes_its_session_new(group: Group):
    house, (brio,) = group.house, group.children
    lead = house.lead
    recording, line = uuid4(), group.line(brio, level=2)
    group.record(line, id=recording)
    visited(house, brio, lead)
    house.clock.turn(days=1)
    anew = group.line(brio, level=-1, id=line.line_id)
    group.do(house.ot, w.CorrectSession(group.course, 1, recording, 1, "A slip", children=[anew]))
    new = [one.headline for one in entries_on(visited(house, brio, lead)) if "coord-new" in one.html]
    assert new == ["Social skills, session 1"]


# ---- the page ----------------------------------------------------------------------------------------------------


def test_months_are_heads_and_days_stand_beside_their_entries(house: House):
    house.note(house.ot, "In March.")
    house.note(house.ot, "In February.", observed_from=house.clock.now - timedelta(days=20))
    page = house.browser_of(house.ot).get(f"/children/{house.child}").text
    heads = re.findall(r'<h2 class="coord-timeline__month">([^<]+)</h2>', page)
    assert heads == ["March 2026", "February 2026"]
    assert "10 Tue<br>09:00" in page


def test_what_was_looked_for_is_not_folded_away(house: House):
    house.note(house.ot, "A first sentence. " + "More words. " * 40 + "Laces at last.")
    browser = house.browser_of(house.ot)
    assert "coord-timeline--open" not in browser.get(f"/children/{house.child}").text
    assert "coord-timeline--open" in browser.get(f"/children/{house.child}?q=laces").text


def test_a_teacher_reads_entries_in_the_same_way_and_no_session(group: Group):
    house, (brio,) = group.house, group.children
    group.do(house.ot, AddToTeam(brio, house.teacher.person_id, Relation.CLASS_TEACHER))
    group.record(group.line(brio, level=1, response="For the team."))
    house.note(house.ot, "For the school too. And more.", case_id=brio, audience="care-team-and-school")
    found = entries(house, brio, house.teacher)
    assert the(found, "For the school too.").small.endswith("Readers: Care team and school")
    assert not [one for one in found if one.ratings or "session 1" in one.headline]
