"""The history of a child and of a service team, who saw whom, files of it, and the record as a reader could see it."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from coord.application.case.commands import AddToTeam, CorrectDetails, RemoveFromTeam
from coord.application.case.questions import ReadCase
from coord.application.goals.commands import ReviseGoal
from coord.application.goals.questions import ReadGoal
from coord.application.history.questions import ReadHistory
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import AddAddendum, AmendNote, ChangeNoteAudience
from coord.application.notes.questions import ReadNote, ReadNoteReaders
from coord.application.people.commands import ChangePersonRole, DisablePerson
from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.domain.actors import COMMAND_LINE, Discipline, Relation, Role
from coord.domain.case.goals import GoalContent, ScaleContent
from coord.domain.errors import NotFound, Unavailable
from coord.office.access import looks
from coord.persistence import open_stores
from coord.projections import Goals, Timeline
from coord.web.history import files as history_files
from coord.web.history import pages as audit
from tests.aims import LEVELS, copm, goal, instrument, seen, strategy, tried
from tests.house import House, answered, legible, open_house
from tests.projections.test_following import stop


def text_of(answer: Any) -> str:
    """A page as it reads, without its marks."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", f"<main{main}"))


def listed(answer: Any) -> str:
    """The list of changes and accesses alone."""
    return text_of(answer).partition("Changes and accesses, the newest first")[2].partition("Take it out")[0]


def test_a_change_shows_who_as_what_when_which_versions_and_the_words_that_changed(house: House):
    note = house.note(house.ot, "Tied the laces twice.")
    house.clock.turn(hours=2, seconds=5)
    house.services.doors.execute(
        house.ot, AmendNote(house.child, note, 1, {"text": "Tied the laces once."}, "I had counted wrongly")
    )
    page = house.browser_of(house.lead).get(f"/children/{house.child}/history")
    assert page.status_code == 200
    row = listed(page).partition("Note amended")[0][-120:] + listed(page).partition("Note amended")[2][:300]
    assert "10 Mar 2026, 12:00:05" in row  # the clinic's clock, an hour ahead of UTC
    assert "Ada Lind Therapist, Occupational therapy" in row
    assert "From version 1 to version 2" in row
    assert "Reason: I had counted wrongly" in row
    assert "Removed: twice Added: once" in row
    assert re.search(r"<del>.*twice</del>\s*<ins>.*once</ins>", page.text)


def test_a_filtered_look_says_by_what(house: House):
    house.note(house.slt), house.note(house.slt)
    ask = house.services.doors.ask
    older = ask(house.slt, ReadTimeline(house.child, limit=1)).next
    ask(house.slt, ReadTimeline(house.child, TimelineFilter(discipline="slt", start=house.clock.now), cursor=older))
    page = listed(house.browser_of(house.lead).get(f"/children/{house.child}/history?kind=ReadTimeline"))
    assert "Filtered by: Discipline, From A page of older entries: yes" in page
    assert page.count("Filtered by") == 1, "a look at everything is not filtered"


def test_role_and_discipline_are_those_of_then(house: House):
    house.note(house.ot)
    house.services.doors.execute(
        COMMAND_LINE, ChangePersonRole(house.ot.person_id, Role.THERAPIST, Discipline.PSYCHOLOGY)
    )
    page = listed(house.browser_of(house.lead).get(f"/children/{house.child}/history?kind=case.note-signed"))
    assert "Ada Lind Therapist, Occupational therapy" in page


def test_observed_and_written_down_stand_beside_a_note(house: House):
    house.note(house.ot)
    page = listed(house.browser_of(house.lead).get(f"/children/{house.child}/history?kind=case.note-signed"))
    assert "Observed: 10 Mar 2026, 09:00:00" in page
    assert "Written down: 10 Mar 2026, 10:00:00" in page


def test_what_the_lead_may_not_read_is_there_as_withheld_and_leads_nowhere(house: House):
    note = house.note(house.psychologist, "a quiet fear", audience="own-discipline")
    house.services.doors.execute(
        house.psychologist, AmendNote(house.child, note, 1, {"text": "a quieter fear"}, "a better word")
    )
    page = house.browser_of(house.lead).get(f"/children/{house.child}/history")
    assert "The words of this entry are withheld" in listed(page)
    assert "fear" not in legible(page.text)
    assert str(note) not in page.text
    for form in ("csv", "jsonl"):
        assert b"fear" not in file_of(house.browser_of(house.lead), f"/children/{house.child}/history.{form}").data


def test_who_saw_the_child_since_a_day_in_one_screen(house: House):
    doors = house.services.doors
    doors.ask(house.slt, ReadTimeline(house.child))
    house.clock.turn(days=5)
    doors.ask(house.teacher, ReadTimeline(house.child))
    house.clock.turn(hours=1)
    doors.ask(house.teacher, ReadCase(house.child))
    browser = house.browser_of(house.lead)

    def who_saw(query: str) -> str:
        page = text_of(browser.get(f"/children/{house.child}/history{query}"))
        return page.partition("Who saw Zig")[2].partition("Changes and accesses")[0]

    since = who_saw("?from=2026-03-12")
    assert since.startswith(" since 12 March 2026")
    assert "Sol Berg" not in since
    assert "Tove Dahl Teacher" in since
    assert re.search(r"First 15 Mar 2026, 10:00:00 Last 15 Mar 2026, 11:00:00 How often 2 times", since)
    assert "Sol Berg Therapist, Speech and language therapy" in who_saw("?from=2026-03-10&to=2026-03-10")
    assert "Tove Dahl" not in who_saw("?to=2026-03-14")


def test_what_a_person_opened_and_nothing_of_others(house: House):
    other = house.open_case("Yon")
    doors = house.services.doors
    doors.ask(house.slt, ReadTimeline(house.child))
    doors.ask(house.slt, ReadTimeline(other))
    doors.ask(house.teacher, ReadTimeline(house.child))
    page = text_of(house.browser_of(house.lead).get(f"/audit?person={house.slt.person_id}&kind=accesses"))
    opened = page.partition("What Sol Berg opened")[2].partition("Changes and accesses")[0]
    assert "Each time with Zig" in opened
    assert "Each time with Yon" in opened
    assert "Looked at the timeline" in page
    assert "Tove Dahl" not in page.partition("What Sol Berg opened")[2]


def test_the_filters_leave_out_the_rest(house: House):
    note = house.note(house.ot)
    house.services.doors.ask(house.slt, ReadTimeline(house.child))
    with pytest.raises(NotFound):
        house.services.doors.ask(house.stranger, ReadCase(house.child))
    house.clock.turn(days=1)
    house.services.doors.execute(house.slt, AddAddendum(house.child, note, uuid4(), "At home too."))
    browser = house.browser_of(house.lead)

    def kinds(query: str) -> str:
        return listed(browser.get(f"/children/{house.child}/history?{query}"))

    assert "Looked at" not in kinds("kind=changes")
    assert "Note signed" not in kinds("kind=accesses")
    refused = kinds("kind=refused")
    assert "Una Rask" in refused
    assert "Refused" in refused
    assert "Sol Berg" not in refused
    assert "Note signed" not in kinds("from=2026-03-11")
    assert "Addendum added" in kinds("from=2026-03-11&to=2026-03-11")
    assert "Addendum added" not in kinds("to=2026-03-10")
    assert "Who Ada Lind" not in kinds(f"person={house.slt.person_id}")
    assert "Sol Berg" in kinds(f"person={house.slt.person_id}")


def test_a_day_begins_and_ends_at_the_clinics_midnight(house: House):
    house.clock.now = datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC)  # one second before midnight in Rome
    house.note(house.ot, "late")
    house.clock.turn(seconds=1)
    house.note(house.slt, "early")
    browser = house.browser_of(house.lead)
    first = listed(browser.get(f"/children/{house.child}/history?kind=case.note-signed&to=2026-07-01"))
    second = listed(browser.get(f"/children/{house.child}/history?kind=case.note-signed&from=2026-07-02"))
    assert "Ada Lind" in first
    assert "Sol Berg" not in first
    assert "Sol Berg" in second
    assert "Ada Lind" not in second


def test_a_filter_that_makes_no_sense_is_said_and_kept_and_shows_no_list(house: House):
    page = house.browser_of(house.lead).get(f"/children/{house.child}/history?from=31.2.2026&kind=all&person=me")
    assert page.status_code == 422
    assert 'href="#from"' in page.text
    assert 'href="#kind"' in page.text
    assert 'href="#person"' in page.text
    assert 'value="31.2.2026"' in page.text
    assert "Joined the care team" not in listed(page)
    backwards = house.browser_of(house.lead).get("/audit?from=2026-03-02&to=2026-03-01")
    assert backwards.status_code == 422
    assert "This must not be before the start" in backwards.text
    assert house.browser_of(house.lead).get("/audit.csv?from=tomorrow").status_code == 422


def test_older_goes_on_where_the_page_ended_and_keeps_the_filter(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit, "ROWS", 2)
    notes = [house.note(house.ot, f"number {n}") for n in range(5)]
    browser = house.browser_of(house.lead)
    seen: list[str] = []
    address = f"/children/{house.child}/history?kind=case.note-signed"
    for _ in range(9):
        page = browser.get(address)
        seen += re.findall(rf'href="/children/{house.child}/notes/([0-9a-f-]+)"', page.text)
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        if older is None:
            break
        address = older[1].replace("&amp;", "&")
        assert "kind=case.note-signed" in address
    assert seen == [str(n) for n in reversed(notes)]


def test_looking_at_the_history_is_recorded_and_said(house: House):
    browser = house.browser_of(house.lead)
    page = browser.get(f"/children/{house.child}/history")
    assert "Your look at this page is recorded too" in page.text
    again = listed(browser.get(f"/children/{house.child}/history"))
    assert "Lea Strand Team lead Looked at the history of a child" in again


def test_without_the_access_log_nothing_is_shown(house: House, monkeypatch: pytest.MonkeyPatch):
    browser = house.browser_of(house.lead)

    def down(*_given: object) -> None:
        raise Unavailable("access-not-recorded")

    monkeypatch.setattr(house.services.doors, "note", down)
    for path in (f"/children/{house.child}/history", "/audit", f"/children/{house.child}/history.csv"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert "Ada Lind" not in answer.text


def test_only_the_lead_of_the_childs_service_team_enters(house: House):
    south = house.person("Kai South", Role.TEAM_LEAD, team="South")
    paths = [
        f"/children/{house.child}/history",
        f"/children/{house.child}/history.csv",
        f"/children/{house.child}/history.jsonl",
        f"/children/{house.child}/history/as-known",
    ]
    expected = {house.lead: 200, house.ot: 403, house.student: 403, house.teacher: 403}
    expected |= {house.stranger: 404, south: 404, house.admin: 404}
    for person, status in expected.items():
        browser = house.browser_of(person)
        for path in paths:
            answer = file_of(browser, path)
            assert answer.status_code == status, (person.name, path)
            assert status == 200 or "Zig" not in legible(answer.text)
    for person in (house.ot, house.teacher, house.admin):
        browser = house.browser_of(person)
        assert browser.get("/audit").status_code == 403
        assert browser.get("/audit.csv").status_code == 403


def test_a_lead_sees_nothing_of_another_service_team(house: House):
    south = house.person("Kai South", Role.TEAM_LEAD, team="South")
    ot = house.person("Nell South", Role.THERAPIST, Discipline.OT, team="South")
    yon = house.open_case("Yon", by=ot, members=())
    # A therapist of North helps out with the child of South.
    house.services.doors.execute(ot, AddToTeam(yon, house.slt.person_id, Relation.SPEECH_THERAPIST))
    secret = house.note(house.slt, "of the south", case_id=yon)
    house.services.doors.ask(house.slt, ReadTimeline(yon))
    house.services.doors.ask(house.slt, ReadTimeline(house.child))

    north = house.browser_of(house.lead)
    everything = "".join(file_of(north, path).text for path in ("/audit", "/audit.csv", "/audit.jsonl"))
    everything += north.get(f"/audit?person={house.slt.person_id}").text
    for hidden in ("Yon", str(yon), str(secret), "Nell South", "Kai South", "of the south"):
        assert hidden not in legible(everything), hidden
    assert "A child of another service team" in everything
    assert north.get(f"/audit?child={yon}").status_code == 404
    assert north.get(f"/audit.csv?child={yon}").status_code == 404

    theirs = house.browser_of(south).get("/audit").text
    assert "Yon" in theirs
    assert "Zig" not in legible(theirs)
    assert "Ada Lind" not in theirs


# ---- files -------------------------------------------------------------------------------------------------------


def file_of(browser: Any, address: str) -> Any:
    """A file, read to its end."""
    return browser.get(address, buffered=True)


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


WHEN = "When (time in Europe/Rome)"


def test_the_file_is_whole_named_neutrally_as_the_page_says_it_and_recorded(house: House):
    note = house.note(house.ot, "Tied the laces twice.")
    house.services.doors.execute(
        house.ot, AmendNote(house.child, note, 1, {"text": "Tied the laces, così."}, "two\nlines")
    )
    browser = house.browser_of(house.lead)
    house.clock.turn(minutes=1)
    answer = file_of(browser, f"/children/{house.child}/history.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="coord-history-2026-03-10.csv"'
    rows = rows_of(answer)
    amended = next(row for row in rows if row["What"] == "Note amended")
    assert amended[WHEN] == "2026-03-10 10:00:00"  # the clinic's clock, an hour ahead of UTC
    assert amended["Who"] == "Ada Lind"
    assert amended["Role and discipline"] == "Therapist, Occupational therapy"
    assert amended["Entry"].endswith("Ada Lind")
    assert amended["Entry"].startswith("Narrative of 10/03/2026")
    assert amended["Reason"] == "two\nlines"
    assert amended["After"].endswith(": Tied the laces, così.")
    assert not {"at", "case_id", "request"} & amended.keys(), "columns of machines are in JSON Lines"
    house.clock.turn(minutes=1)
    lines = [json.loads(line) for line in file_of(browser, f"/children/{house.child}/history.jsonl").text.splitlines()]
    assert [line["position"] for line in lines[1:]] == [int(row["Position"]) for row in rows]
    machine = next(line for line in lines if line["kind"] == "case.note-amended")
    assert machine["at"] == "2026-03-10T09:00:00Z"
    assert machine["after"] == {"text": "Tied the laces, così."}
    assert lines[0]["kind"] == "ReadHistory"  # the file before it
    assert lines[0]["detail"]["export"] == "csv"
    assert lines[0]["purpose"] == "export"
    assert lines[0]["categories"] == ["history", "identity", "notes"]
    assert "and took it out as a file" in listed(browser.get(f"/children/{house.child}/history"))


def test_a_file_holds_what_the_filter_lets_through(house: House):
    house.note(house.ot)
    house.services.doors.ask(house.slt, ReadTimeline(house.child))
    browser = house.browser_of(house.lead)
    answer = file_of(browser, f"/children/{house.child}/history.csv?kind=accesses&person={house.slt.person_id}")
    assert [(row["What"], row["Who"]) for row in rows_of(answer)] == [("Looked at the timeline", "Sol Berg")]
    (row,) = rows_of(answer)
    assert "Purpose: Care of the child" in row["Particulars"]
    assert "Data shown: Care team, Name and details, Notes" in row["Particulars"]


@pytest.mark.parametrize(
    ("evil", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("x;=1+1;y", "x;'=1+1;y"),
        ("x; =1", "x; '=1"),
        ('x;"=1', "x;\"'=1"),
        ("x\n=1", "x\n'=1"),
        ("x\u200b=1", "x\u200b=1"),
        ("\u00ad\u2060=1", "\u00ad\u2060'=1"),
        ("x;\ufeff=1", "x;\ufeff'=1"),
        ("8-1=7; and so on", "8-1=7; and so on"),
    ],
)
def test_a_spreadsheet_takes_nothing_in_it_for_a_formula(evil: str, kept: str):
    (cell,) = next(csv.reader(io.StringIO(history_files._csv([[history_files._cell(evil)]]), newline="")))
    assert cell == kept


def test_nothing_in_a_file_is_taken_for_a_formula(house: House):
    house.services.doors.execute(house.ot, CorrectDetails(house.child, 1, {"school": "Vale"}, "x;=1+1"))
    browser = house.browser_of(house.lead)
    rows = rows_of(file_of(browser, f"/children/{house.child}/history.csv?kind=changes"))
    assert "x;'=1+1" in [row["Reason"] for row in rows]
    lines = file_of(browser, f"/children/{house.child}/history.jsonl").text.splitlines()
    assert any(json.loads(line)["reason"] == "x;=1+1" for line in lines)


def test_a_cell_that_a_spreadsheet_cannot_take_is_cut_and_says_where_the_whole_is(house: House):
    long = "Tied the laces. " * 3_000
    note = house.note(house.ot, "Tied the laces twice.")
    house.services.doors.execute(house.ot, AmendNote(house.child, note, 1, {"text": long[:19_990]}, "again"))
    browser = house.browser_of(house.lead)
    with house.app.test_request_context():
        cell = history_files._cell("𝄞" * 40_000)
    assert len(cell.encode("utf-16-le")) // 2 <= 32_767
    assert cell.startswith("𝄞" * 16_000)
    assert cell.endswith("The JSON Lines file has it all.]")
    assert "40000 characters" in cell
    lines = file_of(browser, f"/children/{house.child}/history.jsonl").text
    assert long[:19_990].strip() in lines
    rows = rows_of(file_of(browser, f"/children/{house.child}/history.csv"))
    assert all(len(value) <= 32_767 for row in rows for value in row.values())


def test_a_file_comes_in_pages_without_gap_or_repetition_and_says_where_it_was_cut(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    notes = [house.note(house.ot, f"number {n}") for n in range(7)]
    browser = house.browser_of(house.lead)
    monkeypatch.setattr(audit, "ROWS_AT_A_TIME", 2)
    address = f"/children/{house.child}/history.csv?kind=case.note-signed"
    rows = rows_of(file_of(browser, address))
    positions = [row["Position"] for row in rows]
    assert len(set(positions)) == len(notes)
    assert positions == sorted(positions, key=int, reverse=True)
    monkeypatch.setattr(audit, "MOST_ROWS_IN_A_FILE", 5)
    cut = rows_of(file_of(browser, address))
    assert [row["Position"] for row in cut[:-1]] == positions[:5]
    assert cut[-1]["What"] == "The file ends here: it holds no more than 5 rows."
    lines = file_of(browser, address.replace(".csv", ".jsonl")).text.splitlines()
    assert [json.loads(line)["sort"] for line in lines] == ["change"] * 5 + ["cut-off"]
    monkeypatch.setattr(audit, "MOST_ROWS_IN_A_FILE", 7)
    assert [row["Position"] for row in rows_of(file_of(browser, address))] == positions


# ---- what a look was for, and what it showed ---------------------------------------------------------------------


def test_a_lead_finds_in_the_childs_history_that_they_read_words_in_the_teams_audit(house: House):
    note = house.note(house.ot, "Tied the laces twice.")
    house.services.doors.execute(house.ot, AmendNote(house.child, note, 1, {"text": "Once."}, "miscounted"))
    browser = house.browser_of(house.lead)
    for address in ("/audit", "/audit.csv", "/audit.jsonl"):
        assert "Once" in file_of(browser, address).text
    page = listed(browser.get(f"/children/{house.child}/history?kind=ReadAudit"))
    assert page.count("Looked at the history of the service team") == 3
    assert page.count("and took it out as a file") == 2
    assert "Data shown: History, Name and details, Notes" in page
    assert "Purpose: Review by the team lead" in page
    readers = house.services.doors.ask(house.ot, ReadNoteReaders(house.child, note)).readers
    assert [(r["person_name"], r["times"]) for r in readers] == [("Lea Strand", 3)]


def test_a_list_is_one_row_of_the_audit_and_counted_apart_from_what_was_opened(house: House):
    house.note(house.ot)
    house.services.doors.ask(house.slt, ReadCaseload())
    house.services.doors.ask(house.slt, ReadCaseload())
    house.services.doors.ask(house.slt, ReadTimeline(house.child))
    house.services.doors.ask(house.teacher, ReadCaseload())  # of no service team: nobody else's row tells of it
    lead = house.browser_of(house.lead)
    audited = listed(lead.get(f"/audit?kind=ReadCaseload&person={house.slt.person_id}"))
    assert audited.count("Looked at the home page") == 2
    assert "Children: 1" in audited
    assert "Looked at the home page" in listed(lead.get(f"/audit?kind=ReadCaseload&person={house.teacher.person_id}"))
    page = text_of(lead.get(f"/children/{house.child}/history?person={house.slt.person_id}"))
    assert "once the name in a list, 2 times" in page
    assert listed(lead.get(f"/children/{house.child}/history?kind=ReadCaseload")).count("Sol Berg") == 2


def test_no_words_are_shown_of_a_note_that_was_narrowed_while_its_view_stood_still(house: House):
    note = house.note(house.psychologist, "A word too many.")
    house.services.doors.ask(house.psychologist, ReadNote(house.child, note))
    browser = house.browser_of(house.lead)
    addresses = (f"/children/{house.child}/history", "/audit")
    assert all("A word too many" in browser.get(one).text for one in addresses)
    stores = open_stores(house.services.settings)
    stop(stores, Timeline.NAME, house.clock.now)
    stores.close()
    house.services.doors.execute(house.psychologist, ChangeNoteAudience(house.child, note, "own-discipline"))
    assert not any("A word too many" in browser.get(one).text for one in addresses)


def test_no_words_are_shown_of_a_goal_that_was_narrowed_while_its_view_stood_still(house: House):
    aim = goal(house, "A quiet fear.", by=house.psychologist)
    house.services.doors.ask(house.psychologist, ReadGoal(house.child, aim))
    browser = house.browser_of(house.lead)
    looks_alone = f"/children/{house.child}/history?kind=ReadGoal"
    assert "A quiet fear" in browser.get(looks_alone).text
    stores = open_stores(house.services.settings)
    stop(stores, Goals.NAME, house.clock.now)
    stores.close()
    content = GoalContent("A quiet fear.", ["home"], review_date=date(2026, 5, 1), audience="own-discipline")
    version = house.services.doors.ask(house.psychologist, ReadGoal(house.child, aim)).goal.version
    house.services.doors.execute(house.psychologist, ReviseGoal(house.child, aim, version, content, "for us alone"))
    assert "A quiet fear" not in browser.get(looks_alone).text


def test_a_row_says_which_note_was_read_and_leads_to_it(house: House):
    note = house.note(house.psychologist)
    aim = goal(house, "Zig asks for a break with a card.")
    house.services.doors.ask(house.slt, ReadNote(house.child, note))
    house.services.doors.ask(house.slt, ReadGoal(house.child, aim))
    hidden = house.note(house.psychologist, audience="own-discipline")
    house.services.doors.ask(house.psychologist, ReadNote(house.child, hidden))
    page = house.browser_of(house.lead).get(f"/children/{house.child}/history")
    assert "Read a note Narrative of 10/03/2026, 09:00, Pia Holm: Tied the laces twice." in listed(page)
    assert note.hex in house.services.access.page(case_id=house.child)[0]["entries"], "whose words were shown"
    assert f'/notes/{note}">Read a note</a>' in page.text
    assert "Looked at a goal Zig asks for a break with a card." in listed(page)
    assert str(hidden) not in page.text, "which may not be read"


def test_a_look_from_before_purposes_were_kept_is_unknown_and_never_no(house: House):
    house.note(house.ot)
    columns = {c.name for c in looks.c} - {"id", "purpose", "categories"}
    row = dict.fromkeys(columns, "") | {"at": house.clock.now, "position": 1, "detail": {}, "kind": "ReadTimeline"}
    row |= {"person_id": house.slt.person_id, "person_name": "Sol Berg", "role": "therapist", "outcome": "shown"}
    with house.services.access._engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(looks).values(**{**row, "case_id": house.child}))
    browser = house.browser_of(house.lead)
    page = listed(browser.get(f"/children/{house.child}/history?kind=ReadTimeline"))
    assert "Purpose: not known: this was not kept yet" in page
    assert "Data shown: not known: this was not kept yet" in page
    (line,) = file_of(browser, f"/children/{house.child}/history.jsonl?kind=ReadTimeline").text.splitlines()
    assert json.loads(line)["purpose"] is None
    assert json.loads(line)["categories"] is None


# ---- as somebody could see it ------------------------------------------------------------------------------------


def as_known(house: House, reader: UUID | str, more: str = "") -> Any:
    return house.browser_of(house.lead).get(f"/children/{house.child}/history/as-known?reader={reader}{more}")


def test_the_record_as_the_teacher_could_see_it_then(house: House):
    note = house.note(house.ot, "Shared at first.", audience="care-team-and-school")
    house.note(house.ot, "Never shared.")
    house.clock.turn(hours=3)
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note, "care-team"))
    then = text_of(as_known(house, house.teacher.person_id, "&date=2026-03-10&time=11:00"))
    assert "As Tove Dahl (Teacher) could see it on 10 March 2026, 11:00" in then
    assert "Shared at first." in then
    assert "Never shared." not in then
    now = text_of(as_known(house, house.teacher.person_id))
    assert "As Tove Dahl (Teacher) can see it now" in now
    assert "Shared at first." not in now


def test_the_words_are_those_of_then(house: House):
    note = house.note(house.ot, "First words.")
    house.clock.turn(days=1)
    house.services.doors.execute(house.ot, AmendNote(house.child, note, 1, {"text": "Second words."}, "better"))
    page = text_of(as_known(house, house.slt.person_id, "&date=2026-03-10"))
    assert "could see it on 10 March 2026, 23:59" in page
    assert "First words." in page
    assert "Second words." not in page


def test_somebody_who_has_left_since_could_see_it_then(house: House):
    house.note(house.ot, "Before they left.")
    house.clock.turn(days=3)
    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, house.slt.person_id))
    answered(house.services.doors, COMMAND_LINE, DisablePerson(house.teacher.person_id, "moved away"))
    then = text_of(as_known(house, house.slt.person_id, "&date=2026-03-11"))
    assert "Before they left." in then
    now = text_of(as_known(house, house.slt.person_id))
    assert "Before they left." not in now
    assert "for them, this child was not there" in now
    gone = text_of(as_known(house, house.teacher.person_id))
    assert "had no access to Coord at that time" in gone
    earlier = text_of(as_known(house, house.slt.person_id, "&date=2026-03-09"))
    assert "had no access to Coord at that time" in earlier  # not registered yet


def test_the_role_is_that_of_then(house: House):
    house.note(house.psychologist, "For psychologists.", audience="own-discipline")
    house.clock.turn(days=1)
    house.services.doors.execute(COMMAND_LINE, ChangePersonRole(house.slt.person_id, Role.STUDENT, Discipline.SLT))
    then = text_of(as_known(house, house.slt.person_id, "&date=2026-03-10"))
    assert "As Sol Berg (Therapist, Speech and language therapy) could see it" in then
    assert "As Sol Berg (Student or assistant" in text_of(as_known(house, house.slt.person_id))


def test_nobodys_eyes_are_borrowed_to_see_more(house: House):
    house.note(house.psychologist, "For psychologists.", audience="own-discipline")
    page = text_of(as_known(house, house.psychologist.person_id))
    assert "For psychologists." not in page
    assert "Entries that you yourself may not read are left out" in page


def test_only_the_form_at_first_with_those_who_are_or_were_on_the_team(house: House):
    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, house.slt.person_id))
    house.stranger  # noqa: B018 - registered, and never on the team
    page = house.browser_of(house.lead).get(f"/children/{house.child}/history/as-known")
    assert page.status_code == 200
    names = re.findall(r"<option value=\"[^\"]+\">([^<]+)</option>", page.text)
    assert {"Ada Lind", "Sol Berg", "Tove Dahl", "Lea Strand"} <= set(names)
    assert "Una Rask" not in names
    assert 'as-known">' not in page.text.partition("<main")[2].partition("<section")[2]


def test_times_that_never_were_or_are_to_come_are_refused_with_what_was_typed(house: House):
    house.clock.now = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
    skipped = as_known(house, house.teacher.person_id, "&date=2026-03-29&time=02:30")
    assert skipped.status_code == 422
    assert "the clocks went forward from 02:00 to 03:00" in skipped.text
    assert 'value="02:30"' in skipped.text
    for query, words in (
        ("&date=2026-04-21&time=08:00", "This cannot be in the future"),
        ("&date=2026-04-21", "This cannot be in the future"),
        ("&date=2026-02-30", "Enter a real date"),
        ("&date=2026-04-01&time=25:00", "Enter a time like 14:30"),
        ("&time=10:00", "Enter a real date"),
    ):
        answer = as_known(house, house.teacher.person_id, query)
        assert answer.status_code == 422, query
        assert words in answer.text
    nobody = as_known(house, "", "")
    assert nobody.status_code == 422
    assert "Choose a person from the list" in nobody.text


def test_a_time_that_came_twice_is_the_first_unless_said(house: House):
    house.child  # noqa: B018 - opened in March
    house.clock.now = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45 in summer time
    house.note(house.ot, "Between the two.", audience="care-team-and-school")
    house.clock.turn(days=1)
    first = text_of(as_known(house, house.teacher.person_id, "&date=2026-10-25&time=02:30"))
    assert "showed this time twice" in first
    assert "Between the two." not in first
    second = text_of(as_known(house, house.teacher.person_id, "&date=2026-10-25&time=02:30&second=yes"))
    assert "Between the two." in second


def test_looking_with_anothers_eyes_is_recorded_with_whose(house: House):
    house.note(house.ot, audience="care-team-and-school")
    as_known(house, house.teacher.person_id)
    page = listed(house.browser_of(house.lead).get(f"/children/{house.child}/history?kind=ReadTimelineAs"))
    assert "Looked at the timeline as another reader" in page
    assert "As: Tove Dahl" in page


def test_it_works_alike_on_both_stores(data_folder: Path, database_url: str | None):
    with open_house(data_folder, database_url) as house:
        note = house.note(house.ot, "Tied the laces twice.", audience="care-team-and-school")
        house.services.doors.ask(house.teacher, ReadTimeline(house.child))
        house.clock.turn(minutes=1)
        house.services.doors.execute(house.ot, AmendNote(house.child, note, 1, {"text": "Once."}, "miscounted"))
        house.clock.turn(minutes=1)
        browser = house.browser_of(house.lead)
        page = text_of(browser.get(f"/children/{house.child}/history?from=2026-03-10"))
        assert "Tove Dahl Teacher First 10 Mar 2026, 10:00:00 Last 10 Mar 2026, 10:00:00 How often once" in page
        assert "Each time with Zig" in text_of(browser.get(f"/audit?person={house.teacher.person_id}"))
        assert len(rows_of(file_of(browser, f"/children/{house.child}/history.csv?kind=changes"))) == 8
        then = f"&date=2026-03-10&time={(house.clock.now + timedelta(hours=1, minutes=-2)):%H:%M}"
        assert "Tied the laces twice." in as_known(house, house.teacher.person_id, then).text


def test_a_question_that_is_not_grouped_costs_no_grouping(house: House):
    answer = house.services.doors.ask(house.lead, ReadHistory(house.child))
    assert (answer.seen_by, answer.opened, answer.people) == ([], [], [])


# ---- goals, measures and strategies ------------------------------------------------------------------------------


def test_goals_measures_and_strategies_in_words(house: House):
    aim = goal(house)
    seen(house, aim, house.teacher, "school", 1, support="verbal")
    tried(house, strategy(house), house.teacher, "did-not")
    copm(house)
    instrument(house)
    house.browser_of(house.ot).get(f"/children/{house.child}/goals/review.pdf")
    house.browser_of(house.ot).get(f"/children/{house.child}/measures")
    page = listed(house.browser_of(house.lead).get(f"/children/{house.child}/history"))
    for words in (
        "Goal proposed Wording: 1 Who may see it: Care team and school",
        "Goal agreed Wording: 1 Agreed by: Parent or guardian",
        "State of a goal changed State: Removed: Agreed Added: Being worked on",
        "Goal observed Observed: 10 Mar 2026, 10:00:00 Where: School",
        "Strategy offered Where: School",
        "Told what came of a strategy Observed: 10 Mar 2026, 10:00:00 What came of it: It did not help",
        "COPM recorded Who answered: Parent or guardian Measured on: 10 Mar 2026",
        "Instrument recorded Instrument: MABC-2 Measured on: 9 Mar 2026",
        "Looked at the goals and took it out as a file Shown: The words of 2 entries File: PDF",
        "Looked at the measures",
    ):
        assert words in page, words


def test_a_revised_goal_shows_what_changed_and_why(house: House):
    aim = goal(house, "Asks for a break with a card.")
    content = GoalContent(
        "Asks for a break with two words.",
        ["therapy", "school"],
        review_date=date(2026, 5, 1),
        support="verbal",
        audience="care-team-and-school",
        scale=ScaleContent({**LEVELS, 2: "Asks in whole sentences"}, 0, 3, 2),
    )
    house.services.doors.execute(house.ot, ReviseGoal(house.child, aim, 3, content, "the card is not needed now"))
    page = listed(house.browser_of(house.lead).get(f"/children/{house.child}/history?kind=case.goal-revised"))
    assert "Goal revised Wording: 2" in page
    assert "From version 1 to version 2" in page
    assert "Reason: the card is not needed now" in page
    assert "Goal: Asks for a break with Removed: a card Added: two words" in page
    assert "Help agreed: Removed: Independent Added: With words" in page
    assert "Where it should hold: Therapy" in page
    assert "To be reviewed:" in page
    assert re.search(r"Scale: .*Asks in Removed: words each time Added: whole sentences", page)
    assert "Baseline level: Removed: -1 Added: 0 Importance: 3 Difficulty: 2" in page
    assert "Criterion" not in page


def test_the_reason_of_a_change_of_state_is_told_to_who_may_read_the_goal(house: House):
    goal(house, status="on-hold")
    page = listed(house.browser_of(house.lead).get(f"/children/{house.child}/history?kind=case.goal-status-changed"))
    assert "Reason: a reason" in page


def test_the_words_of_a_goal_that_the_lead_may_not_read_are_withheld(house: House):
    aim = goal(house, "A quiet fear.", status="on-hold", by=house.psychologist, audience="own-discipline")
    content = GoalContent("A quieter fear.", ["home"], review_date=date(2026, 5, 1), audience="own-discipline")
    house.services.doors.execute(house.psychologist, ReviseGoal(house.child, aim, 3, content, "a better word for fear"))
    answer = house.browser_of(house.lead).get(f"/children/{house.child}/history")
    assert "The words of this entry are withheld" in listed(answer)
    assert "fear" not in legible(answer.text)
    assert "a reason" not in answer.text
    assert str(aim) not in answer.text
    file = file_of(house.browser_of(house.lead), f"/children/{house.child}/history.jsonl").data.decode()
    assert "fear" not in file
    assert "a reason" not in file


def test_a_goal_may_be_opened_from_the_history_by_who_may_read_it(house: House):
    open_goal = goal(house)
    closed = goal(house, by=house.psychologist, audience="own-discipline")
    house.services.doors.ask(house.ot, ReadGoal(house.child, open_goal))
    answer = house.services.doors.ask(house.lead, ReadHistory(house.child))
    may = {(i["kind"], i["entry_id"]): i["may_open"] for i in answer.items if i["entry_id"] in (open_goal, closed)}
    assert may["case.goal-proposed", open_goal] is True
    assert may["ReadGoal", open_goal] is True
    assert may["case.goal-proposed", closed] is False
