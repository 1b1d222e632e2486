"""Phrases through the doors, on both stores: one's own by a short name, what colleagues share, and a whole file."""

from typing import Any

import pytest

from coord.application.case.commands import RemoveFromTeam
from coord.application.people.commands import DisablePerson
from coord.application.phrases.commands import ImportPhrases, KeepPhrase, RemovePhrase
from coord.application.phrases.questions import PhrasesAnswer, ReadPhrases
from coord.domain.actors import Actor, Discipline, Relation, Role
from coord.domain.errors import InvalidInput, NotFound, NotPermitted, Stale
from coord.domain.phrases import MOST_PHRASES, free_name
from tests.house import House

LACES = "Tied the laces [how often], with [help]."


def keep(house: House, who: Actor, name: str = "laces", text: str = LACES, **more: Any) -> Any:
    return house.services.doors.execute(who, KeepPhrase(name, text, **more))


def read(house: House, who: Actor) -> PhrasesAnswer:
    answer: PhrasesAnswer = house.services.doors.ask(who, ReadPhrases())
    return answer


def own(house: House, who: Actor) -> dict[str, str]:
    return {one["name"]: one["text"] for one in read(house, who).items}


def colleagues(house: House, who: Actor) -> list[tuple[str, str]]:
    return [(one["person_name"], one["name"]) for one in read(house, who).colleagues]


def problems(house: House, who: Actor, command: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        house.services.doors.execute(who, command)
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


def test_a_phrase_is_one_persons_and_found_by_its_short_name_without_capitals(house: House):
    keep(house, house.ot, " ;Laces ")
    keep(house, house.slt, "laces", "Said it twice.")
    keep(house, house.ot, "città-2", "At the market.")
    assert own(house, house.ot) == {"città-2": "At the market.", "laces": LACES}
    assert own(house, house.slt) == {"laces": "Said it twice."}
    keep(house, house.ot, "LACES", "Tied them.")  # in place of what stood there
    assert own(house, house.ot)["laces"] == "Tied them."
    house.services.doors.execute(house.ot, RemovePhrase("Laces"))
    with pytest.raises(NotFound, match="no-such-phrase"):
        house.services.doors.execute(house.ot, RemovePhrase("laces"))
    assert (list(own(house, house.ot)), list(own(house, house.slt))) == (["città-2"], ["laces"])


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("", LACES, [("/name", "missing")]),
        ("two words", LACES, [("/name", "not-a-short-name")]),
        ("a_b", LACES, [("/name", "not-a-short-name")]),
        ("-a", LACES, [("/name", "not-a-short-name")]),
        ("a" * 41, LACES, [("/name", "too-long")]),
        ("laces", " ", [("/text", "missing")]),
        ("laces", "x" * 2001, [("/text", "too-long")]),
        ("a b", "", [("/name", "not-a-short-name"), ("/text", "missing")]),
    ],
)
def test_what_is_no_phrase_is_not_kept(house: House, name: str, text: str, wrong: list[tuple[str, str]]):
    assert problems(house, house.ot, KeepPhrase(name, text)) == wrong
    assert own(house, house.ot) == {}


def test_another_tab_is_not_overwritten_and_a_name_that_is_taken_is_said(house: House):
    assert keep(house, house.ot, expected_version=0).version == 1
    assert problems(house, house.ot, KeepPhrase("laces", "x", expected_version=0)) == [("/name", "phrase-name-taken")]
    assert keep(house, house.ot, text="Tied one.", before="laces", expected_version=1).version == 2
    with pytest.raises(Stale) as stale:
        keep(house, house.ot, text="Tied two.", before="laces", expected_version=1)
    assert stale.value.current_version == 2
    assert own(house, house.ot) == {"laces": "Tied one."}


def test_a_phrase_gets_another_name_unless_that_is_taken(house: House):
    keep(house, house.ot)
    keep(house, house.ot, "shoes", "Both shoes.")
    again = KeepPhrase("shoes", LACES, before="laces", expected_version=1)
    assert problems(house, house.ot, again) == [("/name", "phrase-name-taken")]
    keep(house, house.ot, "knots", before="laces", expected_version=1)
    assert own(house, house.ot) == {"knots": LACES, "shoes": "Both shoes."}
    with pytest.raises(NotFound):
        keep(house, house.ot, "bows", before="laces", expected_version=1)
    assert list(own(house, house.ot)) == ["knots", "shoes"]


def test_one_person_has_at_most_so_many(house: House):
    rows = [{"name": f"p{number}", "text": "x"} for number in range(MOST_PHRASES)]
    house.services.doors.execute(house.ot, ImportPhrases(rows))
    assert problems(house, house.ot, KeepPhrase("one-more", "x")) == [("/name", "too-many")]
    one_more = ImportPhrases([{"name": "one-more", "text": "x"}])
    assert problems(house, house.ot, one_more) == [("/rows", "too-many")]
    keep(house, house.ot, "p1", "changed")
    assert len(own(house, house.ot)) == MOST_PHRASES


def test_colleagues_read_what_is_shared_and_nobody_else_does(house: House):
    _ = house.child
    elsewhere = house.person("Sam Ost", Role.THERAPIST, Discipline.OT, "South")
    south = house.open_case("Mo", members=((house.slt, Relation.SPEECH_THERAPIST),), by=elsewhere)
    keep(house, house.ot, shared=True)
    keep(house, house.ot, "private", "Mine alone.")
    keep(house, house.stranger, "of-the-team", "x", shared=True)
    keep(house, elsewhere, "of-south", "x", shared=True)

    assert colleagues(house, house.student) == [("Ada Lind", "laces"), ("Una Rask", "of-the-team")]
    assert colleagues(house, house.ot) == [("Una Rask", "of-the-team")]  # not one's own, nor another team's
    # Sol is on a care team with Sam, of another service team
    assert ("Sam Ost", "of-south") in colleagues(house, house.slt)
    # a teacher knows the care team, and nobody beyond it, be they of the same school
    keep(house, house.person("Tea Holm", Role.TEACHER, Discipline.SCHOOL, house.teacher.team), shared=True)
    assert colleagues(house, house.teacher) == [("Ada Lind", "laces")]
    assert colleagues(house, elsewhere) == []

    house.clock.turn(days=1)
    house.services.doors.execute(elsewhere, RemoveFromTeam(south, house.slt.person_id))
    house.clock.turn(days=1)
    assert ("Sam Ost", "of-south") not in colleagues(house, house.slt)


def test_what_somebody_shared_is_offered_no_more_once_they_have_no_access(house: House):
    keep(house, house.stranger, shared=True)
    assert colleagues(house, house.ot) == [("Una Rask", "laces")]
    house.services.doors.execute(house.admin, DisablePerson(house.stranger.person_id, "has left"))
    assert colleagues(house, house.ot) == []


def test_a_file_is_taken_whole_or_not_at_all_and_what_is_wrong_is_said_by_row(house: House):
    keep(house, house.ot)
    rows: list[dict[str, Any]] = [
        {"name": "bus", "text": "Waited for the bus."},
        {"name": "Laces", "text": "Other words."},
        {"name": "two words", "text": ""},
        {"text": 5, "shared": "yes"},
        {"name": "BUS", "text": "Again."},
    ]
    assert problems(house, house.ot, ImportPhrases(rows)) == [
        ("/rows/1/name", "phrase-name-taken"),
        ("/rows/2/name", "not-a-short-name"),
        ("/rows/2/text", "missing"),
        ("/rows/3/name", "missing"),
        ("/rows/3/shared", "wrong-type"),
        ("/rows/3/text", "not-text"),
        ("/rows/4/name", "given-twice"),
    ]
    assert own(house, house.ot) == {"laces": LACES}
    house.services.doors.execute(house.ot, ImportPhrases(rows[:2], replace=True))
    assert own(house, house.ot) == {"bus": "Waited for the bus.", "laces": "Other words."}
    assert problems(house, house.ot, ImportPhrases([])) == [("/rows", "missing")]
    house.services.doors.execute(house.ot, ImportPhrases(rows[:2]))  # the same again changes nothing


def test_who_looks_after_accounts_has_none(house: House):
    for command in (KeepPhrase("laces", LACES), RemovePhrase("laces"), ImportPhrases([{"name": "a", "text": "b"}])):
        with pytest.raises(NotPermitted):
            house.services.doors.execute(house.admin, command)
    with pytest.raises(NotPermitted):
        read(house, house.admin)


def test_no_event_tells_of_a_phrase(house: House):
    head = (house.ot, house.services.record.head())[1]
    keep(house, house.ot)
    house.services.doors.execute(house.ot, RemovePhrase("laces"))
    assert house.services.record.head() == head


def test_a_name_that_is_taken_gets_a_number():
    assert free_name("laces", {"bus"}) == "laces"
    assert free_name("laces", {"laces"}) == "laces-2"
    assert free_name("laces", {"laces", "laces-2"}) == "laces-3"
    assert len(free_name("a" * 40, {"a" * 40})) <= 40
