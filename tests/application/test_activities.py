"""The library through the doors, on both stores: found by what it says, kept in order, loaded once."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord import library
from coord.application.activities.commands import RestoreActivity, RetireActivity, ReviseActivity, WriteActivity
from coord.application.activities.questions import ActivityFilter, ReadActivity, SearchActivities
from coord.application.history.questions import HistoryFilter, ReadAudit
from coord.domain.activity import DEMANDS, FIELDS, LINES, ActivityContent, SkillArea
from coord.domain.actors import Discipline, Role
from coord.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from coord.domain.groups import GroupKind
from tests.house import House


def titles(house: House, cursor: str = "", limit: int = 20, **wanted: Any) -> list[str]:
    question = SearchActivities(ActivityFilter(**wanted), cursor, limit)
    return [item["title"] for item in house.services.doors.ask(house.student, question).items]


def of(language: Any, title: str) -> library.Shipped:
    return next(activity for activity in library.shipped(language) if activity.content.title == title)


def stock(house: House) -> None:
    house.activity("Rain", kinds=["therapeutic-play"], skills=["attention"], age_from=3, age_to=5, icf=["d1"])
    house.activity("élan", kinds=["school-skills"], skills=["fine-motor"], age_from=5, age_to=9, motor="moderate")
    house.activity("Echo", kinds=["social-skills", "school-skills"], skills=["social"], cognitive="high", icf=["d7"])
    house.activity("Zebra 100%", steps=["Perché così, under_score."], age_from=8, age_to=12)


def test_a_search_finds_by_words_however_they_are_spelt_and_by_everything_else(house: House):
    stock(house)
    assert titles(house) == ["Echo", "élan", "Rain", "Zebra 100%"]  # as a person would put them
    for wanted, found in (
        ({"text": "PERCHE  cosi"}, ["Zebra 100%"]),
        ({"text": "100%"}, ["Zebra 100%"]),
        ({"text": "r_score"}, ["Zebra 100%"]),
        ({"text": "%"}, ["Zebra 100%"]),
        ({"text": "slippery rain"}, ["Echo", "élan", "Rain"]),
        ({"text": "therapeutic-play"}, []),  # a code is no word of the text
        ({"kind": "school-skills"}, ["Echo", "élan"]),
        ({"skill": "social"}, ["Echo"]),
        ({"icf": "d7"}, ["Echo"]),
        ({"age": 5}, ["Echo", "élan", "Rain"]),
        ({"age": 9}, ["élan", "Zebra 100%"]),
        ({"motor": "low"}, ["Echo", "Rain", "Zebra 100%"]),
        ({"cognitive": "moderate"}, ["élan", "Rain", "Zebra 100%"]),
        ({"cognitive": "high", "motor": "low", "age": 4}, ["Echo", "Rain"]),
        ({"status": "retired"}, []),
    ):
        assert titles(house, **wanted) == found, wanted


def test_pages_follow_each_other_also_when_titles_are_the_same(house: House):
    for title in ("Same", "Same", "Same", "After", "Before"):
        house.activity(title)
    ask, seen, cursor = house.services.doors.ask, list[UUID](), ""
    for page in range(3):
        answer = ask(house.ot, SearchActivities(cursor=cursor, limit=2))
        assert answer.count == 5
        seen += [item["activity_id"] for item in answer.items]
        cursor = answer.next
        assert bool(cursor) == (page < 2)
    assert len(set(seen)) == 5
    for wrong in ("x", str(uuid4())):
        with pytest.raises(InvalidInput):
            ask(house.ot, SearchActivities(cursor=wrong))


def test_an_activity_is_read_with_everything_that_happened_to_it(house: House):
    do, ask = house.services.doors.execute, house.services.doors.ask
    activity = house.activity("Rain")
    house.clock.turn(days=1)
    first = ask(house.ot, ReadActivity(activity))
    content = ActivityContent(**{**{name: first.activity[name] for name in FIELDS}, "title": "Rain on the roof"})
    do(house.lead, ReviseActivity(activity, 1, content, "clearer"))
    do(house.ot, RetireActivity(activity, "no rice"))
    assert titles(house) == []
    answer = ask(house.ot, ReadActivity(activity))
    assert answer.may == {"RestoreActivity"}
    assert ask(house.student, ReadActivity(activity)).may == frozenset()
    assert (answer.activity["title"], answer.activity["status"], answer.activity["version"]) == (
        "Rain on the roof",
        "retired",
        3,
    )
    assert [(c["what"], c["by"]["name"], c["reason"], c["text_version"]) for c in answer.changes] == [
        ("retired", "Ada Lind", "no rice", None),
        ("revised", "Lea Strand", "clearer", 2),
        ("written", "Ada Lind", "", 1),
    ]
    assert answer.changes[2]["content"]["title"] == "Rain"
    do(house.ot, RestoreActivity(activity, "rice"))
    assert titles(house) == ["Rain on the roof"]


def test_sent_twice_is_written_once_and_an_id_is_not_used_for_something_else(house: House):
    do = house.services.doors.execute
    command = WriteActivity(uuid4(), library.shipped("en")[0].content)
    first = do(house.ot, command)
    do(house.ot, RetireActivity(command.activity_id, "x"))
    again = do(house.ot, command)
    assert (again.repeated, again.position, again.version) == (True, first.position, 1)
    for taken in (command.activity_id, house.child):
        with pytest.raises(InvalidInput) as refusal:
            do(house.ot, WriteActivity(taken, library.shipped("en")[1].content))
        assert [p.code for p in refusal.value.problems] == ["id-taken"]
    with pytest.raises(NotFound):
        do(house.ot, RetireActivity(house.child, "a child is no activity"))


def test_the_library_is_whole_and_loads_once(house: House):
    assert library.load(house.services.doors, house.ot, "en") == (30, 0)
    lead, silent = house.lead, next(a for a in library.shipped("en") if a.content.title == "The silent relay")
    house.services.doors.execute(house.ot, RetireActivity(silent.id, "cloth torn"))
    head = house.services.record.head()
    assert library.load(house.services.doors, lead, "en") == (0, 30)
    assert house.services.record.head() == head
    for kind in GroupKind:
        assert len(titles(house, kind=kind, status="all")) >= 6
    for skill in SkillArea:
        assert len(titles(house, skill=skill)) >= 3
    for activity in library.shipped("en"):
        c = activity.content
        for part in (
            c.materials,
            c.contraindications,
            c.watch,
            c.steps,
            c.grade_down,
            c.grade_up,
            c.at_home,
            c.in_class,
        ):
            assert part, c.title
        assert len(c.steps) >= 4


def test_both_languages_have_the_same_activities_in_words_of_their_own():
    pairs = list(zip(library.shipped("en"), library.shipped("it"), strict=True))
    assert len(pairs) == 30
    for english, italian in pairs:
        en, it = english.content, italian.content
        assert english.id == italian.id
        for name in ("kinds", "skills", "icf", "age_from", "age_to", *DEMANDS):
            assert getattr(en, name) == getattr(it, name), (en.title, name)
        texts = [(en.title, it.title), (en.purpose, it.purpose)]
        for name in LINES:
            assert len(getattr(en, name)) == len(getattr(it, name)), (en.title, name)
            texts += zip(getattr(en, name), getattr(it, name), strict=True)
        for one, other in texts:
            assert one.strip(), en.title
            assert other.strip(), it.title
            assert one != other


def test_what_was_loaded_in_one_language_stays_in_it(house: House):
    assert library.load(house.services.doors, house.ot, "it") == (30, 0)
    italian = titles(house, limit=100)
    assert sorted(italian) == sorted(activity.content.title for activity in library.shipped("it"))
    head = house.services.record.head()
    assert library.load(house.services.doors, house.ot, "en") == (0, 30)
    assert house.services.record.head() == head
    assert titles(house, limit=100) == italian


def test_what_was_loaded_before_a_text_was_mended_gets_it_unless_the_clinic_has_made_it_its_own(house: House):
    do, doors = house.services.doors.execute, house.services.doors
    boat, bakery, swing, relay = (
        of("it", title)
        for title in ("La regata", "Il forno del paese", "La posta in altalena", "La staffetta silenziosa")
    )
    for activity in (boat, bakery, swing, relay):
        do(house.ot, WriteActivity(activity.id, replace(activity.content, watch=["Gusci di noce"])))
    do(house.ot, ReviseActivity(bakery.id, 1, replace(bakery.content, watch=["Le nostre parole"]), "nostro"))
    do(house.ot, RetireActivity(swing.id, "nessuna altalena"))
    do(house.ot, ReviseActivity(relay.id, 1, replace(relay.content, title="La nostra staffetta"), "nostro"))
    assert library.renew(doors, house.ot) == 1
    read = {a.id: doors.ask(house.ot, ReadActivity(a.id)).activity for a in (boat, bakery, swing)}
    assert read[boat.id]["watch"] == list(boat.content.watch)
    assert (read[bakery.id]["watch"], read[swing.id]["watch"]) == (["Le nostre parole"], ["Gusci di noce"])
    head = house.services.record.head()
    assert library.renew(doors, house.ot) == 0
    assert house.services.record.head() == head


WARNED_OF = re.compile(
    "No salt dough: swallowed, it is dangerous|Mai pasta di sale: ingerita, è pericolosa|"
    r"\(no nutshells\)|\(niente gusci di noce\)|nobody is timed"
)
UNSAFE = re.compile(
    "salt dough|pasta di sale|"  # dangerous when it is eaten
    "walnut|nutshell|gusci di noce|"
    "eyes are closed|gli occhi chiusi|uphill|in salita|"  # nobody moves among loads without seeing
    "with their back to it|di spalle|"
    r"timed\b|per la durata di una canzone|"
    "teaches not to listen|insegna a non ascoltare|"
    "weights are never|mai mettere pesi|"  # the calm plan lays one on the lap, within limits
    "swing: throw|altalena del parco: a ogni andata",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", ["en", "it"])
def test_no_activity_says_again_what_was_found_unsafe(language: Any):
    for activity in library.shipped(language):
        for line in (line for name in LINES for line in getattr(activity.content, name)):
            assert not UNSAFE.search(WARNED_OF.sub("", line)), (activity.content.title, line)


def test_teachers_and_administrators_do_not_see_it(house: House):
    activity = house.activity("Rain")
    for person in (house.teacher, house.admin):
        for question in (SearchActivities(), ReadActivity(activity)):
            with pytest.raises(NotPermitted):
                house.services.doors.ask(person, question)


def test_a_change_by_somebody_of_the_team_shows_in_its_audit_and_one_by_others_does_not(house: House):
    south = house.person("Sue Hall", Role.THERAPIST, Discipline.OT, "South")
    mine = house.activity("Rain")
    house.activity("Wind", by=south)
    house.services.doors.execute(house.ot, RetireActivity(mine, "no rice"))
    ask = house.services.doors.ask
    items = ask(house.lead, ReadAudit(HistoryFilter(kind="changes"))).items
    shown = [
        (i["kind"], i["person_name"], i["detail"].get("title")) for i in items if i["kind"].startswith("activity.")
    ]
    assert shown == [("activity.retired", "Ada Lind", None), ("activity.written", "Ada Lind", "Rain")]
    (one,) = ask(house.lead, ReadAudit(HistoryFilter(kind="activity.retired"))).items
    assert one["detail"] == {"reason": "no rice"}
    assert one["case_id"] is None
    assert len(ask(house.lead, ReadAudit(HistoryFilter(kind="retired"))).items) == 1


def test_two_who_revise_at_once_are_told_apart(house: House):
    activity = house.activity("Rain")
    content = library.shipped("en")[0].content
    house.services.doors.execute(house.ot, ReviseActivity(activity, 1, content, "x"))
    with pytest.raises(Conflict, match="nothing-changed"):
        house.services.doors.execute(house.lead, ReviseActivity(activity, 2, content, "x"))
