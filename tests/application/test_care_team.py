"""Stays on the care team, what is left behind, co-signatures that are entrusted, what a closed case takes, and a second
record of one child: through the doors, on both stores."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from coord.application.case.commands import (
    AddToTeam,
    ChangeOnTeam,
    CloseCase,
    CorrectDetails,
    OpenCase,
    RemoveFromTeam,
    ReopenCase,
)
from coord.application.case.questions import ReadCase, ReadLeftBehind, ReadLeftBehindBy
from coord.application.declared import Receipt
from coord.application.history.questions import ReadHistory
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    CosignNote,
    DiscardDraft,
    EntrustCosignature,
    SaveDraft,
    SignNote,
)
from coord.application.notes.questions import ReadCosigners, ReadDraft, ReadNote, ReadNoteReaders
from coord.application.people.commands import DisablePerson, RenamePerson
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs
from coord.domain.actors import Actor, Discipline, Relation, Role
from coord.domain.case import NoteContent
from coord.domain.errors import DomainError, InvalidInput, NotFound
from coord.projections import Caseload
from tests.house import House, answered


def do(house: House, who: Actor, command: Any) -> Receipt:
    return house.services.doors.execute(who, command)


def ask(house: House, who: Actor, question: Any) -> Any:
    return house.services.doors.ask(who, question)


def refusal(house: House, who: Actor, command: Any) -> str:
    """The code of the refusal, or ``/pointer code`` of its first problem."""
    with pytest.raises(DomainError) as error:
        do(house, who, command)
    if isinstance(error.value, InvalidInput):
        first = error.value.problems[0]
        return f"{first.pointer} {first.code}"
    return error.value.code


def knows(house: House, who: Actor) -> bool:
    try:
        ask(house, who, ReadCase(house.child))
    except NotFound:
        return False
    return True


def stays(house: House, who: Actor) -> list[tuple[date, date | None, str]]:
    members = ask(house, house.ot, ReadCase(house.child)).members
    return [(m["since"], m["until"], m["relation"]) for m in members if m["person_id"] == who.person_id]


OT, COORDINATOR = Relation.OCCUPATIONAL_THERAPIST, Relation.COORDINATOR


# ---- stays -------------------------------------------------------------------------------------------------------


def test_a_later_stay_leaves_no_gap_and_the_history_says_what_happened(house: House):
    today = house.clock.now.date()
    start = today + timedelta(days=7)
    house.child  # noqa: B018 - made with its care team
    do(house, house.lead, AddToTeam(house.child, house.slt.person_id, COORDINATOR, start))
    assert knows(house, house.slt)
    assert stays(house, house.slt) == [
        (today, start - timedelta(days=1), "speech-therapist"),
        (start, None, "coordinator"),
    ]
    do(house, house.lead, ChangeOnTeam(house.child, house.slt.person_id, until=today + timedelta(days=3)))
    house.clock.turn(days=4)
    assert not knows(house, house.slt)
    house.clock.turn(days=3)
    assert knows(house, house.slt)
    do(house, house.lead, RemoveFromTeam(house.child, house.slt.person_id))
    assert not knows(house, house.slt)
    told = [
        item["kind"]
        for item in ask(house, house.lead, ReadHistory(house.child)).items
        if item["detail"].get("person") == str(house.slt.person_id)
    ]
    assert told[::-1] == [
        "case.team-member-joined",
        "case.team-member-joined",
        "case.team-member-changed",
        "case.team-member-left",
    ]


def test_two_separate_weeks_are_both_kept_and_a_planned_one_can_be_given_up(house: House):
    today = house.clock.now.date()
    weeks = [(today + timedelta(days=d), today + timedelta(days=d + 4)) for d in (7, 28)]
    for since, until in weeks:
        do(house, house.ot, AddToTeam(house.child, house.stranger.person_id, OT, since, until))
    assert [stay[:2] for stay in stays(house, house.stranger)] == weeks
    seen = []
    for _day in range(40):
        seen.append(knows(house, house.stranger))
        house.clock.turn(days=1)
    assert [day for day, known in enumerate(seen) if known] == [7, 8, 9, 10, 11, 28, 29, 30, 31, 32]
    later = today + timedelta(days=100)
    do(house, house.ot, AddToTeam(house.child, house.stranger.person_id, OT, later))
    do(house, house.ot, RemoveFromTeam(house.child, house.stranger.person_id, later))
    assert [stay[:2] for stay in stays(house, house.stranger)] == weeks


def test_who_has_a_new_name_has_it_in_every_stay_whatever_becomes_of_the_stays(house: House):
    today, sol = house.clock.now.date(), house.slt.person_id
    do(house, house.lead, AddToTeam(house.child, sol, COORDINATOR, today + timedelta(days=9)))

    def known_as() -> set[str]:
        return {m["name"] for m in ask(house, house.ot, ReadCase(house.child)).members if m["person_id"] == sol}

    assert known_as() == {"Sol Berg"}
    do(house, house.admin, RenamePerson(sol, "Sol Dahl"))
    assert known_as() == {"Sol Dahl"}
    house.clock.turn(days=1)
    changes = (
        ChangeOnTeam(house.child, sol, until=today + timedelta(days=5)),
        RemoveFromTeam(house.child, sol, today + timedelta(days=9)),
        AddToTeam(house.child, sol, COORDINATOR, today + timedelta(days=20)),
        RemoveFromTeam(house.child, sol),
    )
    for change in changes:
        answered(house.services.doors, house.lead, change)
        assert known_as() == {"Sol Dahl"}, change
    told = [
        item for item in ask(house, house.lead, ReadHistory(house.child)).items if item["kind"].startswith("case.team")
    ]
    since = [i["detail"]["name"] for i in told if i["kind"] in ("case.team-member-changed", "case.team-member-left")]
    assert since == ["Sol Dahl"] * 3  # what happens from then on tells the name of now
    views = house.services.views
    views.catch_up()
    assert {d.rows for d in views.differences(views.rebuild(swap=False)).values()} == {0}


def test_the_history_is_filtered_for_people_by_the_names_that_they_have_now(house: House):
    house.note(house.ot)
    for person, name in ((house.slt, "Sol Dahl"), (house.ot, "Ada Lim")):  # one joined, the other wrote
        do(house, house.admin, RenamePerson(person.person_id, name))
    answer = ask(house, house.lead, ReadHistory(house.child, grouped=True))
    named = {p["name"] for p in answer.people}
    assert {"Sol Dahl", "Ada Lim"} <= named
    assert not {"Sol Berg", "Ada Lind"} & named
    assert {i["person_name"] for i in answer.items if i["kind"] == "case.note-signed"} == {"Ada Lind"}  # as signed


def test_what_somebody_was_on_a_day_is_what_they_were_then(house: House):
    start = house.clock.now
    today = start.date()
    do(house, house.ot, AddToTeam(house.child, house.stranger.person_id, OT, today, today + timedelta(days=2)))
    house.clock.turn(days=10)
    do(house, house.ot, AddToTeam(house.child, house.stranger.person_id, COORDINATOR))
    house.clock.turn(days=1)
    do(house, house.ot, RemoveFromTeam(house.child, house.stranger.person_id))
    house.clock.turn(days=1)
    found = []
    for days in (1, 5, 10.5, 11.5):
        as_of = start + timedelta(days=days)
        answer = ask(house, house.lead, ReadTimelineAs(house.child, house.stranger.person_id, as_of))
        assert answer.reader
        found.append(answer.reader["relation"])
    assert found == ["occupational-therapist", None, "coordinator", None]


def test_the_view_and_the_record_know_the_same_stays_also_after_a_rebuild(house: House):
    today = house.clock.now.date()
    for since, until, relation in ((0, 5, OT), (20, None, OT), (8, 30, COORDINATOR)):
        end = None if until is None else today + timedelta(days=until)
        days = (today + timedelta(days=since), end)
        do(house, house.ot, AddToTeam(house.child, house.stranger.person_id, relation, *days))
    services = house.services

    def by_view() -> list[Any]:
        with services.views.reading(services.record.head()) as snapshot:
            view = snapshot.view(Caseload)
            return [
                view.relationship(
                    snapshot.connection, house.child, house.stranger, today + timedelta(days=day)
                ).relation
                for day in range(40)
            ]

    case = services.record.case(house.child)
    by_record = [case.relationship_of(house.stranger, today + timedelta(days=day)).relation for day in range(40)]
    assert by_view() == by_record
    assert by_record[5:9] == [OT, None, None, COORDINATOR]
    assert by_record[29:32] == [COORDINATOR, COORDINATOR, OT]
    services.views.rebuild()
    assert by_view() == by_record


# ---- what is left behind -----------------------------------------------------------------------------------------


def draft(house: House, who: Actor, text: str = "Half a sentence") -> Any:
    draft_id = uuid4()
    body = {"format": "narrative", "sections": {"text": text}}
    do(house, who, SaveDraft(house.child, draft_id, "note", body, expected_revision=0))
    return draft_id


def test_taking_somebody_off_names_what_they_leave_behind_and_keeps_the_answer(house: House):
    house.note(house.student)
    draft(house, house.ot)
    command = RemoveFromTeam(house.child, house.ot.person_id)
    asked = ask(house, house.lead, ReadLeftBehind(house.child, house.ot.person_id))
    assert asked.counts == {"drafts": 1, "awaiting_only_them": 1}
    with pytest.raises(InvalidInput) as error:
        do(house, house.lead, command)
    assert list(error.value.problems) == list(asked.asked)
    assert knows(house, house.ot)
    answered(house.services.doors, house.lead, command)
    left = next(
        item
        for item in ask(house, house.lead, ReadHistory(house.child)).items
        if item["kind"] == "case.team-member-left"
    )
    assert left["detail"]["left_behind"] == [
        {"pointer": "", "code": "left-behind", "params": {"drafts": 1, "awaiting_only_them": 1}}
    ]


def test_who_leaves_nothing_behind_is_asked_nothing(house: House):
    do(house, house.lead, RemoveFromTeam(house.child, house.slt.person_id))
    assert not knows(house, house.slt)


def test_what_was_answered_about_less_is_asked_again_about_more(house: House):
    draft(house, house.slt)
    first = ask(house, house.lead, ReadLeftBehind(house.child, house.slt.person_id)).asked[0].answer
    draft(house, house.slt)
    command = RemoveFromTeam(house.child, house.slt.person_id, confirmed=[first])
    assert refusal(house, house.lead, command) == " left-behind"


def test_closing_and_disabling_name_what_is_left_open(house: House):
    house.note(house.student)
    draft(house, house.slt)
    assert ask(house, house.ot, ReadLeftBehind(house.child)).counts == {"drafts": 1, "awaiting": 1}
    assert refusal(house, house.ot, CloseCase(house.child, "")) == "/reason missing"
    assert refusal(house, house.ot, CloseCase(house.child, "Moved")) == " left-behind"
    found = ask(house, house.admin, ReadLeftBehindBy(house.slt.person_id))
    assert found.counts == {"care_teams": 1, "drafts": 1}
    assert refusal(house, house.admin, DisablePerson(house.slt.person_id, "left")) == " left-behind"
    answered(house.services.doors, house.admin, DisablePerson(house.slt.person_id, "left"))
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved"))


def test_a_removed_author_reads_and_discards_their_own_draft_and_signs_nothing(house: House):
    mine = draft(house, house.slt, "Only mine")
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.slt.person_id))
    assert [d["id"] for d in ask(house, house.slt, ReadCaseload()).drafts_left] == [mine]
    assert ask(house, house.slt, ReadDraft(house.child, mine))["body"]["sections"]["text"] == "Only mine"
    content = NoteContent("narrative", {"text": "Only mine"}, house.clock.now)
    assert refusal(house, house.slt, SignNote(house.child, mine, content)) == "not-found"
    body = {"format": "narrative", "sections": {"text": "More"}}
    assert refusal(house, house.slt, SaveDraft(house.child, mine, "note", body)) == "not-found"
    for other in (house.ot, house.stranger, house.admin):
        with pytest.raises(NotFound):
            ask(house, other, ReadDraft(house.child, mine))
        code = "no-such-draft" if other is house.ot else "not-found"
        assert refusal(house, other, DiscardDraft(house.child, mine)) == code
    do(house, house.slt, DiscardDraft(house.child, mine))
    assert ask(house, house.slt, ReadCaseload()).drafts_left == []


# ---- another name ------------------------------------------------------------------------------------------------


def test_who_reads_as_somebody_reads_under_the_name_of_the_time(house: House):
    then, sol = house.services.record.head(), house.slt.person_id
    do(house, house.admin, RenamePerson(sol, "Sol Dahl"))

    def reader(as_of: int | None) -> str:
        answer = ask(house, house.lead, ReadTimelineAs(house.child, sol, as_of=as_of))
        assert "Sol Dahl" in {p["name"] for p in answer.readers}  # chosen from under the name of now
        return str(answer.reader["name"])

    assert reader(then) == "Sol Berg"
    assert reader(None) == "Sol Dahl"


def test_who_read_a_note_before_and_after_a_new_name_is_one_reader_under_that_of_the_last_look(house: House):
    note, sol = house.note(house.ot), house.slt
    for name in ("Sol Berg", "Sol Aas", "Sol Aas"):
        do(house, house.admin, RenamePerson(sol.person_id, name))
        ask(house, replace(sol, name=name), ReadNote(house.child, note))
    readers = ask(house, house.ot, ReadNoteReaders(house.child, note)).readers
    assert [(one["person_name"], one["times"]) for one in readers] == [("Sol Aas", 3)]
    assert readers[0]["first"] <= readers[0]["last"]


def test_a_note_awaits_somebody_under_the_name_of_now_and_was_entrusted_to_them_under_that_of_then(house: House):
    note, pia = house.note(house.student), house.psychologist.person_id
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.ot.person_id))
    do(house, house.lead, EntrustCosignature(house.child, note, pia, "No occupational therapist left"))
    do(house, house.admin, RenamePerson(pia, "Pia Lim"))
    waits = ask(house, house.student, ReadNote(house.child, note))
    assert (waits.entrusted_now, waits.note.entrusted_to["name"]) == ("Pia Lim", "Pia Holm")
    shown = house.browser_of(house.student).get(f"/children/{house.child}/notes/{note}").text
    assert "awaits the co-signature of Pia Lim" in shown
    assert "to Pia Holm, by Lea Strand" in shown


# ---- a co-signature that would wait for ever ---------------------------------------------------------------------


def test_a_students_note_does_not_wait_for_ever_once_the_last_of_the_discipline_has_left(house: House):
    note = house.note(house.student)
    entrust = EntrustCosignature(house.child, note, house.psychologist.person_id, "No occupational therapist left")
    assert refusal(house, house.lead, entrust) == "somebody-can-cosign"
    assert ask(house, house.lead, ReadCosigners(house.child, note)).people == []
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.ot.person_id))
    (waiting,) = ask(house, house.lead, ReadCaseload()).nobody_cosigns
    assert waiting["note_id"] == note
    people = ask(house, house.lead, ReadCosigners(house.child, note)).people
    assert [p["name"] for p in people] == ["Pia Holm", "Sol Berg", "Lea Strand"]
    assert refusal(house, house.psychologist, CosignNote(house.child, note)) == "other-discipline"
    assert refusal(house, house.psychologist, entrust) == "not-permitted"
    stranger = EntrustCosignature(house.child, note, house.stranger.person_id, "x")
    assert refusal(house, house.lead, stranger) == "/person no-such-person"
    do(house, house.lead, entrust)
    assert ask(house, house.lead, ReadCaseload()).nobody_cosigns == []
    assert [n["note_id"] for n in ask(house, house.psychologist, ReadCaseload()).awaiting] == [note]
    assert refusal(house, house.slt, CosignNote(house.child, note)) == "other-discipline"
    assert do(house, house.psychologist, CosignNote(house.child, note)).status == "cosigned"
    kept = ask(house, house.lead, ReadNote(house.child, note)).note
    assert kept.entrusted.to["discipline"] == "psychology"
    assert kept.entrusted.by["name"] == "Lea Strand"
    assert kept.entrusted.reason == "No occupational therapist left"
    assert kept.cosignatures[0].by["discipline"] == "psychology"
    body = {"text": "Tied them three times."}
    do(house, house.student, AmendNote(house.child, note, kept.version, body, "Counted again"))
    assert [n["note_id"] for n in ask(house, house.psychologist, ReadCaseload()).awaiting] == [note]


def test_a_lead_can_take_a_cosignature_over_and_only_one_that_they_entrusted_to_themselves(house: House):
    note = house.note(house.student)
    assert refusal(house, house.lead, CosignNote(house.child, note)) == "other-discipline"
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.ot.person_id))
    do(house, house.lead, EntrustCosignature(house.child, note, house.lead.person_id, "I answer for it"))
    assert [n["note_id"] for n in ask(house, house.lead, ReadCaseload()).awaiting] == [note]
    assert do(house, house.lead, CosignNote(house.child, note)).status == "cosigned"


# ---- a closed case -----------------------------------------------------------------------------------------------


def test_a_closed_case_takes_what_was_before_and_corrections_and_nothing_new(house: House):
    mine = draft(house, house.ot)
    before = house.clock.now - timedelta(hours=1)
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved"))
    house.clock.turn(days=2)
    do(house, house.ot, CorrectDetails(house.child, 1, {"preferred_name": "Zigi"}, "A typing error"))
    content = NoteContent("narrative", {"text": "Written late"}, before)
    assert do(house, house.ot, SignNote(house.child, mine, content)).status == "signed"
    assert ask(house, house.ot, ReadNote(house.child, mine)).note.after_closing
    row = next(i for i in ask(house, house.ot, ReadTimeline(house.child)).items if i["entry_id"] == mine)
    assert row["detail"]["after_closing"]
    for observed in (house.clock.now, house.clock.now - timedelta(days=1)):
        new = NoteContent("narrative", {"text": "New"}, observed)
        assert refusal(house, house.ot, SignNote(house.child, uuid4(), new)) == "case-closed"
    spans = NoteContent("narrative", {"text": "New"}, before, house.clock.now - timedelta(days=1))
    assert refusal(house, house.ot, SignNote(house.child, uuid4(), spans)) == "case-closed"
    assert refusal(house, house.ot, AddAddendum(house.child, mine, uuid4(), "More")) == "case-closed"
    kept = ask(house, house.ot, ReadNote(house.child, mine)).note
    do(house, house.ot, AmendNote(house.child, mine, kept.version, {"text": "Written later"}, "A word"))
    do(house, house.ot, ReopenCase(house.child, "Back"))
    opened = house.note(house.ot)
    assert not ask(house, house.ot, ReadNote(house.child, opened)).note.after_closing


# ---- a second record of one child --------------------------------------------------------------------------------


BORN = date(2019, 5, 4)


def opening(name: str, full_name: str, born: date = BORN, **more: Any) -> OpenCase:
    return OpenCase(uuid4(), name, full_name, born, **more)


@pytest.mark.parametrize(
    ("name", "full_name", "born", "asked"),
    [
        ("Zig", "Zig Zander", BORN, True),
        ("Z", "zánder ZIG", date(2018, 1, 1), True),  # the same name, whatever the day that was typed
        ("Siggi", "Siegmund Zander", BORN, True),
        ("Zig", "Sigi Sander", BORN, True),
        ("Mo", "Mohamed Haddad", BORN, False),  # born on the same day, and nothing else
        ("Zig", "Zig Berg", date(2018, 1, 1), False),
    ],
)
def test_a_second_record_of_a_child_whom_one_knows_is_asked_about(
    house: House, name: str, full_name: str, born: date, asked: bool
):
    house.child  # noqa: B018 - Zig Zander
    command = opening(name, full_name, born)
    if asked:
        assert refusal(house, house.ot, command) == "/full_name known-to-you"
        answered(house.services.doors, house.ot, command)
        first = next(iter(house.services.record.stream(command.case_id))).event
        assert [a["code"] for a in first.answered] == ["known-to-you"]  # type: ignore[attr-defined]
    else:
        do(house, house.ot, command)


def test_of_a_child_whom_one_does_not_know_nothing_is_told_but_within_the_service_team(house: House):
    house.child  # noqa: B018 - Zig Zander, of the team North
    with pytest.raises(InvalidInput) as error:
        do(house, house.stranger, opening("Zig", "Zig Zander"))
    (problem,) = error.value.problems
    assert (problem.code, problem.params) == ("known-in-the-team", {})
    assert str(house.child) not in repr(problem)
    elsewhere = house.person("Sten Vik", Role.THERAPIST, Discipline.OT, "South")
    do(house, elsewhere, opening("Zig", "Zig Zander"))


def test_an_answer_counts_for_just_that_child(house: House):
    house.child  # noqa: B018 - Zig Zander
    with pytest.raises(InvalidInput) as error:
        do(house, house.ot, opening("Zig", "Zig Zander"))
    answers = [problem.answer for problem in error.value.problems]
    with pytest.raises(InvalidInput):
        do(house, house.ot, opening("Sig", "Sig Zander", confirmed=answers))


def test_the_same_opening_sent_twice_is_asked_about_no_more(house: House):
    command = opening("Ida", "Ida Holt")
    do(house, house.ot, command)
    assert do(house, house.ot, command).repeated
