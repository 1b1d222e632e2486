"""A team lead asks for a child's complaint file, sees how far it is, and takes it; whatever happens to who makes it."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import delete

from coord.application.goals.commands import EnterGoalInError
from coord.application.notes.commands import AddAddendum, AmendNote, ChangeNoteAudience, EnterNoteInError
from coord.application.notes.questions import ReadNote
from coord.application.people.commands import ChangePersonRole, DisablePerson, MovePerson
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Role
from coord.domain.note_template import TemplateUsed, section_key
from coord.domain.teams import on_purpose
from coord.office.complaint_files import KEPT, PIECES, ComplaintFile, ComplaintFiles, Stopped
from coord.persistence import open_stores
from coord.web.complaint_file import making
from coord.web.complaint_file.making import make_next
from tests.aims import alerted, goal, seen
from tests.house import House
from tests.projections.test_following import stop


def place(house: House) -> str:
    return f"/children/{house.child}/complaint-files"


def ask(house: House, **typed: str) -> ComplaintFile:
    answer = house.browser_of(house.lead).post(place(house), {"reason": "The parents complained", **typed})
    assert answer.status_code == 303, answer.text
    house.clock.turn(minutes=1)
    return own(house)[0]


def own(house: House, person: Actor | None = None) -> list[ComplaintFile]:
    return files(house).of((person or house.lead).person_id, house.child, house.clock.now)


def files(house: House) -> ComplaintFiles:
    return ComplaintFiles(house.services.office)


def make(house: House) -> bool:
    return make_next(house.app, house.services)


def taken(house: House, file: ComplaintFile, ending: str = "pdf", by: Actor | None = None) -> Any:
    return house.browser_of(by or house.lead).get(f"{place(house)}/{file.id}.{ending}")


def words(answer: Any) -> str:
    """All that the file says, without its line breaks."""
    reader = PdfReader(io.BytesIO(answer.data), strict=True)
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_it_is_asked_for_made_and_taken_and_names_every_look(either_house: House):
    house = either_house
    note = house.note(house.ot, "Tied both laces, for the first time.")
    house.services.doors.ask(house.slt, ReadNote(house.child, note))
    seen(house, goal(house), house.teacher, "school", 0)
    house.summary()
    file = ask(house)
    assert "It waits to be made." in house.browser_of(house.lead).get(place(house)).text
    looks = house.services.access.page(case_id=house.child, end=file.asked_at + timedelta(microseconds=1), limit=1000)

    assert make(house)
    assert not make(house)
    (file,) = own(house)
    assert (file.status, file.looks) == ("ready", len(looks))
    answer = taken(house, file)
    assert answer.content_type == "application/pdf"
    assert len(answer.data) == file.pdf_size == answer.content_length
    assert "Zig" not in answer.headers["Content-Disposition"]
    said = words(answer)
    for known in (
        "Tied both laces, for the first time.",
        "The parents complained",
        "Loves trains",
        f"position {file.position}",
    ):
        assert known in said
    assert said.count("Asked for the complaint file") == 1
    told = lines(taken(house, file, "zip"), "looks")
    assert len(told) == len(looks)
    assert [one["known"]["Who"].partition(" (")[0] for one in told] == [look["person_name"] for look in looks]
    for name in {look["person_name"] for look in looks}:
        assert name in said
    kinds = [look["kind"] for look in house.services.access.page(case_id=house.child, limit=3)]
    assert kinds.count("TakeComplaintFile") == 2


def test_an_alert_is_told_in_words(house: House):
    alerted(house)
    file = ask(house)
    assert make(house)
    told = words(taken(house, file))
    assert all(one in told for one in ("Alert raised", "Nut allergy", "Pen in the red bag."))


def lines(answer: Any, chapter: str) -> list[Any]:
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        return [json.loads(line) for line in archive.read(f"{chapter}.jsonl").splitlines()]


def test_the_same_as_data_has_plain_words_and_says_what_they_mean(house: House):
    house.note(house.ot, "Tied both laces.", setting="school")
    file = ask(house)
    make(house)
    answer = taken(house, file, "zip")
    (entry,) = (one for one in lines(answer, "entries") if one["what"].startswith("Tied"))
    assert entry["known"]["Who"] == "Ada Lind (Therapist, Occupational therapy)"
    assert entry["words"] == [{"of": "What happened", "text": "Tied both laces."}]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        readme = archive.read("README.txt").decode()
        assert {f"{chapter}.jsonl" for chapter in ("child", "goals", "looks")} <= set(archive.namelist())
    assert f"position {file.position}" in readme
    assert "“known” what is known of it" in readme


def test_the_pdf_has_contents_marks_page_numbers_and_the_moment_at_every_foot(house: House):
    house.note(house.ot)
    file = ask(house)
    make(house)
    reader: Any = PdfReader(io.BytesIO(taken(house, file).data), strict=True)
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    foot = f"as known on 10 March 2026, 10:00:00, position {file.position}"
    assert all(foot in page for page in pages)
    assert pages[0].endswith("Page i")
    assert [page.rpartition("Page ")[2] for page in pages[1:]] == [str(n) for n in range(1, len(pages))]
    assert reader.page_labels == ["i", *(str(n) for n in range(1, len(pages)))]
    chapters = [one.title for one in reader.outline if not isinstance(one, list)]
    assert chapters == [
        *("The child and the care team", "School summary", "Goals", "The record, by the day it tells of"),
        *("Who wrote and changed what", "Who looked", "How to read this file"),
    ]
    for title in chapters:
        on_page = re.search(re.escape(title) + r", page (\d+)", pages[0])
        assert on_page, title
        assert title in pages[int(on_page[1])]
    links = [link.get_object()["/Dest"][0].get_object() for link in reader.pages[0]["/Annots"]]
    assert len(links) >= len(chapters)
    assert reader.root_object["/Lang"] == "en"
    assert own(house)[0].pages == len(pages)


def test_what_is_longer_than_one_part_goes_on_with_its_page_numbers(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("coord.web.complaint_file.parts.MOST_BLOCKS", 3)
    for n in range(7):
        house.note(house.ot, f"Note of number {n}.")
    file = ask(house)
    make(house)
    said = words(taken(house, file))
    assert all(said.count(f"Note of number {n}.") >= 1 for n in range(7))
    assert "The record, by the day it tells of, continued" in said
    assert "March 2026, continued" in said
    (file,) = own(house)
    assert f"Page {file.pages - 1}" in said


@pytest.mark.parametrize("who", ["ot", "teacher", "admin", "stranger"])
def test_nobody_else_is_led_to_it_or_finds_it(house: House, who: str):
    file = ask(house)
    make(house)
    browser = house.browser_of(getattr(house, who))
    assert browser.get(place(house)).status_code in (403, 404)
    for rest in (f"{file.id}.pdf", f"{file.id}.zip", f"{file.id}/progress"):
        assert browser.get(f"{place(house)}/{rest}").status_code == 404


def test_another_lead_of_the_team_does_not_take_what_one_asked_for(house: House):
    file = ask(house)
    make(house)
    other = house.person("Lou Falk", Role.TEAM_LEAD)
    assert house.browser_of(other).get(place(house)).status_code == 200
    assert taken(house, file, by=other).status_code == 404


def test_the_form_comes_back_with_what_was_typed(house: House):
    browser = house.browser_of(house.lead)
    answer = browser.post(place(house), {"reason": "", "date": "1 1 2020"})
    assert answer.status_code == 422
    assert "Say why the file is needed" in answer.text
    assert "The record had not begun then" in browser.post(place(house), {"reason": "Why", "date": "1 1 2020"}).text
    assert not own(house)


def test_asking_twice_for_the_same_reader_makes_one_file(house: House):
    first = ask(house)
    assert ask(house).id == first.id
    assert ask(house, reader=str(house.slt.person_id)).reader == house.slt.person_id
    assert len(own(house)) == 2


def test_what_is_asked_for_of_another_day_or_for_another_reason_is_another_file(either_house: House):
    house = either_house
    _ = house.child
    house.clock.turn(days=3)
    first = ask(house)
    days = ["11/03/2026", "12/03/2026"]
    asked = [first, *(ask(house, date=day) for day in days), ask(house, reason="A court asks")]
    assert len({file.id for file in asked}) == 4
    assert len({file.at for file in asked}) == 4
    assert ask(house, date=days[0]).id in {file.id for file in asked}
    assert len(own(house)) == 4


def test_how_far_it_is_tells_nothing_of_the_child_and_leaves_no_look(house: House):
    file = ask(house)
    before = house.services.access.count(house.child)
    answer = house.browser_of(house.lead).get(f"{place(house)}/{file.id}/progress")
    assert "<progress" in answer.text
    assert 'hx-trigger="every 2s"' in answer.text
    assert "Zig" not in answer.text
    assert house.services.access.count(house.child) == before
    make(house)
    assert "hx-get" not in house.browser_of(house.lead).get(f"{place(house)}/{file.id}/progress").text


def test_one_that_is_removed_is_not_made_and_nothing_is_left(house: House, monkeypatch: pytest.MonkeyPatch):
    file = ask(house)
    browser = house.browser_of(house.lead)

    def remove_it(*_: object) -> None:
        browser.post(f"{place(house)}/{file.id}/remove", form_on=place(house))

    monkeypatch.setattr(making._Making, "_has_read", remove_it)  # in the middle of making it
    assert make(house)
    (file,) = own(house)
    assert file.status == "cancelled"
    assert list(files(house).pieces(file, "pdf")) == []
    assert taken(house, file).status_code == 303


WITHDRAWN = "It was withdrawn, and nothing of it is left"


def refused(house: House, file: ComplaintFile) -> str:
    """Taking it leads back to the page, which says why; nothing of it is left."""
    for ending in ("pdf", "zip"):
        answer = taken(house, file, ending)
        assert answer.status_code == 303
    now = next(one for one in own(house) if one.id == file.id)
    assert now.status == "withdrawn"
    assert [list(files(house).pieces(file, form)) for form in ("pdf", "data", "held")] == [[], [], []]
    looks = house.services.access.page(case_id=house.child, limit=100)
    assert {look["outcome"] for look in looks if look["kind"] == "TakeComplaintFile"} == {"refused"}
    return str(house.browser_of(house.lead).get(place(house)).text)


def test_what_was_taken_from_the_sight_of_who_asked_is_not_taken_in_a_file(either_house: House):
    house = either_house
    note = house.note(house.ot, "Tied both laces.")
    file = ask(house)
    make(house)
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note, "own-discipline"))
    assert WITHDRAWN in refused(house, file)
    again = ask(house)
    assert again.id != file.id
    make(house)
    answer = taken(house, again)
    assert answer.status_code == 200
    assert "Tied both laces." not in words(answer)


def test_what_may_be_read_by_more_or_was_never_in_it_keeps_no_file_back(either_house: House):
    house = either_house
    wider = house.note(house.ot, "Tied both laces.")
    never = house.note(house.psychologist, "For psychology alone.", audience="own-discipline")
    file = ask(house)
    make(house)
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, wider, "care-team-and-school"))
    house.services.doors.execute(house.psychologist, AmendNote(house.child, never, 1, {"text": "Still."}, "A slip"))
    later = house.note(house.slt, "Later.")
    house.services.doors.execute(house.slt, ChangeNoteAudience(house.child, later, "own-discipline"))
    answer = taken(house, file)
    assert answer.status_code == 200
    assert "Tied both laces." in words(answer)


def test_what_was_closed_and_opened_again_since_is_not_in_a_file_of_before(either_house: House):
    """What colleagues added to it is not opened with it."""
    house = either_house
    note = house.note(house.ot)
    addendum = AddAddendum(house.child, note, uuid4(), "He told me why.")
    house.services.doors.execute(house.slt, addendum)
    file = ask(house)
    make(house)
    for audience in ("own-discipline", "care-team"):
        house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note, audience))
    assert WITHDRAWN in refused(house, file)


@pytest.mark.parametrize("for_whom", ["", "slt"])
def test_a_mistake_is_in_no_readers_file_and_stays_in_the_leads(either_house: House, for_whom: str):
    house = either_house
    note = house.note(house.ot, "Of another child.")
    file = ask(house, reader=str(getattr(house, for_whom).person_id) if for_whom else "")
    make(house)
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "Wrong child"))
    if for_whom:
        assert WITHDRAWN in refused(house, file)
    else:
        assert "Of another child." in words(taken(house, file))


def test_what_was_taken_from_its_reader_is_not_taken_for_them(either_house: House):
    house = either_house
    note = house.note(house.ot, "For the school.", audience="care-team-and-school")
    theirs, whole = ask(house, reader=str(house.teacher.person_id)), ask(house)
    while make(house):
        pass
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note, "care-team"))
    assert WITHDRAWN in refused(house, theirs)
    assert "For the school." in words(taken(house, whole)), "the lead reads it"


def test_a_goal_that_was_taken_back_is_in_no_readers_file(either_house: House):
    house = either_house
    aim = goal(house, "Zig asks for a break with a card.")
    file = ask(house, reader=str(house.slt.person_id))
    make(house)
    house.services.doors.execute(house.ot, EnterGoalInError(house.child, aim, "Of another child"))
    assert WITHDRAWN in refused(house, file)


def test_who_leads_another_team_or_is_of_another_discipline_by_now_takes_nothing(either_house: House):
    house = either_house
    house.note(house.ot)
    file, other = ask(house), ask(house, reason="A court asks")
    while make(house):
        pass
    other_discipline = ChangePersonRole(house.lead.person_id, Role.TEAM_LEAD, Discipline.PSYCHOLOGY)
    house.services.doors.execute(COMMAND_LINE, other_discipline)
    assert WITHDRAWN in refused(house, file)
    team = "South"
    house.services.doors.execute(COMMAND_LINE, MovePerson(house.lead.person_id, team, on_purpose(team)))
    assert taken(house, other).status_code in (403, 404)
    assert own(house)[0].status == "ready", "nothing is told of it"


def test_one_that_was_made_before_it_was_known_what_it_holds_is_asked_for_anew(either_house: House):
    house = either_house
    file = ask(house)
    make(house)
    with house.services.office.begin() as connection:
        connection.execute(delete(PIECES).where(PIECES.c.form == "held"))
    assert WITHDRAWN in refused(house, file)


def test_while_nobody_can_tell_what_was_taken_back_nothing_leaves(either_house: House):
    house = either_house
    house.note(house.ot)
    file = ask(house)
    make(house)
    stores = open_stores(house.services.settings)
    stop(stores, "timeline", house.clock.now)
    stores.close()
    answer = taken(house, file)
    assert answer.status_code == 503
    assert "The picture is incomplete just now" in answer.text
    assert own(house)[0].status == "ready"


def test_after_its_days_nothing_of_it_is_left(house: House):
    file = ask(house)
    make(house)
    (file,) = own(house)
    house.clock.turn(seconds=KEPT.total_seconds() + 1)
    assert own(house) == []
    assert taken(house, file).status_code == 404
    make(house)
    assert list(files(house).pieces(file, "pdf")) == []
    assert "AskForComplaintFile" in {look["kind"] for look in house.services.access.page(case_id=house.child)}


def test_one_that_nobody_makes_says_so_and_what_to_do_and_is_made_once_a_worker_runs(either_house: House):
    house = either_house
    file = ask(house)
    browser = house.browser_of(house.lead)
    house.clock.turn(minutes=8)
    assert "It waits to be made." in browser.get(place(house)).text
    house.clock.turn(minutes=2)
    page = browser.get(place(house)).text
    assert "Nothing has worked on it for ten minutes" in page
    assert "Tell whoever looks after Coord" in page
    assert "Do not make it" in page
    assert 'hx-trigger="every 30s"' in page
    assert make(house), "whoever makes it takes what waits, however long"
    assert [(one.id, one.status) for one in own(house)] == [(file.id, "ready")]


def test_one_that_waits_while_another_is_made_is_not_left_alone(either_house: House):
    house = either_house
    first = ask(house, reason="A court asks")
    second = ask(house)
    at_it = files(house).take(house.clock.now)
    assert at_it is not None
    assert at_it.id == first.id
    for _minute in range(15):
        house.clock.turn(minutes=1)
        files(house).beat(at_it, house.clock.now)
    assert not files(house).unattended(second, house.clock.now)
    house.clock.turn(minutes=11)
    assert files(house).unattended(second, house.clock.now)
    assert files(house).unattended(own(house)[1], house.clock.now), "and what was begun and left as well"


def test_asked_for_anew_while_nobody_makes_it_it_is_of_the_new_moment(either_house: House):
    house = either_house
    old = ask(house)
    house.clock.turn(hours=5)
    new = ask(house)
    assert new.id != old.id
    assert new.at > old.at
    assert [(one.id, one.status) for one in own(house)] == [(new.id, "waiting"), (old.id, "cancelled")]


def test_what_nobody_made_in_seven_days_has_failed_and_then_is_gone(either_house: House):
    house = either_house
    ask(house)
    house.clock.turn(seconds=KEPT.total_seconds() + 1)
    (file,) = own(house)
    assert (file.status, file.why) == ("failed", "never-made")
    assert "in seven days nothing began to make it" in house.browser_of(house.lead).get(place(house)).text
    assert not make(house)
    house.clock.turn(seconds=KEPT.total_seconds() + 1)
    assert own(house) == []


def test_a_maker_with_another_clock_takes_what_waits_and_lets_nothing_go(either_house: House):
    house = either_house
    asked = ask(house)
    much_later = house.clock.now + KEPT * 30
    files(house).sweep(much_later)
    taken_on = files(house).take(much_later)
    assert taken_on is not None
    assert taken_on.id == asked.id
    (file,) = own(house)
    assert file.status == "making"
    assert not files(house).unattended(file, house.clock.now)


def test_what_its_maker_left_is_begun_anew_and_is_said_to_have_failed_after_three_times(either_house: House):
    house = either_house
    file = ask(house)
    kept = files(house)
    before: ComplaintFile | None = None
    for attempt in (1, 2, 3):
        lost = kept.take(house.clock.now)
        assert lost is not None
        assert lost.attempt == attempt
        kept.add(lost, "pdf", 0, b"half of it", house.clock.now)
        if before is not None:
            with pytest.raises(Stopped):  # who was thought lost comes back
                kept.add(before, "pdf", 1, b"the other half", house.clock.now)
        before = lost
        assert not kept.waiting(house.clock.now), "somebody is at it"
        house.clock.turn(minutes=2)
        assert kept.waiting(house.clock.now)
    make(house)
    (file,) = own(house)
    assert (file.status, file.why) == ("failed", "given-up")
    assert "never finished" in house.browser_of(house.lead).get(place(house)).text
    assert list(kept.pieces(file, "pdf")) == []


def test_one_that_was_left_halfway_is_made_whole_by_the_next(house: House):
    house.note(house.ot, "Tied both laces.")
    file = ask(house)
    lost = files(house).take(house.clock.now)
    assert lost is not None
    files(house).add(lost, "pdf", 0, b"half of it", house.clock.now)
    house.clock.turn(minutes=2)
    assert make(house)
    assert "Tied both laces." in words(taken(house, file))
    with pytest.raises(Stopped):  # who was thought lost comes back, and changes nothing
        files(house).add(lost, "pdf", 1, b"the other half", house.clock.now)


def test_who_is_stopped_gives_the_file_back(house: House, monkeypatch: pytest.MonkeyPatch):
    ask(house)

    def stop(*_: object) -> None:
        raise SystemExit(143)

    monkeypatch.setattr(making._Making, "_has_read", stop)
    with pytest.raises(SystemExit):
        make(house)
    (file,) = own(house)
    assert (file.status, file.attempt) == ("waiting", 0)


def test_a_fault_is_said_and_quotes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    house.note(house.ot, "Tied both laces.")
    ask(house)

    def fail(*_: object) -> None:
        raise ValueError("Tied both laces.")

    monkeypatch.setattr(making._Making, "_has_read", fail)
    assert make(house)
    (file,) = own(house)
    assert (file.status, file.why) == ("failed", "fault")
    assert "ValueError" in caplog.text
    assert "laces" not in caplog.text


def test_who_may_not_come_in_any_more_gets_no_file(house: House):
    other = house.person("Lou Falk", Role.TEAM_LEAD)
    answer = house.browser_of(other).post(place(house), {"reason": "The parents complained"})
    assert answer.status_code == 303
    house.services.doors.execute(house.admin, DisablePerson(other.person_id, "Left"))
    assert make(house)
    (file,) = own(house, other)
    assert (file.status, file.why) == ("failed", "not-permitted")


def test_a_note_in_a_template_stands_in_it_in_the_words_that_it_was_written_in(house: House):
    template = house.template()
    why, understood = section_key(template, 1), section_key(template, 3)
    sections = {why: "His mother asked.", understood: "Ties the first knot."}
    note = house.note(house.ot, format="template", template=TemplateUsed(template, 1), sections=sections)
    change = AmendNote(house.child, note, 1, {**sections, understood: "Ties both knots."}, "A slip")
    house.services.doors.execute(house.ot, change)
    file = ask(house)
    assert make(house)
    told = taken(house, file, "zip")
    (entry,) = [one for one in lines(told, "entries") if "Ties both knots." in str(one)]
    assert entry["what"] == "Ties both knots."
    assert entry["known"]["Kind of entry"] == "First visit"
    assert [one for one in entry["words"] if "Why they came" in str(one)]
    assert not [name for name in ("entries", "changes") if section_key(template, 3) in str(lines(told, name))]
