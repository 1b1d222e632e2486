"""One search for everything finds what its reader may know, tells of whom, and reads no more than it says."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import RemoveFromTeam
from coord.application.find import handlers
from coord.application.find.excerpts import SENTENCE, excerpt
from coord.application.find.questions import MOST_SHOWN, Find, FindAnswer, Group
from coord.application.notes.commands import AddAddendum, EnterNoteInError
from coord.application.people.commands import DisablePerson
from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.domain.actors import Actor, Discipline, Relation, Role
from coord.domain.errors import NotPermitted
from tests.aims import goal, instrument, seen, strategy, tried
from tests.house import House, answered
from tests.statements import statements_of


def found(house: House, who: Actor, text: str, **more: Any) -> FindAnswer:
    answer: FindAnswer = house.services.doors.ask(who, Find(text, **more))
    return answer


def entries(house: House, who: Actor, text: str) -> list[UUID]:
    return [entry["entry_id"] for entry in found(house, who, text).entries]


def names(answer: FindAnswer) -> list[str]:
    return [child["preferred_name"] for child in answer.children]


# ---- who finds what ----------------------------------------------------------------------------------------------


def test_words_are_found_across_ones_children_and_in_nobody_elses(house: House):
    mine, theirs = house.child, house.open_case("Lou", by=house.stranger, members=())
    note = house.note(house.ot, "Tied the LÀCES twice. Then we rested.")
    house.note(house.stranger, "Laces again.", case_id=theirs)

    (entry,) = found(house, house.ot, "laces twice").entries

    assert (entry["entry_id"], entry["case_id"], entry["preferred_name"]) == (note, mine, "Zig")
    assert (entry["author"]["name"], entry["excerpt"]) == ("Ada Lind", "Tied the LÀCES twice.")
    assert [entry["case_id"] for entry in found(house, house.stranger, "laces").entries] == [theirs]
    assert found(house, house.ot, "Lou").children == []
    assert len(entries(house, house.lead, "laces")) == 2, "the lead of the service team answers for both"


def test_a_narrow_notes_words_are_for_who_may_read_it(house: House):
    private = house.note(house.psychologist, "Dreams of wolves.", audience="own-discipline")
    shared = house.note(house.ot, "The wolves in the picture book.", audience="care-team-and-school")

    assert set(entries(house, house.psychologist, "wolves")) == {private, shared}
    for reader in (house.ot, house.slt, house.lead, house.teacher):
        assert entries(house, reader, "wolves") == [shared]
        assert entries(house, reader, "dreams wolves") == []


def test_the_school_finds_what_is_for_the_school(house: House):
    house.note(house.ot, "Laces in therapy.")
    house.activity("Laces in a row")
    own = house.note(house.teacher, "Laces at school.")

    answer = found(house, house.teacher, "laces")

    assert [entry["entry_id"] for entry in answer.entries] == [own]
    assert answer.activities == [], "the library is none of the school's"
    assert names(found(house, house.teacher, "2b")) == ["Zig"]
    assert "full_name" not in found(house, house.teacher, "zig").children[0]
    assert names(found(house, house.teacher, "Zander")) == [], "a name that the school does not know finds nobody"
    assert found(house, house.teacher, "Berg").colleagues == []
    assert names(found(house, house.ot, "zander")) == ["Zig"]


def everything(house: House) -> list[Actor]:
    """A record of every kind, in which each entry has the word, some of them for few."""
    do = house.services.doors.execute
    for author in (house.ot, house.slt, house.psychologist, house.student, house.teacher):
        for audience in ("own-discipline", "care-team", "care-team-and-school"):
            if author is not house.teacher or audience != "own-discipline":
                house.note(author, f"Otters, said {author.name}, for {audience}.", audience=audience)
        note = house.note(author, "Otters at last.", audience="care-team-and-school")
        do(house.slt, AddAddendum(house.child, note, uuid4(), "Otters once more."))
    wrong = house.note(house.ot, "Otters by mistake.", audience="care-team-and-school")
    do(house.ot, EnterNoteInError(house.child, wrong, "another child"))
    aim = goal(house, "Draws otters")
    seen(house, aim, house.teacher, "school", 0, remark="Otters all day")
    tried(house, strategy(house, "Show the otters"), house.teacher, remark="Otters helped")
    instrument(house, summary="Otters")
    return [house.ot, house.slt, house.psychologist, house.student, house.teacher, house.lead]


def test_it_finds_what_a_search_of_the_childs_timeline_shows(house: House):
    readers = everything(house)
    for reader in readers:
        for text in ("otters", "OTTERS for", "mistake", "otters once", "nothing-of-it"):
            page = house.services.doors.ask(reader, ReadTimeline(house.child, TimelineFilter(text=text), limit=100))
            shown = [item["entry_id"] for item in page.items]
            assert entries(house, reader, text) == shown[:MOST_SHOWN], (reader.name, text)
    assert len({tuple(entries(house, reader, "otters")) for reader in readers}) > 3, "not everybody finds the same"


def test_who_left_the_care_team_finds_nothing_any_more(house: House):
    house.note(house.ot, "Laces.")
    assert entries(house, house.slt, "laces")

    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, house.slt.person_id))

    answer = found(house, house.slt, "laces zig")
    assert (answer.entries, answer.children, answer.colleagues, answer.known) == ([], [], [], [])


def test_administrators_know_no_child_and_may_not_look(house: House):
    with pytest.raises(NotPermitted):
        found(house, house.admin, "zig")


def test_colleagues_are_those_who_work_with_ones_children_today(house: House):
    house.person("Sola Una", Role.THERAPIST, Discipline.OT)  # on no team of theirs
    _ = house.child

    (sol,) = found(house, house.ot, "sol").colleagues

    assert (sol["name"], sol["discipline"], sol["children"], sol["more"]) == (
        "Sol Berg",
        "slt",
        {house.child: "Zig"},
        0,
    )
    assert found(house, house.ot, "Ada").colleagues == [], "nobody looks for themselves"
    answered(house.services.doors, house.admin, DisablePerson(house.slt.person_id, "moved away"))
    assert found(house, house.ot, "sol").colleagues == []


def test_activities_in_use_are_found_by_their_words(house: House):
    rain = house.activity("Rain on the roof")
    assert [one["activity_id"] for one in found(house, house.student, "RAIN roof").activities] == [rain]


def test_nothing_is_found_without_words(house: House):
    house.note(house.ot)
    answer = found(house, house.ot, "  ")
    assert (answer.children, answer.entries, answer.colleagues, answer.activities) == ((), (), (), ())


# ---- looks -------------------------------------------------------------------------------------------------------


def looks(house: House, who: Actor, text: str) -> dict[UUID | None, dict[str, Any]]:
    before = max((int(look["id"]) for look in house.services.access.page(limit=1)), default=0)
    found(house, who, text)
    new = [look for look in house.services.access.page(limit=200) if look["id"] > before]
    assert len({look["case_id"] for look in new}) == len(new), "one look each"
    assert {look["kind"] for look in new} == {"Find"}
    return {look["case_id"]: look for look in new}


def test_each_child_whose_name_or_words_are_shown_gets_a_look(house: House):
    zig, lou, kim = house.child, house.open_case("Lou"), house.open_case("Kim", members=())
    note = house.note(house.ot, "Laces.", case_id=lou)
    house.note(house.ot, "Buttons.", case_id=kim)

    by_words = looks(house, house.ot, "laces")
    assert by_words.keys() == {None, lou}
    assert (by_words[lou]["categories"], by_words[lou]["purpose"]) == ("identity notes", "care")
    assert by_words[lou]["entries"] == note.hex
    assert "laces" not in str(by_words).lower(), "what was looked for stays with who looked"

    assert looks(house, house.ot, "kim").keys() == {None, kim}
    by_colleague = looks(house, house.ot, "berg")
    assert by_colleague.keys() == {None, zig, lou}
    assert by_colleague[zig]["categories"] == "care-team identity"
    assert looks(house, house.ot, "nobody").keys() == {None}
    assert looks(house, house.teacher, "lou")[lou]["purpose"] == "school"
    assert looks(house, house.lead, "lou")[lou]["purpose"] == "team-lead-review"


# ---- the bound ---------------------------------------------------------------------------------------------------


def test_only_the_newest_of_each_child_are_looked_through_and_it_says_so(house: House, monkeypatch: pytest.MonkeyPatch):
    lou = house.open_case("Lou", members=())
    for days in range(6):
        when = house.clock.now - timedelta(days=days, hours=1)
        for case_id in (house.child, lou):
            house.note(house.ot, f"Laces, {days} days ago.", case_id=case_id, observed_from=when)
    assert found(house, house.ot, "laces").newest_only is None

    monkeypatch.setattr(handlers, "MOST_ENTRIES", 9)  # four for each of the two
    answer = found(house, house.ot, "laces")
    assert answer.newest_only == 4
    assert all(entry["excerpt"] < "Laces, 4" for entry in answer.entries)
    assert found(house, house.ot, "5 days").entries == []

    monkeypatch.setattr(handlers, "MOST_OF_A_CHILD", 2)
    assert found(house, house.ot, "laces").newest_only == 2


def test_no_more_than_a_page_of_each_group_is_shown(house: House):
    for number in range(MOST_SHOWN + 1):
        child = house.open_case(f"Kit {chr(65 + number)}", members=((house.slt, Relation.SPEECH_THERAPIST),))
        house.note(house.ot, "Laces and kites.", case_id=child, observed_from=house.clock.turn(minutes=1))

    answer = found(house, house.ot, "ki")

    assert len(answer.children) == len(answer.entries) == MOST_SHOWN
    assert answer.more == [Group.CHILDREN, Group.RECORDS]
    assert answer.entries[0]["observed_from"] > answer.entries[-1]["observed_from"]
    (sol,) = found(house, house.ot, "sol").colleagues
    assert (len(sol["children"]), sol["more"]) == (3, MOST_SHOWN - 2)
    assert len(looks(house, house.ot, "sol")) == 1 + 3, "of the others the name is not told"


def test_a_child_is_found_without_a_look_into_the_records(house: House):
    house.note(house.ot, "Zig ties laces.")
    found(house, house.ot, "zig")
    with statements_of(house.services) as sent:
        answer = found(house, house.ot, "zig", group=Group.CHILDREN)
    assert names(answer) == ["Zig"]
    assert answer.entries == ()
    assert not [statement for statement in sent if "timeline_entries" in statement.text]


# ---- what is shown of a text -------------------------------------------------------------------------------------


def test_the_sentences_with_the_words_are_shown_in_their_order():
    texts = ["We walked. She tied the laces!\nThen tea.", "At home she naps. Laces are hard."]
    assert excerpt(texts, ["laces"]) == "She tied the laces!"
    assert excerpt(texts, ["naps", "laces"]) == "She tied the laces! … At home she naps."
    assert excerpt(["Søren’s æther."], ["soren's", "aeth"]) == "Søren’s æther."
    assert excerpt(texts, ["elsewhere"]) == "We walked."
    assert excerpt([], ["laces"]) == ""


def test_of_a_long_sentence_the_words_around_are_shown():
    text = f"{'before ' * 100}otter {'after ' * 100}"
    shown = excerpt([text], ["otter"])
    assert shown.startswith("… before")
    assert " otter " in shown
    assert shown.endswith("after …")
    assert len(shown) <= SENTENCE + 20
