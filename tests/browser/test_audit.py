"""The team lead's pages in a real browser: accessible in every look, by keyboard, and whole without JavaScript."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from playwright.sync_api import expect

from coord.application.complaint_file.questions import AskForComplaintFile
from coord.application.notes.commands import AddAddendum, AmendNote
from coord.application.timeline.questions import ReadTimeline
from coord.web.complaint_file.ordering import order
from tests.browser.harness import NARROW, PHONE, OpenPage, assert_accessible_in_each_look


def lived_in(live: Any) -> None:
    """A child with a correction, an addendum, something withheld, and readers."""
    doors = live.services.doors
    note = live.note(live.ot, "Tied the laces twice.", audience="care-team-and-school")
    live.clock.turn(hours=1)
    doors.execute(live.ot, AmendNote(live.child, note, 1, {"text": "Tied the laces once."}, "I had counted wrongly"))
    doors.execute(live.slt, AddAddendum(live.child, note, uuid4(), "At home too."))
    hidden = live.note(live.psychologist, "A quiet fear.", audience="own-discipline")
    doors.execute(live.psychologist, AmendNote(live.child, hidden, 1, {"text": "A fear."}, "a better word"))
    for person in (live.teacher, live.slt):
        doors.ask(person, ReadTimeline(live.child))


def test_every_page_is_accessible_in_every_look(open_page: OpenPage, live: Any):
    lived_in(live)
    order(live.services, live.lead, AskForComplaintFile(live.child, "The parents complained"), "en")
    history = f"{live.base_url}/children/{live.child}/history"
    paths = [
        history,
        f"{history}?from=31.2.2026&kind=all",
        f"{live.base_url}/audit",
        f"{live.base_url}/audit?person={live.slt.person_id}",
        f"{live.base_url}/audit?child={live.child}",
        f"{history}/as-known",
        f"{history}/as-known?reader={live.teacher.person_id}",
        f"{history}/as-known?reader={live.teacher.person_id}&date=2026-02-30",
        f"{live.base_url}/children/{live.child}/complaint-files",
    ]
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.lead, "/audit")
    for path in paths:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible_in_each_look(page)


def test_who_saw_the_child_by_keyboard_without_javascript(open_page: OpenPage, live: Any):
    lived_in(live)
    page = open_page(javascript=False)
    live.sign_in(page, live.lead, f"/children/{live.child}/history")
    page.get_by_label("Person").focus()
    page.keyboard.type("Tove")
    page.get_by_role("button", name="Apply").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="How often Tove Dahl saw Zig")).to_be_visible()
    table = page.get_by_role("table", name="Changes and accesses, the newest first")
    expect(table.get_by_text("Looked at the timeline")).to_be_visible()
    expect(table.get_by_text("Note signed")).to_have_count(0)
    page.get_by_role("link", name="last 7 days").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("from=2026-03-03"))
    expect(page.get_by_label("Person")).to_have_value(str(live.teacher.person_id))


def test_what_is_filtered_is_one_line_on_a_phone_and_all_there_at_a_desk(open_page: OpenPage, live: Any):
    lived_in(live)
    history = f"/children/{live.child}/history"
    page = open_page(viewport=PHONE, javascript=False)
    live.sign_in(page, live.lead, history)
    filters = page.get_by_role("search", name="Filter the history")
    line = filters.locator("summary")
    expect(line).to_have_text(re.compile("^Everybody · Everything Change"))
    expect(page.get_by_label("Person")).to_be_hidden()
    box = filters.bounding_box()
    assert box is not None
    assert box["height"] <= 80
    line.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Person").select_option("Tove Dahl")
    page.get_by_label("What", exact=True).select_option("All accesses")
    page.get_by_label("From (first day)").fill("3 3 2026")
    page.get_by_role("button", name="Apply").click()
    expect(line).to_have_text(re.compile("^Tove Dahl · All accesses · since 3 March 2026 Change"))
    expect(page.get_by_label("Person")).to_be_hidden()
    assert f"person={live.teacher.person_id}" in page.url, "the filters are in the address"
    page.goto(f"{live.base_url}{history}?from=31.2.2026")
    expect(page.get_by_label("From (first day)")).to_be_visible()  # what is wrong is in sight
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(live.base_url + history)
    expect(line).to_be_hidden()
    expect(page.get_by_label("Person")).to_be_visible()
    expect(page.get_by_role("button", name="Apply")).to_be_visible()


def test_a_row_on_a_phone_says_one_thing_a_line(open_page: OpenPage, live: Any):
    lived_in(live)
    page = open_page(viewport=PHONE)
    live.sign_in(page, live.lead, "/audit")
    table = page.get_by_role("table", name="Changes and accesses, the newest first")
    row = table.get_by_role("row").filter(has_text="Note signed").filter(has=page.get_by_role("link", name="Zig"))
    cells = [cell.bounding_box() for cell in row.first.get_by_role("cell").all()]
    assert len(cells) == 4
    assert len({box["x"] for box in cells if box}) == 1, "each begins where the one above it does"
    assert [box["y"] for box in cells if box] == sorted({box["y"] for box in cells if box})
    for link in table.get_by_role("link").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 24


def test_the_difference_does_not_rest_on_colour(open_page: OpenPage, live: Any):
    lived_in(live)
    page = open_page()
    live.sign_in(page, live.lead, f"/children/{live.child}/history")
    removed, added = page.locator("del", has_text="twice"), page.locator("ins", has_text="once")
    assert "line-through" in removed.evaluate("e => getComputedStyle(e).textDecorationLine")
    assert removed.evaluate("e => getComputedStyle(e, '::before').content") != "none"
    assert added.evaluate("e => getComputedStyle(e, '::before').content") != "none"
    expect(removed).to_contain_text("Removed:")
    expect(added).to_contain_text("Added:")


def test_a_file_is_taken_out_under_a_neutral_name(open_page: OpenPage, live: Any):
    lived_in(live)
    page = open_page()
    live.sign_in(page, live.lead, f"/children/{live.child}/history")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV, for a spreadsheet").click()
    assert download.value.suggested_filename == "coord-history-2026-03-10.csv"
    assert "counted wrongly" in download.value.path().read_text(encoding="utf-8-sig")


def test_the_record_as_the_teacher_could_see_it_by_the_form(open_page: OpenPage, live: Any):
    lived_in(live)
    live.clock.turn(minutes=5)
    page = open_page()
    live.sign_in(page, live.lead, f"/children/{live.child}/history")
    page.get_by_role("link", name="See the record as somebody could see it on a day").click()
    page.get_by_label("With whose eyes").select_option("Tove Dahl")
    then = (live.clock.now + timedelta(hours=1) - timedelta(minutes=35)).strftime(
        "%H:%M"
    )  # the clinic is an hour ahead
    page.get_by_label("On which day").fill("2026-03-10")
    page.get_by_label("At what time").fill(then)
    page.get_by_role("button", name="Show the record").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(
        f"As Tove Dahl (Teacher) could see it on 10 March 2026, {then}"
    )
    expect(page.get_by_text("Tied the laces twice.")).to_be_visible()
    expect(page.get_by_text("A quiet fear.")).to_have_count(0)
    page.get_by_label("On which day").fill("")
    page.get_by_label("At what time").fill("")
    page.get_by_role("button", name="Show the record").click()
    expect(page.get_by_text("Tied the laces once.")).to_be_visible()
