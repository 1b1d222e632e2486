"""Notes in a real browser: nothing typed is lost, the keyboard is enough, and so is a browser without JavaScript."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import AddAddendum, AmendNote, ChangeNoteAudience, EnterNoteInError, SaveDraft
from coord.application.notes.questions import ReadNote
from coord.application.timeline.questions import ReadTimeline
from coord.domain.actors import Actor
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, OpenPage, assert_accessible, assert_accessible_in_each_look

FIRST = "Subjective: what the child or family said"
KEPT = re.compile("Draft kept")


def new(live: Live) -> str:
    return f"/children/{live.child}/notes/new"


def at_work(live: Live, page: Page, to: str, person: Actor | None = None) -> Page:
    """Signed in and there."""
    live.sign_in(page, person or live.ot, to)
    return page


def draft_bodies(live: Live) -> list[str]:
    """What is kept of the therapist's drafts, first section each."""
    found = live.services.drafts.of(live.ot.person_id)
    return [draft.body["sections"].get("subjective", "") for draft in found]


def signed(live: Live) -> list[str]:
    answer = live.services.doors.ask(live.ot, ReadTimeline(live.child))
    return [" ".join(i["sections"].values()) for i in answer.items if i["kind"] == "note"]


def test_every_page_of_notes_is_accessible_in_every_look(live: Live, open_page: OpenPage):
    live.child  # noqa: B018
    execute = live.services.doors.execute
    note = live.note(live.ot, "Tied the laces twice.", audience="care-team-and-school", present=("Mother",))
    execute(live.ot, AmendNote(live.child, note, 1, {"text": "Tied both laces once."}, "Counted wrongly"))
    execute(live.psychologist, AddAddendum(live.child, note, uuid4(), "At home too."))
    execute(live.ot, ChangeNoteAudience(live.child, note, "care-team"))
    student, wrong = live.note(live.student, "Cut a line."), live.note(live.ot, "Somebody else.")
    execute(live.ot, EnterNoteInError(live.child, wrong, "Another child"))
    draft = uuid4()
    body = {
        "format": "dap",
        "sections": {"subjective": "Left over.", "plan": "x"},
        "observed_from": "2026-03-10T07:15:00+00:00",
    }
    execute(live.ot, SaveDraft(live.child, draft, "note", body))
    child = f"{live.base_url}/children/{live.child}"
    places = [
        "/notes/new",
        f"/drafts/{draft}?earlier=1",
        f"/drafts/{draft}/discard",
        *(f"/notes/{note}{page}" for page in ("", "/readers", "/amend", "/circumstances", "/audience", "/error")),
        f"/notes/{student}",
        f"/notes/{wrong}",
    ]
    page = at_work(live, open_page(viewport=NARROW), new(live))
    for place in places:
        page.goto(child + place)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible_in_each_look(page)
    page.goto(child + "/notes/new")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert_accessible_in_each_look(page)


def test_a_note_is_written_and_signed_by_keyboard_alone(live: Live, page: Page):
    at_work(live, page, new(live))
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()  # whom it is about, while one begins to write
    expect(page.get_by_label(FIRST)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#when summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("group", name="Observed from").get_by_label("Date")).to_be_focused()
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Who was present")).to_be_focused()
    page.keyboard.type("Mother")
    page.keyboard.press("Tab")
    expect(page.get_by_label(FIRST)).to_be_focused()
    for words in ("Said it was easy.", "Tied both laces.", "Ready for more.", "Double knots."):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    for _ in range(5):  # phrases, another template, what stands beside, all goals, link an earlier note
        page.keyboard.press("Tab")
    expect(page.locator("#who summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Care team", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-audience-statement]")).to_have_text(
        "The care team and the school will see this. The family will not."
    )
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Signed, 10:00. The care team and the school will see this.")
    assert signed(live) == ["Said it was easy. Tied both laces. Ready for more. Double knots."]
    assert draft_bodies(live) == []


def test_a_note_that_is_there_already_is_asked_about_where_one_can_answer(live: Live, open_page: OpenPage):
    note = live.note(live.ot, "Tied the laces.", observed_from=live.clock.now - timedelta(hours=1))
    page = at_work(live, open_page(viewport=NARROW), new(live))
    page.goto(f"{live.base_url}{new(live)}?format=narrative")
    page.locator("#section-text").fill("Asked for help.")
    page.get_by_role("button", name="Sign", exact=True).click()
    question = page.get_by_role("group", name="Is this as you mean it?")
    expect(question).to_contain_text(
        "You signed another note about this child of just this time (10 March 2026, 09:00)"
    )
    expect(question.get_by_role("link")).to_have_attribute("href", f"/children/{live.child}/notes/{note}")
    expect(page.locator("#section-text")).to_have_value("Asked for help.")
    assert_accessible_in_each_look(page)
    question.get_by_label("Yes, it is meant so").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Signed, 10:00.")
    assert sorted(signed(live)) == ["Asked for help.", "Tied the laces."]


def test_enter_in_a_field_keeps_the_draft_and_never_signs(live: Live, page: Page):
    at_work(live, page, new(live))
    page.keyboard.type("Half a")
    page.locator("#when summary").click()
    page.get_by_role("group", name="Observed from").get_by_label("Time").press("Enter")
    expect(page.locator("#autosave")).to_have_text(KEPT)
    expect(page).to_have_url(re.compile("/drafts/"))
    assert (draft_bodies(live), signed(live)) == (["Half a"], [])


@pytest.mark.parametrize("asks_first", [False, True])
def test_a_closed_tab_loses_nothing(live: Live, page: Page, asks_first: bool):
    at_work(live, page, new(live))
    page.keyboard.type("Begun in a hurry")
    if asks_first:  # closed within the pause: the browser asks, and whatever the answer, the words are on their way
        page.on("dialog", lambda dialog: dialog.accept())
        page.close(run_before_unload=True)
    else:
        expect(page.locator("#autosave")).to_have_text("Draft kept, 10:00")
        page.close()
    again = page.context.new_page()
    again.goto(f"{live.base_url}/")
    draft = again.locator('main a[href*="/drafts/"]').first
    for _ in range(50):  # the next page may be asked for before the last words of the closed one have arrived
        if draft.is_visible():
            break
        again.reload()
    draft.click()
    expect(again.get_by_label(FIRST)).to_have_value("Begun in a hurry")


def test_a_reloaded_page_goes_on_with_its_draft(live: Live, page: Page):
    at_work(live, page, new(live))
    page.keyboard.type("Once")
    expect(page.locator("#autosave")).to_have_text(KEPT)
    page.reload()
    expect(page.get_by_label(FIRST)).to_have_value("Once")
    page.keyboard.press("End")
    page.keyboard.type(" more")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Signed")
    assert signed(live) == ["Once more"]


def test_the_other_language_goes_on_with_the_same_draft(live: Live, page: Page):
    at_work(live, page, new(live))
    page.keyboard.type("In any language.")
    expect(page.locator("#autosave")).to_contain_text(KEPT)
    page.get_by_role("button", name="Italiano").click()
    expect(page.get_by_role("button", name="Firma", exact=True)).to_be_visible()
    expect(page.locator("#section-subjective")).to_have_value("In any language.")


def test_two_tabs_on_one_draft(live: Live, page: Page):
    at_work(live, page, new(live))
    page.keyboard.type("Shared. ")
    expect(page.locator("#autosave")).to_have_text(KEPT)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label(FIRST).press_sequentially("There.")
    expect(other.locator("#autosave")).to_have_text(KEPT)
    other.get_by_role("button", name="Keep as draft").last.click()
    expect(other).to_have_url(re.compile("/drafts/"))

    page.get_by_label(FIRST).press_sequentially("Here.")
    expect(page.locator("#autosave")).to_contain_text("changed in another tab or window")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", name="This draft was changed elsewhere")).to_be_visible()
    assert_accessible(page)
    expect(page.get_by_label(FIRST)).to_have_value("Shared. Here.")
    page.get_by_role("button", name="Keep this as a draft of its own").first.click()
    expect(page.get_by_label(FIRST)).to_have_value("Shared. Here.")
    assert sorted(draft_bodies(live)) == sorted(["Shared. Here.", other.get_by_label(FIRST).input_value()])
    assert signed(live) == []


def test_a_double_click_signs_one_note(live: Live, page: Page):
    at_work(live, page, new(live))
    page.keyboard.type("Once only.")
    page.get_by_role("button", name="Sign", exact=True).dblclick()
    expect(page.locator("#said")).to_contain_text("Signed")
    assert signed(live) == ["Once only."]


def test_out_of_reach_the_words_stay_on_the_page_and_go_when_it_is_back(live: Live, page: Page):
    at_work(live, page, new(live))
    reachable = False

    def gate(route: Route) -> None:
        route.continue_() if reachable else route.abort()

    page.route("**/drafts/**", gate)
    page.keyboard.type("Not lost.")
    expect(page.locator("#autosave")).to_contain_text("Kept on this device")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#autosave")).to_contain_text("Waiting to be sent: 1")
    expect(page.get_by_label(FIRST)).to_have_value("Not lost.")  # nothing was sent into the void
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.close(run_before_unload=True)
    expect(page.get_by_label(FIRST)).to_have_value("Not lost.")
    assert asked == ["beforeunload"]
    assert "lost" not in page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    reachable = True
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Signed")
    assert signed(live) == ["Not lost."]


def test_signed_out_in_between_the_words_wait_for_the_next_sign_in(live: Live, page: Page):
    at_work(live, page, new(live))
    live.clock.turn(hours=1)
    page.keyboard.type("Still here.")
    expect(page.locator("#autosave")).to_contain_text("You are signed out")
    again = page.context.new_page()
    live.sign_in(again, live.ot, "/account")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Signed")
    assert signed(live) == ["Still here."]


def test_signed_out_in_another_tab_it_says_so_and_nobody_else_gets_the_words(live: Live, page: Page):
    at_work(live, page, new(live))
    other = page.context.new_page()
    other.goto(live.base_url)
    live.sign_out(other)
    page.keyboard.type("Mine alone.")
    expect(page.locator("#autosave")).to_contain_text("You are signed out")
    live.sign_in(other, live.psychologist, "/account")
    page.keyboard.type(" Still.")
    expect(page.locator("#autosave")).to_contain_text("Somebody else is signed in now")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#autosave")).to_contain_text("Somebody else is signed in now")
    expect(page.get_by_label(FIRST)).to_have_value("Mine alone. Still.")
    assert live.services.drafts.of(live.psychologist.person_id) == []
    assert signed(live) == []
    live.sign_out(other)
    live.sign_in(other, live.ot, "/account")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Signed")
    assert signed(live) == ["Mine alone. Still."]


def test_without_javascript_a_note_is_written_kept_signed_corrected_and_read(live: Live, open_page: OpenPage):
    page = at_work(live, open_page(javascript=False), new(live))
    page.get_by_label(FIRST).fill("By hand.")
    page.locator("#who summary").click()
    for statement in ("The therapists on this child's care team", "The care team and the school will see this."):
        expect(page.get_by_text(statement).first).to_be_visible()
    page.get_by_role("button", name="Keep as draft").last.click()
    expect(page.locator("#autosave")).to_have_text("Draft kept, 10:00")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Signed, 10:00.")
    page.get_by_role("link", name="Correct this note").click()
    page.get_by_label(FIRST).fill("By hand, slowly.")
    page.get_by_label("Why it is corrected").fill("A word was missing")
    page.get_by_role("button", name="Sign the correction").click()
    expect(page.locator("ins")).to_contain_text(", slowly")
    page.get_by_text("Add an addendum").click()
    page.get_by_label("What was not known at signing").fill("At school too.")
    page.get_by_role("button", name="Sign the addendum").click()
    expect(page.get_by_text("Your addendum is part of the note now.")).to_be_visible()
    assert_no_overflow(page)


def test_a_student_signs_and_an_ot_cosigns(live: Live, open_page: OpenPage):
    live.child  # noqa: B018
    page = at_work(live, open_page(), new(live), live.student)
    page.keyboard.type("Scissors went well.")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#said")).to_contain_text("It awaits a co-signature now.")
    place = page.url.removeprefix(live.base_url)
    ot = at_work(live, open_page(), place)
    ot.get_by_role("button", name="Co-sign this note").click()
    expect(ot.locator("#said")).to_have_text("Co-signed. Thank you.")
    answer = live.services.doors.ask(live.ot, ReadNote(live.child, UUID(place.rsplit("/", 1)[1])))
    assert answer.note.status == "cosigned"
    assert live.services.doors.ask(live.ot, ReadCaseload()).awaiting == []


def assert_no_overflow(page: Page) -> None:
    size = page.viewport_size
    assert size is not None
    box = page.locator("main").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= size["width"]
